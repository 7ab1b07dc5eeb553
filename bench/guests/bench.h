/* Shape of every bench guest: `work` does so many rounds and returns a checksum of what it computed. */
#ifndef BENCH_H
#define BENCH_H

#include "sys.h"

/* Rounds of a full run, about 0.3 s of a 2020s processor; argv[1] is a percentage of it. */
extern const unsigned full_rounds;
unsigned work(unsigned rounds);

int guest_main(unsigned *stack) {
    unsigned percent = stack[0] > 1 ? 0 : 100;
    for (const char *digit = stack[0] > 1 ? (char *)stack[2] : ""; *digit; digit++) percent = percent * 10 + *digit - '0';
    unsigned long long rounds = (unsigned long long)full_rounds * percent / 100;
    say("checksum %08x\n", work(rounds ? rounds : 1));
    return 0;
}

/* xorshift32 of Marsaglia: the guests' only source of variety. */
static inline unsigned next_random(unsigned *state) {
    unsigned x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    return *state = x ^ x << 5;
}

static inline void *anonymous(unsigned size) {
    return mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

#endif
