/* Lesson: writes to pages that stay: every frame is one that was never used before. A round is 16 pages; wants 256 MiB of RAM. */
#include "bench.h"

enum { PAGES = 16 };

const unsigned full_rounds = 3000;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) {
        volatile unsigned *area = anonymous(PAGES * PAGE);
        for (unsigned page = 0; page < PAGES; page++) area[page * 1024] = page;
        sum = sum * 31 + area[(PAGES - 1) * 1024];
    }
    return sum;
}
