/* Shows: what madvise changes: flags in smaps, splits and merges. */
#include "mm.h"

int main(void) {
    plain_memory();
    static const int advice[] = {MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP,
                                 MADV_WIPEONFORK, MADV_DODUMP, MADV_KEEPONFORK, MADV_WILLNEED, MADV_COLD, MADV_DONTNEED};
    char *area = lonely(8, RW, ANON);
    for (unsigned i = 0; i < sizeof advice / sizeof *advice; i++) {
        printf("advice %d\n", advice[i]);
        show(madvise(area + 2 * PAGE, 3 * PAGE, advice[i]));
        maps("maps", area, 8);
        smaps("advised", area + 2 * PAGE);
        smaps("before", area);
    }
    madvise(area, 8 * PAGE, MADV_DONTFORK);
    madvise(area + 4 * PAGE, PAGE, MADV_DOFORK);
    pid_t child = forked();
    if (child == 0) {
        maps("the child has", area, 8);
        leave(0);
    }
    reap(child);
    return 0;
}
