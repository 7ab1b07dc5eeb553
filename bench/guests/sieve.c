/* Lesson: byte stores with growing strides, the sieve of Eratosthenes. */
#include "bench.h"

enum { LIMIT = 1 << 19 };

static unsigned char composite[LIMIT];

const unsigned full_rounds = 500;

unsigned work(unsigned rounds) {
    unsigned count = 0;
    while (rounds--) {
        memset(composite, 0, LIMIT);
        for (unsigned i = 2; i * i < LIMIT; i++) {
            if (composite[i]) continue;
            for (unsigned j = i * i; j < LIMIT; j += i) composite[j] = 1;
        }
        for (unsigned i = 2; i < LIMIT; i++) count += !composite[i];
    }
    return count;
}
