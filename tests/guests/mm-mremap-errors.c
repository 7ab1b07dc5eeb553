/* Shows: (Linux 6.17) mremap: what each combination of flags and lengths answers, at every wrong address. */
#include "mm.h"

static char *area, *target;

static void try_remap(long at, unsigned old, unsigned new, int flags, char *to) {
    void *got = mremap(area + at, old, new, flags, to);
    printf(" %d", got == MAP_FAILED ? errno : 0);
}

int main(void) {
    area = place(64), target = area + 32 * PAGE;
    for (int flags = 0; flags < 17; flags++) {
        printf("flags %d:", flags);
        for (int i = 0; i < 16; i++) {
            static const struct { long at; unsigned old, new; long to; } cases[] = {
                {0, 4, 4, 0}, {0, 4, 8, 0}, {0, 8, 4, 0}, {0, 4, 6, 1}, {0, 0, 4, 0}, {0, 4, 0, 0}, {0, 4, 4, -30}, {0, 4, 4, -34},
                {4, 4, 4, 0}, {10, 1, 1, 0}, {7, 2, 2, 0}, {7, 2, 4, 0}, {-1, 2, 2, 0}, {8, 1, 1, 0}, {0, 9, 9, 0}, {0, 12, 12, 0}};
            mmap(area, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
            mmap(area + 8 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
            munmap(area + 9 * PAGE, 40 * PAGE);
            try_remap(cases[i].at * PAGE, cases[i].old * PAGE, cases[i].new * PAGE, flags, target + cases[i].to * PAGE);
        }
        printf("\n");
    }
    mmap(area, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    munmap(area + 8 * PAGE, 40 * PAGE);
    printf("numbers:");
    try_remap(1, PAGE, PAGE, MREMAP_MAYMOVE, NULL);
    try_remap(0, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 1);
    try_remap(0, PAGE, 0xffffffff, MREMAP_MAYMOVE, NULL);
    try_remap(0, PAGE, 0xfffff000, MREMAP_MAYMOVE, NULL);
    try_remap(0, 0xfffff001, PAGE, MREMAP_MAYMOVE, NULL);
    try_remap(0, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)0xfffff000u);
    try_remap(0, 8 * PAGE, 8 * PAGE - 5, 0, NULL);
    try_remap(0, 8 * PAGE - 5, 8 * PAGE, 0, NULL);
    try_remap(0, PAGE, PAGE, 0x80000000, NULL);
    printf("\n");
    maps("left", area, 64);
    return 0;
}
