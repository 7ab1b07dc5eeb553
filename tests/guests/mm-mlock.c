/* Shows: mlock, mlock2, munlock: pages brought in, splits, what is locked after fork and mremap, errors. */
#include "mm.h"

static long locked(void) {
    char line[100];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file)) sscanf(line, "VmLck: %ld", &kib);
    fclose(file);
    return kib;
}

int main(void) {
    plain_memory();
    char *area = lonely(16, RW, ANON);
    show(locked());
    show(mlock(area + 2 * PAGE + 5, 2 * PAGE));
    maps("three pages", area, 16);
    pagemap("brought in", area, 16);
    show(locked());
    show(munlock(area + 3 * PAGE, 1));
    maps("the middle unlocked", area, 16);
    show(locked());
    show(munlock(area, 16 * PAGE));
    maps("all unlocked", area, 16);
    show(syscall(SYS_mlock2, area + 8 * PAGE, 4 * PAGE, 1 /* MLOCK_ONFAULT */));
    pagemap("not brought in", area, 16);
    smaps("on fault", area + 8 * PAGE);
    area[9 * PAGE] = 1;
    smaps("one touched", area + 8 * PAGE);
    show(syscall(SYS_mlock2, area + 8 * PAGE, 2 * PAGE, 0));
    maps("two kinds", area, 16);
    pid_t child = forked();
    if (child == 0) {
        show(locked());
        maps("the child", area, 16);
        leave(0);
    }
    reap(child);
    char *moved = mremap(area + 8 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place(8));
    show(locked());
    smaps("moved", moved);
    show(munmap(moved, 2 * PAGE));
    show(locked());
    try(syscall(SYS_mlock2, area, PAGE, 2));
    try(mlock(area, 17 * PAGE));
    maps("before the hole", area, 16);
    try(mlock(area + 16 * PAGE, PAGE));
    try(munlock(area, 17 * PAGE));
    try(mlock(area, 0));
    try(munlock(area + 1, 0));
    char *none = lonely(2, PROT_NONE, ANON);
    try(mlock(none, PAGE));
    smaps("locked none the less", none);
    char *readonly = lonely(2, PROT_READ, ANON);
    try(mlock(readonly, 2 * PAGE));
    pagemap("read-only", readonly, 2);
    mprotect(readonly, 2 * PAGE, RW);
    pagemap("made writable", readonly, 2);
    int fd = memfd_create("file", 0);
    ftruncate(fd, PAGE);
    char *file = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    try(mlock(file, 2 * PAGE));
    return 0;
}
