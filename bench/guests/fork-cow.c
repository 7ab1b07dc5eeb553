/* Lesson: fork, 192 pages copied because the child writes to them, exit, wait. */
#include "bench.h"

enum { PAGES = 192 };

const unsigned full_rounds = 700;

unsigned work(unsigned rounds) {
    volatile unsigned *area = anonymous(PAGES * PAGE);
    unsigned sum = 0;
    for (unsigned page = 0; page < PAGES; page++) area[page * 1024] = page;
    while (rounds--) {
        int status, child = fork();
        if (child == 0) {
            for (unsigned page = 0; page < PAGES; page++) area[page * 1024] += rounds;
            exit_process(area[(PAGES - 1) * 1024] & 127);
        }
        waitpid(child, &status);
        sum = sum * 31 + status;
    }
    return sum;
}
