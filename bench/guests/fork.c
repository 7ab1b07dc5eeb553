/* Lesson: fork, copy-on-write in the child and in the parent, exit, wait. */
#include "bench.h"

enum { PAGES = 128 };

const unsigned full_rounds = 1200;

unsigned work(unsigned rounds) {
    volatile unsigned *area = anonymous(PAGES * PAGE);
    unsigned sum = 0;
    for (unsigned page = 0; page < PAGES; page++) area[page * 1024] = page;
    while (rounds--) {
        int child = fork(), status;
        unsigned step = child ? 8 : 2;
        for (unsigned page = 0; page < PAGES; page += step) area[page * 1024] += page + rounds;
        if (child == 0) exit_process(area[2 * 1024] & 127);
        waitpid(child, &status);
        sum = sum * 31 + status + area[8 * 1024];
    }
    return sum;
}
