/* Lesson: recursion, an indirect call per comparison and unpredictable branches. */
#include "bench.h"

enum { COUNT = 20000 };

typedef int compare(const unsigned *, const unsigned *);

static int ascending(const unsigned *a, const unsigned *b) { return *a < *b ? -1 : *a > *b; }
static int by_low_half(const unsigned *a, const unsigned *b) { return (int)(*a & 0xffff) - (int)(*b & 0xffff); }

static void swap(unsigned *a, unsigned *b) {
    unsigned kept = *a;
    *a = *b;
    *b = kept;
}

static void sort(unsigned *first, unsigned *last, compare *order) {
    while (first < last) {
        swap(first, first + (last - first) / 2);
        unsigned *border = first;
        for (unsigned *at = first + 1; at <= last; at++) {
            if (order(at, first) < 0) swap(++border, at);
        }
        swap(first, border);
        sort(first, border - 1, order);
        first = border + 1;
    }
}

static unsigned values[COUNT];
static compare *volatile orders[2] = {ascending, by_low_half};

const unsigned full_rounds = 130;

unsigned work(unsigned rounds) {
    unsigned seed = 3, sum = 0;
    while (rounds--) {
        for (int i = 0; i < COUNT; i++) values[i] = next_random(&seed);
        sort(values, values + COUNT - 1, orders[rounds & 1]);
        sum = sum * 31 + values[COUNT / 3];
    }
    return sum;
}
