/* Lesson: REP MOVS, REP STOS and REPE CMPS over aligned, odd and overlapping pieces. */
#include "bench.h"

enum { SIZE = 65536 };

static unsigned char from[SIZE + 64], to[SIZE + 64];

static void copy_words(void *target, const void *source, unsigned count) {
    __asm__ volatile("rep movsl" : "+D"(target), "+S"(source), "+c"(count) : : "memory");
}

static unsigned equal_prefix(const void *a, const void *b, unsigned count) {
    unsigned left = count;
    __asm__ volatile("cmp %%eax, %%eax; repe cmpsb" : "+D"(a), "+S"(b), "+c"(left) : : "memory", "cc");
    return count - left;
}

const unsigned full_rounds = 80000;

unsigned work(unsigned rounds) {
    unsigned seed = 5, sum = 0;
    for (unsigned i = 0; i < sizeof from; i++) from[i] = next_random(&seed);
    while (rounds--) {
        unsigned shift = rounds & 63;
        memset(to, rounds, sizeof to);
        copy_words(to + shift, from, SIZE / 4);
        memcpy(to + 1, from + shift, SIZE / 2);
        for (unsigned length = 1; length < 256; length += 5) memcpy(from + length * 64, to + length * 32 + shift, length);
        sum = sum * 31 + equal_prefix(to + 1, from + shift, 8192) + to[SIZE / 2 + shift];
    }
    return sum;
}
