/* Lesson: brk moves the end of the heap; pages that come back after a shrink come back as zeroes. */
#include "sys.h"

static const char *verdict(int good) { return good ? "yes" : "no"; }

int guest_main(unsigned *stack) {
    (void)stack;
    unsigned start = brk(0);
    say("brk(0) twice gives the same: %s\n", verdict(brk(0) == start));

    unsigned end = brk(start + 3 * PAGE + 100);
    say("grown by %u bytes\n", end - start);
    char *heap = (char *)start;
    int zero = 1;
    for (unsigned i = 0; i < end - start; i++) zero &= heap[i] == 0;
    say("new heap is zero: %s\n", verdict(zero));

    heap[10] = 'a';
    heap[3 * PAGE] = 'b';
    say("shrunk to %u bytes\n", brk(start + PAGE) - start);
    say("grown to %u bytes\n", brk(start + 4 * PAGE) - start);
    say("first page kept its byte: %s\n", verdict(heap[10] == 'a'));
    say("fourth page lost its byte: %s\n", verdict(heap[3 * PAGE] == 0));

    /* A refused brk is no error code: it answers with the old end. */
    say("brk(4096) refused: %s\n", verdict(brk(4096) == start + 4 * PAGE));
    say("brk(kernel space) refused: %s\n", verdict(brk(0xfffff000) == start + 4 * PAGE));
    return 0;
}
