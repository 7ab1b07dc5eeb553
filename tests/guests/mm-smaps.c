/* Shows: /proc/self/smaps: every field of known mappings: untouched, read, written, locked, shared, after fork, after exit. */
#include "mm.h"

enum { PAGES = 16 };

static char *private, *shared;

static void both(const char *when) {
    printf("%s\n", when);
    smaps("private", private);
    smaps("shared", shared);
}

int main(void) {
    plain_memory();
    int go[2], done[2];
    char byte = 0;
    pipe(go), pipe(done);
    private = lonely(PAGES, RW, MAP_PRIVATE | MAP_ANONYMOUS);
    shared = lonely(PAGES, RW, MAP_SHARED | MAP_ANONYMOUS);
    both("untouched");
    for (int i = 0; i < 3; i++) (void)*(volatile char *)(private + i * PAGE);
    both("three pages of zeroes");
    for (int i = 0; i < 8; i++) private[i * PAGE] = 1, shared[i * PAGE] = 1;
    both("eight pages written");
    pid_t child = forked();
    if (child == 0) {
        for (int i = 0; i < 2; i++) private[i * PAGE] = 2, shared[i * PAGE] = 2;
        write(done[1], &byte, 1);
        read(go[0], &byte, 1);
        both("the child, two pages written");
        leave(0);
    }
    read(done[0], &byte, 1);
    both("a child has copied two pages");
    private[5 * PAGE] = 3;
    both("the parent has copied one more");
    fflush(stdout);
    write(go[1], &byte, 1);
    reap(child);
    both("the child is gone");
    show(mlock(private, 4 * PAGE));
    both("four pages locked");
    smaps("the rest", private + 4 * PAGE);
    show(munlock(private, 4 * PAGE));
    both("unlocked");
    show(mprotect(private, PAGES * PAGE, PROT_NONE));
    both("PROT_NONE");
    show(mprotect(private, PAGES * PAGE, RW));
    show(madvise(private, 2 * PAGE, MADV_DONTNEED));
    show(madvise(shared, 2 * PAGE, MADV_DONTNEED));
    both("MADV_DONTNEED of two");
    return 0;
}
