/* Shows: MADV_FREE: pages stay until memory is short, clean and unreferenced; a write keeps them. */
#include "mm.h"

static void look(const char *what, const char *area) {
    static char line[200];
    FILE *file = fopen("/proc/self/smaps", "r");
    int found = 0;
    unsigned long start, end;
    printf("%s:", what);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) found = start == (uintptr_t)area;
        else if (found && (!strncmp(line, "Private", 7) || !strncmp(line, "Shared_D", 8)) && !strstr(line, "Huge"))
            printf(" %.*s %d", (int)strcspn(line, ":"), line, atoi(line + 16));
    }
    printf("\n");
    fclose(file);
}

int main(void) {
    plain_memory();
    char *area = lonely(8, RW, ANON), *shared = lonely(8, RW, MAP_SHARED | MAP_ANONYMOUS);
    memset(area, 1, 8 * PAGE);
    look("written", area);
    show(madvise(area, 6 * PAGE, MADV_FREE));
    look("six freed", area);
    for (int i = 0; i < 2; i++) area[i * PAGE] = 2;
    look("two written again", area);
    printf("%d %d %d %d\n", area[0], area[PAGE], area[6 * PAGE], area[7 * PAGE]);
    show(madvise(area, 8 * PAGE, MADV_DONTNEED));
    look("none", area);
    try(madvise(shared, PAGE, MADV_FREE));
    mlock(area, PAGE);
    try(madvise(area, PAGE, MADV_FREE));
    try(madvise(area, 9 * PAGE, MADV_FREE));
    munlock(area, PAGE);
    memset(area, 1, 8 * PAGE);
    pid_t child = forked();
    if (child == 0) {
        show(madvise(area, 4 * PAGE, MADV_FREE));
        look("shared pages", area);
        area[0] = 3;
        leave(0);
    }
    reap(child);
    printf("%d\n", area[0]);
    return 0;
}
