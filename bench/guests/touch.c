/* Lesson: first touch of fresh pages and nothing else: the cost of a page fault. */
#include "bench.h"

enum { PAGES = 256 };

const unsigned full_rounds = 1200;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) {
        volatile unsigned *area = anonymous(PAGES * PAGE);
        for (unsigned page = 0; page < PAGES; page++) area[page * 1024 + (page & 63)] = page ^ rounds;
        for (unsigned page = 0; page < PAGES; page++) sum = sum * 31 + area[page * 1024 + (page & 63)] + area[page * 1024 + 100];
        munmap((void *)area, PAGES * PAGE);
    }
    return sum;
}
