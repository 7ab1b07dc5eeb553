/* Lesson: the stack grows by faults below its lowest page; nobody asks for it. */
#include "sys.h"

enum { FRAME = 8192, DEPTH = 128 };

static unsigned lowest = -1;

/* Each call takes two pages, so a megabyte is reached in steps that all land on unmapped pages. */
__attribute__((noinline)) static unsigned descend(int depth) {
    volatile unsigned char local[FRAME];
    for (int i = 0; i < FRAME; i += 512) local[i] = depth + i / 512;
    if ((unsigned)local < lowest) lowest = (unsigned)local;
    unsigned below = depth > 1 ? descend(depth - 1) : 0;
    unsigned sum = 0;
    for (int i = 0; i < FRAME; i += 512) sum += local[i];
    return below + sum;
}

int guest_main(unsigned *stack) {
    unsigned sum = descend(DEPTH);
    unsigned used = (unsigned)stack - lowest;
    say("%d calls of %d bytes\n", DEPTH, FRAME);
    say("stack grew past 1 MiB: %s\n", used > 1024 * 1024 ? "yes" : "no");
    say("sum %u\n", sum);
    say("sum again, on pages that are there now: %u\n", descend(DEPTH));
    return 0;
}
