/* Shows: RLIMIT_AS and RLIMIT_DATA: what counts, and which calls fail with them. */
#include "mm.h"

static long kib(const char *name) {
    char line[100];
    long value = -1;
    size_t length = strlen(name);
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, name, length) && line[length] == ':') value = atol(line + length + 1);
    fclose(file);
    return value;
}

static void limit(int which, long pages) {
    struct rlimit limits = {pages < 0 ? RLIM_INFINITY : (rlim_t)pages * PAGE, RLIM_INFINITY};
    setrlimit(which, &limits);
}

static void *map(int pages, int prot, int flags) { return mmap(NULL, pages * PAGE, prot, flags, -1, 0); }

int main(void) {
    plain_memory();
    static char buffer[65536];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    kib("VmSize");
    char *area = lonely(64, RW, ANON), *free_place = place(16);
    long size = kib("VmSize") / 4, data = kib("VmData") / 4;
    show(kib("VmSize") / 4 == size);
    limit(RLIMIT_AS, size + 10);
    try(map(11, PROT_NONE, ANON));
    try(map(11, RW, MAP_SHARED | MAP_ANONYMOUS));
    char *ten = mmap(free_place, 10 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    show(ten == free_place);
    try(map(1, RW, ANON));
    try(mremap(area, 64 * PAGE, 65 * PAGE, MREMAP_MAYMOVE));
    try(mremap(area, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    try(brk(sbrk(0) + 2 * PAGE));
    show(mmap(ten, 10 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == ten);
    try(mmap(ten, 11 * PAGE, RW, ANON | MAP_FIXED, -1, 0));
    show(munmap(ten, 10 * PAGE));
    show(mremap(area, 64 * PAGE, 70 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    limit(RLIMIT_AS, -1);
    area = lonely(64, PROT_READ, ANON);
    data = kib("VmData") / 4;
    limit(RLIMIT_DATA, data + 10);
    char *read_only = map(100, PROT_READ, ANON), *shared = map(100, RW, MAP_SHARED | MAP_ANONYMOUS);
    show(read_only != MAP_FAILED && shared != MAP_FAILED);
    show(kib("VmData") / 4 == data);
    try(map(11, RW, ANON));
    try(mprotect(read_only, 11 * PAGE, RW));
    show(mprotect(read_only, 10 * PAGE, RW));
    show(kib("VmData") / 4 == data + 10);
    try(map(1, RW, ANON));
    try(brk(sbrk(0) + 2 * PAGE));
    show(mprotect(read_only, 10 * PAGE, PROT_NONE));
    show(kib("VmData") / 4 == data);
    show(map(10, RW, ANON) != MAP_FAILED);
    try(mremap(area, 64 * PAGE, 128 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    limit(RLIMIT_DATA, -1);
    char *down = lonely(4, RW, ANON | MAP_GROWSDOWN);
    show(down != MAP_FAILED);
    return 0;
}
