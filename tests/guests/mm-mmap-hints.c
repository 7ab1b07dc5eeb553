/* Shows: where mmap puts things: hints taken, rounded and ignored, top-down search, first gap that fits, FIXED, NOREPLACE. */
#include "mm.h"

static char *room;

/* In pages from `room`, or an error. */
static void at(const char *what, char *address) {
    if (address == MAP_FAILED) printf("%s: %s\n", what, strerror(errno));
    else if (address >= room && address < room + 64 * PAGE) printf("%s: %ld\n", what, (long)(address - room) / PAGE);
    else printf("%s: elsewhere\n", what);
}

static char *map(char *hint, int pages, int flags) { return mmap(hint, pages * PAGE, RW, ANON | flags, -1, 0); }

int main(void) {
    room = place(64);
    at("hint", map(room + 10 * PAGE, 2, 0));
    at("hint inside a page", map(room + 20 * PAGE + 123, 2, 0));
    at("hint on a mapping", map(room + 11 * PAGE, 2, 0));
    at("hint that does not fit", map(room + 9 * PAGE, 2, 0));
    at("hint that just fits", map(room + 8 * PAGE, 2, 0));
    at("fixed over two", map(room + 9 * PAGE, 2, MAP_FIXED));
    at("fixed inside a page", map(room + 1, 1, MAP_FIXED));
    at("noreplace, free", map(room + 30 * PAGE, 2, MAP_FIXED_NOREPLACE));
    at("noreplace, taken", map(room + 31 * PAGE, 2, MAP_FIXED_NOREPLACE));
    at("noreplace inside a page", map(room + 40 * PAGE + 1, 2, MAP_FIXED_NOREPLACE));
    at("both", map(room + 31 * PAGE, 1, MAP_FIXED | MAP_FIXED_NOREPLACE));
    maps("all", room, 64);
    munmap(room, 64 * PAGE);

    /* Fill everything that is small, so that what follows goes into the room. */
    char *big = map(NULL, 64, 0), *below = map(NULL, 64, 0);
    printf("top-down: %d\n", below == big - 64 * PAGE || below < big);
    munmap(big, 64 * PAGE), munmap(below, 64 * PAGE);
    char *reserve = mmap(NULL, 512 * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    char *first = map(NULL, 1, 0), *second = map(NULL, 1, 0);
    printf("two in turn: %ld\n", (long)(first - second) / PAGE);
    munmap(reserve, 512 * PAGE);
    at("beyond the end", map((char *)0xffffe000u, 4, MAP_FIXED));
    at("wraps", map((char *)0xfffff000u, 4, MAP_FIXED));
    at("beyond the end, as a hint", map((char *)0xfffff000u, 4, 0));
    at("more than everything", map(NULL, 0xffff0, 0));
    return 0;
}
