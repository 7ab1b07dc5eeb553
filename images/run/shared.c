/* Lesson: MAP_SHARED survives fork as one page for both, MAP_PRIVATE becomes two. */
#include "sys.h"

static volatile int *counter(int flags) {
    return (volatile int *)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1);
}

int guest_main(unsigned *stack) {
    (void)stack;
    volatile int *together = counter(MAP_SHARED), *apart = counter(MAP_PRIVATE);
    *together = *apart = 100;
    int children[4], status;
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            for (int n = 0; n < 1000; n++) {
                __asm__ volatile("lock incl %0" : "+m"(*together));
                __asm__ volatile("lock incl %0" : "+m"(*apart));
            }
            exit_process(*apart == 1100 ? 0 : 1);
        }
    }
    for (int i = 0; i < 4; i++) {
        waitpid(children[i], &status);
        say("child %d counted its private page alone: %s\n", i, status == 0 ? "yes" : "no");
    }
    say("shared counter %d\nprivate counter %d\n", *together, *apart);
    return 0;
}
