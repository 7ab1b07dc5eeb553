/* Shows: MADV_POPULATE_READ and MADV_POPULATE_WRITE: what is there afterwards, and what they refuse. */
#include "mm.h"

static void both(const char *what, char *area) {
    printf("%s\n", what);
    for (int advice = 22; advice <= 23; advice++) {
        printf("  advice %d: %s\n", advice, madvise(area, 4 * PAGE, advice) ? strerror(errno) : "done");
        pagemap("pages", area, 4);
    }
}

int main(void) {
    plain_memory();
    int fd = memfd_create("file", 0);
    ftruncate(fd, 2 * PAGE);
    both("private", lonely(4, RW, ANON));
    both("shared", lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS));
    both("read-only", lonely(4, PROT_READ, ANON));
    both("write-only", lonely(4, PROT_WRITE, ANON));
    both("not accessible", lonely(4, PROT_NONE, ANON));
    both("past the end of the file", mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0));
    both("private, past the end of the file", mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0));
    char *hole = lonely(4, RW, ANON);
    munmap(hole + 2 * PAGE, PAGE);
    both("a hole", hole);
    char *mixed = lonely(4, RW, ANON);
    mprotect(mixed + 2 * PAGE, PAGE, PROT_READ);
    both("one read-only", mixed);
    char *area = lonely(4, RW, ANON);
    long before = faults();
    madvise(area, 4 * PAGE, MADV_POPULATE_WRITE);
    long populated = faults();
    memset(area, 1, 4 * PAGE);
    show(faults() == populated);
    show(populated - before <= 5);
    return 0;
}
