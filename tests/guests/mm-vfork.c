/* Shows: vfork shares the memory of the parent until the child ends; CLONE_VM; what fork would have kept apart. */
#include "mm.h"
#include <sched.h>

static volatile int shared, copied;
static char *mapped;

static int thread(void *argument) {
    mapped = lonely(2, RW, ANON);
    strcpy(mapped, argument);
    return 0;
}

int main(void) {
    plain_memory();
    volatile char *area = lonely(4, RW, ANON);
    area[0] = 'p';
    pid_t child = vfork();
    if (child == 0) {
        shared = 1, area[0] = 'c', area[PAGE] = 'n';
        _exit(5);
    }
    reap(child);
    printf("%d %c %c\n", shared, area[0], area[PAGE]);
    pagemap("alone", (char *)area, 4);
    child = forked();
    if (child == 0) {
        copied = 1, area[0] = 'x';
        leave(0);
    }
    reap(child);
    printf("%d %c\n", copied, area[0]);
    char *stack = lonely(16, RW, ANON);
    fflush(stdout);
    child = clone(thread, stack + 16 * PAGE, CLONE_VM | SIGCHLD, "from the clone");
    reap(child);
    printf("%s\n", mapped);
    fflush(stdout);
    child = clone(thread, stack + 16 * PAGE, SIGCHLD, "from a copy");
    reap(child);
    printf("%s\n", mapped);
    fflush(stdout);
    child = vfork();
    if (child == 0) {
        mprotect((char *)area, PAGE, PROT_NONE);
        _exit(0);
    }
    reap(child);
    catch_faults((char *)area);
    attempt(load(area));
    return 0;
}
