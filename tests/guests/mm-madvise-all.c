/* Shows: every advice of madvise on every kind of mapping, with wrong addresses, lengths and holes. */
#include "mm.h"

/* Huge pages and same-page merging are options of the system's: MADV_MERGEABLE, UNMERGEABLE, HUGEPAGE, NOHUGEPAGE, COLLAPSE. */
static int optional(int advice) { return (advice >= 12 && advice <= 15) || advice == 25 || advice == 100 || advice == 101; }

int main(void) {
    plain_memory();
    int file = memfd_create("file", 0), exe = open("/proc/self/exe", O_RDONLY);
    ftruncate(file, 8 * PAGE);
    for (int advice = 0; advice < 30; advice++) {
        if (optional(advice)) continue;
        char *kinds[] = {
            lonely(4, RW, ANON),
            lonely(4, PROT_READ, ANON),
            lonely(4, PROT_NONE, ANON),
            lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS),
            mmap(NULL, 4 * PAGE, RW, MAP_SHARED, file, 0),
            mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file, 0),
            mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, file, 0),
            mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, exe, 0),
            lonely(4, RW, ANON | MAP_GROWSDOWN),
            lonely(4, RW, ANON | MAP_LOCKED),
        };
        enum { KINDS = sizeof kinds / sizeof *kinds };
        printf("%d:", advice);
        for (int i = 0; i < KINDS; i++) printf(" %d", madvise(kinds[i], 4 * PAGE, advice) ? errno : 0);
        char *area = kinds[0];
        printf(", odd: %d", madvise(area + 1, PAGE, advice) ? errno : 0);
        printf(" %d", madvise(area, 0, advice) ? errno : 0);
        printf(" %d", madvise(area, 1, advice) ? errno : 0);
        printf(" %d", madvise(area, 5 * PAGE, advice) ? errno : 0);
        printf(" %d", madvise(area - PAGE, 5 * PAGE, advice) ? errno : 0);
        printf(" %d\n", madvise(area - PAGE, PAGE, advice) ? errno : 0);
        for (int i = 0; i < KINDS; i++) munmap(kinds[i], 4 * PAGE);
    }
    try(madvise(NULL, 0, -1));
    try(madvise(NULL, 0, 1000));
    return 0;
}
