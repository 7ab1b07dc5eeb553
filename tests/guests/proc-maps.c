/* Shows: /proc/self/maps: areas, permissions, names, merging and splitting, and the other files about oneself. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "show.h"

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS, PAGE = 4096 };

static int bss_word;
static int data_word = 1;

/* Prints the parts of [from, to) as the file has them, addresses relative to `from` and in pages. */
static void areas(const char *what, char *from, char *to) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[300];
    printf("%s:", what);
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char flags[5];
        if (sscanf(line, "%lx-%lx %4s", &start, &end, flags) != 3) printf(" bad line %s", line);
        if (end <= (unsigned long)from || start >= (unsigned long)to) continue;
        if (start < (unsigned long)from) start = (unsigned long)from;
        if (end > (unsigned long)to) end = (unsigned long)to;
        printf(" %lu-%lu %s", (start - (unsigned long)from) / PAGE, (end - (unsigned long)from) / PAGE, flags);
    }
    printf("\n");
    fclose(maps);
}

/* Flags and name of the area that holds the address. */
static void find(const char *what, const void *address) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[300];
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end, offset, inode;
        char flags[5], device[12], name[200] = "";
        sscanf(line, "%lx-%lx %4s %lx %11s %lu %199s", &start, &end, flags, &offset, device, &inode, name);
        if ((unsigned long)address < start || (unsigned long)address >= end) continue;
        const char *base = strrchr(name, '/') ? "the program" : name;
        printf("%s: %s %s, file: %d\n", what, flags, *base ? base : "no name", inode != 0);
    }
    fclose(maps);
}

int main(void) {
    find("code", (void *)main);
    find("data", &data_word);
    find("heap", malloc(10));
    int local;
    find("stack", &local);
    find("bss", &bss_word);
    char *area = mmap(NULL, 10 * PAGE, PROT_NONE, ANON, -1, 0), *end = area + 10 * PAGE;
    munmap(area, 10 * PAGE);
    mmap(area + PAGE, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    areas("one", area, end);
    mprotect(area + 3 * PAGE, 2 * PAGE, PROT_READ);
    areas("split", area, end);
    mprotect(area + 3 * PAGE, 2 * PAGE, RW);
    areas("joined", area, end);
    munmap(area + 4 * PAGE, PAGE);
    areas("hole", area, end);
    mmap(area + 4 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
    areas("filled", area, end);
    mprotect(area + 8 * PAGE, PAGE, PROT_READ | PROT_EXEC);
    mmap(area + 5 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    areas("mixed", area, end);

    char text[200], *position;
    FILE *file = fopen("/proc/self/stat", "r");
    if (!fgets(text, sizeof text, file)) return 1;
    show(atoi(text) == getpid());
    position = strrchr(text, ')');
    printf("state %c, parent right: %d\n", position[2], atoi(position + 4) == getppid());
    fclose(file);
    file = fopen("/proc/self/cmdline", "r");
    show(fread(text, 1, sizeof text, file) > 1);
    fclose(file);
    show(readlink("/proc/self/exe", text, sizeof text) > 1);
    show(access("/proc/self/status", R_OK));
    try(access("/proc/self/nothing", R_OK));
    return 0;
}
