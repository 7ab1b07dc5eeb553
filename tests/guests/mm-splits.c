/* Shows: mappings split and merge: by rights, flags, kinds, file offsets, pages touched on either side, and fork. */
#include "mm.h"

static char *area;

static char *map(int page, int pages, int prot, int flags, int fd, int offset) {
    return mmap(area + page * PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd, offset * PAGE);
}

static void fresh(void) { munmap(area, 24 * PAGE); }

int main(void) {
    int fd = memfd_create("file", 0);
    ftruncate(fd, 24 * PAGE);
    area = place(24);
    map(0, 2, RW, ANON, -1, 0), map(2, 2, RW, ANON, -1, 0);
    maps("side by side", area, 24);
    map(6, 2, RW, ANON, -1, 0), map(4, 2, RW, ANON, -1, 0);
    maps("filled gap", area, 24);
    map(8, 2, PROT_READ, ANON, -1, 0);
    maps("other rights", area, 24);
    mprotect(area + 8 * PAGE, 2 * PAGE, RW);
    maps("same rights", area, 24);
    for (int i = 1; i < 9; i += 2) mprotect(area + i * PAGE, PAGE, PROT_READ);
    maps("comb", area, 24);
    mprotect(area, 10 * PAGE, PROT_READ);
    maps("one", area, 24);
    fresh();
    map(0, 2, RW, ANON, -1, 0), map(4, 2, RW, ANON, -1, 0);
    area[0] = 1, area[4 * PAGE] = 1;
    map(2, 2, RW, ANON, -1, 0);
    maps("between two with pages of their own", area, 24);
    fresh();
    map(0, 4, RW, ANON, -1, 0);
    area[0] = 1;
    mprotect(area + 2 * PAGE, 2 * PAGE, PROT_READ);
    mprotect(area + 2 * PAGE, 2 * PAGE, RW);
    maps("apart and together", area, 24);
    fresh();
    map(0, 2, RW, MAP_SHARED, fd, 0), map(2, 2, RW, MAP_SHARED, fd, 2);
    maps("file in order", area, 24);
    map(4, 2, RW, MAP_SHARED, fd, 0);
    maps("file out of order", area, 24);
    map(6, 2, RW, MAP_PRIVATE, fd, 2);
    maps("private part", area, 24);
    map(8, 2, PROT_READ, MAP_SHARED, fd, 4), map(10, 2, PROT_READ, MAP_SHARED, dup(fd), 6);
    maps("same open file by another descriptor", area, 24);
    fresh();
    map(0, 2, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), map(2, 2, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    maps("two shared memories", area, 24);
    mprotect(area + PAGE, PAGE, PROT_READ);
    mprotect(area + PAGE, PAGE, RW);
    maps("one of them apart and together", area, 24);
    fresh();
    map(0, 2, RW, ANON | MAP_NORESERVE, -1, 0), map(2, 2, RW, ANON, -1, 0);
    maps("without reserve", area, 24);
    map(4, 2, RW, ANON | MAP_GROWSDOWN, -1, 0), map(6, 2, RW, ANON | MAP_STACK, -1, 0);
    maps("growing down", area, 24);
    fresh();
    map(0, 8, RW, ANON, -1, 0);
    area[3 * PAGE] = 1;
    pid_t child = forked();
    if (child == 0) {
        mprotect(area + 2 * PAGE, 2 * PAGE, PROT_READ);
        map(8, 2, RW, ANON, -1, 0);
        maps("the child splits and adds", area, 24);
        mprotect(area + 2 * PAGE, 2 * PAGE, RW);
        maps("and joins", area, 24);
        leave(0);
    }
    reap(child);
    maps("the parent", area, 24);
    return 0;
}
