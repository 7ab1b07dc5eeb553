/* Shows: shared anonymous memory: between relatives, grown, unmapped by one, behind the end, after the maker has gone. */
#include "mm.h"

int main(void) {
    char *area = lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS);
    strcpy(area, "from the parent");
    pid_t child = forked();
    if (child == 0) {
        printf("%s\n", area);
        strcpy(area + PAGE, "from the child");
        mprotect(area, PAGE, PROT_NONE);
        pid_t grandchild = forked();
        if (grandchild == 0) {
            strcpy(area + 2 * PAGE, "from the grandchild");
            munmap(area + PAGE, PAGE);
            maps("the grandchild", area, 4);
            leave(0);
        }
        reap(grandchild);
        maps("the child", area, 4);
        leave(0);
    }
    reap(child);
    maps("the parent", area, 4);
    printf("%s, %s, %s\n", area, area + PAGE, area + 2 * PAGE);
    pagemap("pages", area, 4);
    char *zero = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, open("/dev/zero", O_RDWR), 0);
    zero[0] = 'z';
    child = forked();
    if (child == 0) {
        zero[1] = 'y';
        leave(0);
    }
    reap(child);
    printf("%s\n", zero);
    char *private = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0);
    private[0] = 'p';
    child = forked();
    if (child == 0) {
        private[1] = 'q';
        leave(0);
    }
    reap(child);
    printf("%s\n", private);
    char *twin = mremap(area, 0, 4 * PAGE, MREMAP_MAYMOVE);
    printf("%s\n", twin);
    munmap(area, 4 * PAGE);
    printf("%s\n", twin + PAGE);
    char *bigger = mremap(twin, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    catch_faults(bigger);
    attempt(load(bigger + 3 * PAGE));
    attempt(load(bigger + 4 * PAGE));
    /* A counter that all add to. */
    volatile int *counter = (int *)bigger;
    *counter = 0;
    for (int i = 0; i < 3; i++) {
        child = forked();
        if (child == 0) {
            for (int n = 0; n < 1000; n++) __sync_fetch_and_add(counter, 1);
            leave(0);
        }
    }
    while (wait(NULL) > 0) {}
    printf("%d\n", *counter);
    return 0;
}
