/* Shows: (Linux 6.17) mremap moves several mappings at once, and the gaps stay. */
#include "mm.h"

static char *area;

static void fresh(void) {
    munmap(area, 64 * PAGE);
    mmap(area, 3 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    mmap(area + 3 * PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    mmap(area + 7 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (int i = 0; i < 3; i++) area[i * PAGE] = 'a' + i;
    area[7 * PAGE] = 's';
}

static void move(const char *what, int from, int old, int new, int flags, int to) {
    char *got = mremap(area + from * PAGE, old * PAGE, new * PAGE, flags, area + to * PAGE);
    printf("%s: ", what);
    if (got == MAP_FAILED) printf("%s\n", strerror(errno));
    else printf("%ld\n", (long)(got - area) / PAGE);
    maps(" ", area, 64);
    fresh();
}

int main(void) {
    area = place(64);
    fresh();
    enum { TO = MREMAP_MAYMOVE | MREMAP_FIXED };
    move("two mappings", 0, 5, 5, TO, 32);
    move("with a gap", 0, 9, 9, TO, 32);
    move("parts", 1, 7, 7, TO, 32);
    move("beginning in a gap", 5, 4, 4, TO, 32);
    move("ending in a gap", 0, 6, 6, TO, 32);
    move("beyond the last", 0, 12, 12, TO, 32);
    move("growing", 0, 9, 10, TO, 32);
    move("shrinking", 0, 9, 4, TO, 32);
    move("shrinking over two", 0, 9, 8, TO, 32);
    move("not fixed", 0, 9, 9, MREMAP_MAYMOVE, 0);
    move("in place", 0, 9, 9, 0, 0);
    move("staying", 0, 9, 9, TO | MREMAP_DONTUNMAP, 32);
    move("overlapping", 0, 9, 9, TO, 8);
    mmap(area + 34 * PAGE, 4 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    move("over another", 0, 9, 9, TO, 32);
    mmap(area + 34 * PAGE, 10 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    mremap(area, 9 * PAGE, 9 * PAGE, TO, area + 32 * PAGE);
    printf("%c%c%c%d%c\n", area[32 * PAGE], area[33 * PAGE], area[34 * PAGE], area[35 * PAGE], area[39 * PAGE]);
    return 0;
}
