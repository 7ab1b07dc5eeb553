/* A chain of pointers, one per page and in random order, so that each load needs the translation of another page. */
#include "bench.h"

static unsigned chase(unsigned pages, unsigned rounds) {
    unsigned seed = 9, *order = anonymous(pages * sizeof *order);
    char *area = anonymous(pages * PAGE);
    for (unsigned i = 0; i < pages; i++) order[i] = i;
    for (unsigned i = pages - 1; i > 0; i--) {
        unsigned j = next_random(&seed) % (i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    /* The offset varies with the page, or all pointers would fall into one set of the data cache. */
    char **at = 0;
    for (unsigned i = 0; i < pages; i++) {
        char **slot = (char **)(area + order[i] * PAGE + order[i] % 64 * 64);
        unsigned next = order[(i + 1) % pages];
        *slot = area + next * PAGE + next % 64 * 64;
        at = slot;
    }
    while (rounds--) {
        for (int i = 0; i < 1000; i++) at = (char **)*at;
    }
    return (char *)at - area;
}
