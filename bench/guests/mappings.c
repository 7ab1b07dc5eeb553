/* Lesson: many small mappings made, split, protected, joined and removed. */
#include "bench.h"

enum { SLOTS = 64, SPAN = 16 };

const unsigned full_rounds = 600;

unsigned work(unsigned rounds) {
    unsigned seed = 13, sum = 0;
    char *base = anonymous(SLOTS * SPAN * PAGE);
    while (rounds--) {
        for (int i = 0; i < SLOTS; i++) {
            unsigned random = next_random(&seed), first = random % SPAN, count = 1 + random / 16 % (SPAN - first);
            char *slot = base + i * SPAN * PAGE, *start = slot + first * PAGE;
            switch (random >> 29) {
                case 0: munmap(start, count * PAGE); break;
                case 1: mprotect(slot, SPAN * PAGE, PROT_READ | PROT_WRITE); break;
                case 2: mprotect(start, count * PAGE, PROT_NONE); break;
                case 3: mprotect(start, count * PAGE, PROT_READ); break;
                default: mmap(start, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
                         *start = random;
            }
            if (random >> 31) sum = sum * 31 + *start;
        }
    }
    return sum;
}
