/* Lesson: the life of a small mapping: mmap, seven faults, mprotect twice, munmap twice. */
#include "bench.h"

enum { PAGES = 8 };

const unsigned full_rounds = 10000;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) {
        char *area = anonymous(PAGES * PAGE);
        for (unsigned page = 0; page < PAGES - 1; page++) ((volatile char *)area)[page * PAGE] = page + rounds;
        sum += mprotect(area + 2 * PAGE, 2 * PAGE, PROT_READ);
        sum = sum * 31 + ((volatile char *)area)[3 * PAGE];
        sum += mprotect(area + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
        sum += munmap(area + 4 * PAGE, PAGE);
        sum += munmap(area, PAGES * PAGE);
    }
    return sum;
}
