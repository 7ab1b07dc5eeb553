/* What the guests about huge pages have in common: sizes and places are shown in huge pages, whatever their size is. */
#ifndef HUGE_H
#define HUGE_H

#include "mm.h"

static long huge;

static long huge_page_size(void) {
    char line[200];
    long value = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Hugepagesize:", 13) == 0) value = atol(line + 13) * 1024;
    fclose(file);
    return value;
}

/* The line of maps and the flags of smaps of a mapping, its addresses and sizes in huge pages. */
static void shown(char *area) {
    char line[400];
    FILE *file = fopen("/proc/self/smaps", "r");
    int inside = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end, offset;
        char rights[8], name[200] = "";
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %199[^\n]", &start, &end, rights, &offset, name) >= 4) {
            inside = start >= (unsigned long)area && start < (unsigned long)area + 16 * huge;
            if (inside)
                printf("  +%ld %ld %s %ld %s\n", (long)(start - (unsigned long)area) / huge, (long)(end - start) / huge, rights,
                       (long)offset / huge, name);
        } else if (inside && (strncmp(line, "VmFlags:", 8) == 0 || strncmp(line, "Rss:", 4) == 0)) {
            printf("  %s", line);
        } else if (inside && strncmp(line, "KernelPageSize:", 15) == 0) {
            printf("  page size as meminfo says: %d\n", atol(line + 15) * 1024 == huge);
        }
    }
    fclose(file);
}

/* An aligned place with room for 23 pages. */
static char *huge_place(void) {
    huge = huge_page_size();
    char *room = mmap(0, 24 * huge, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) perror("huge_place"), exit(99);
    munmap(room, 24 * huge);
    return (char *)(((uintptr_t)room + huge - 1) / huge * huge);
}

#endif
