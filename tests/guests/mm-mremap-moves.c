/* Shows: mremap: growth into free space, into neighbours it merges with, moves out of the middle, over others, onto itself. */
#include "mm.h"

static char *area;

static void fresh(void) {
    munmap(area, 64 * PAGE);
    mmap(area + 8 * PAGE, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    for (int i = 8; i < 16; i++) area[i * PAGE] = 'a' + i - 8;
}

static void result(const char *what, char *got) {
    if (got == MAP_FAILED) printf("%s: %s\n", what, strerror(errno));
    else if (got >= area && got < area + 64 * PAGE) printf("%s: %ld\n", what, (long)(got - area) / PAGE);
    else printf("%s: elsewhere\n", what), munmap(got, PAGE);
    maps(" ", area, 64);
    printf("  ");
    for (int i = 0; i < 64; i++) {
        unsigned char in;
        if (mincore(area + i * PAGE, PAGE, &in)) putchar('.');
        else putchar(area[i * PAGE] ? area[i * PAGE] : '0');
    }
    printf("\n");
    fresh();
}

#define at(page) (area + (page) * PAGE)

int main(void) {
    area = place(64);
    fresh();
    result("grow in place", mremap(at(8), 8 * PAGE, 12 * PAGE, 0));
    result("grow the tail only", mremap(at(12), 4 * PAGE, 8 * PAGE, 0));
    result("grow the head", mremap(at(8), 4 * PAGE, 8 * PAGE, 0));
    result("shrink the middle", mremap(at(10), 4 * PAGE, 2 * PAGE, 0));
    result("move the middle", mremap(at(10), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(30)));
    result("move and grow", mremap(at(10), 2 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(30)));
    result("move and shrink", mremap(at(10), 6 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(30)));
    mmap(at(28), 8 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    result("into the middle of another", mremap(at(8), 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(30)));
    result("right behind", mremap(at(8), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(16)));
    result("right before", mremap(at(14), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(6)));
    result("within itself", mremap(at(8), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(12)));
    result("overlapping", mremap(at(8), 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(10)));
    mmap(at(18), 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    result("grow up to the next", mremap(at(8), 8 * PAGE, 10 * PAGE, 0));
    mmap(at(18), 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    result("grow into the next", mremap(at(8), 8 * PAGE, 11 * PAGE, 0));
    mprotect(at(12), 4 * PAGE, PROT_READ);
    result("a part with other rights", mremap(at(12), 4 * PAGE, 6 * PAGE, 0));
    mmap(at(16), 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    at(16)[0] = 's';
    show(mremap(at(16), 4 * PAGE, 6 * PAGE, 0) == at(16));
    catch_faults(at(16));
    attempt(load(at(19)));
    attempt(load(at(20)));
    attempt(store(at(21), 1));
    return 0;
}
