/* Shows: 100 MB in pieces of all sizes, realloc, calloc, alignment, trimming, and an allocation that must fail. */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include "show.h"

enum { PIECES = 4000 };

static unsigned char *pieces[PIECES];
static size_t sizes[PIECES];

static void fill(int i) {
    for (size_t at = 0; at < sizes[i]; at += 509) pieces[i][at] = i * 7 + at;
    pieces[i][sizes[i] - 1] = i;
}

static unsigned check(int i) {
    unsigned wrong = 0;
    for (size_t at = 0; at + 1 < sizes[i]; at += 509) wrong += pieces[i][at] != (unsigned char)(i * 7 + at);
    return wrong + (pieces[i][sizes[i] - 1] != (unsigned char)i);
}

int main(void) {
    unsigned state = 99, wrong = 0;
    size_t total = 0, small = 0;
    for (int i = 0; i < PIECES; i++) {
        state = state * 1664525 + 1013904223;
        sizes[i] = i % 40 == 0 ? 200000 + state % 1500000 : 1 + (state >> 8) % 10000;
        total += sizes[i];
        small += sizes[i] < 132000;
        pieces[i] = malloc(sizes[i]);
        fill(i);
    }
    printf("%zu bytes, %zu pieces below the mmap threshold\n", total, small);
    for (int i = 0; i < PIECES; i += 2) wrong += check(i), free(pieces[i]);
    for (int i = 0; i < PIECES; i += 2) pieces[i] = malloc(sizes[i] = sizes[i] / 2 + 1), fill(i);
    for (int i = 1; i < PIECES; i += 2) {
        wrong += check(i);
        size_t size = sizes[i] * 3 / 2 + 1;
        pieces[i] = realloc(pieces[i], size);
        wrong += check(i);
        sizes[i] = size;
        fill(i);
    }
    for (int i = 0; i < PIECES; i++) wrong += check(i);
    show(wrong);
    for (int i = 0; i < PIECES; i++) free(pieces[i]);
    show(malloc_trim(0) >= 0);

    unsigned char *cleared = calloc(1000, 3000);
    unsigned dirty = 0;
    for (int i = 0; i < 3000000; i++) dirty |= cleared[i];
    show(dirty);
    cleared = realloc(cleared, 30000000);
    cleared[29999999] = 1;
    cleared = realloc(cleared, 10);
    free(cleared);
    void *aligned = NULL;
    show(posix_memalign(&aligned, 65536, 100));
    show((uintptr_t)aligned % 65536);
    free(aligned);
    aligned = aligned_alloc(4096, 8192);
    show((uintptr_t)aligned % 4096);
    free(aligned);
    volatile size_t huge = 0x7fffff00;
    errno = 0;
    void *none = malloc(huge * 2 - 4096);
    printf("huge: %s %s\n", none ? "given" : "refused", strerror(errno));
    errno = 0;
    none = calloc(huge, 4);
    printf("calloc overflow: %s %s\n", none ? "given" : "refused", strerror(errno));
    show(malloc_usable_size(malloc(100)) >= 100);
    return 0;
}
