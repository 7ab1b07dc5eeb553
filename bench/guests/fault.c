/* Lesson: writes to fresh pages, whose frames were in use a moment ago: the cost of one page fault. */
#include "bench.h"

enum { PAGES = 256 };

const unsigned full_rounds = 800;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) {
        volatile unsigned *area = anonymous(PAGES * PAGE);
        for (unsigned page = 0; page < PAGES; page++) area[page * 1024] = page;
        sum = sum * 31 + area[(PAGES - 1) * 1024];
        munmap((void *)area, PAGES * PAGE);
    }
    return sum;
}
