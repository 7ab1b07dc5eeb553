/* Lesson: the stride decides how often the TLB misses: same loads, same sum, other hit rate (see --stats). */
#include "sys.h"

enum { PAGES = 128, WORDS = PAGES * 1024 };

static unsigned words[WORDS];

/* Reads every word once. Stride 1 uses a page 1024 times in a row, stride 1024 takes the next page at every load. */
__attribute__((noinline)) static unsigned sweep(unsigned stride) {
    unsigned sum = 0;
    for (unsigned start = 0; start < stride; start++) {
        for (unsigned i = start; i < WORDS; i += stride) sum += words[i];
    }
    return sum;
}

int guest_main(unsigned *stack) {
    for (unsigned i = 0; i < WORDS; i++) words[i] = i * 2654435761u;
    if (stack[0] > 1) {
        unsigned stride = 0;
        for (char *digit = (char *)stack[2]; *digit; digit++) stride = stride * 10 + *digit - '0';
        say("stride %4u words: sum %08x\n", stride, sweep(stride));
        return 0;
    }
    for (unsigned stride = 1; stride <= 1024; stride *= 4) say("stride %4u words: sum %08x\n", stride, sweep(stride));
    return 0;
}
