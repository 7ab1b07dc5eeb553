/* Shows: RLIMIT_MEMLOCK for who is not root: mlock, MAP_LOCKED, mremap, mlockall, MCL_FUTURE. */
#include "mm.h"

static void limit(long pages) {
    struct rlimit limits = {pages * PAGE, 64 * PAGE};
    printf("limit %ld: %d\n", pages, setrlimit(RLIMIT_MEMLOCK, &limits));
}

int main(void) {
    plain_memory();
    if (geteuid() == 0 && (setgid(5) || setuid(5))) return 1;
    char *area = lonely(32, RW, ANON), *other = place(16);
    limit(8);
    try(mlock(area, 9 * PAGE));
    try(mlock(area, 8 * PAGE));
    try(mlock(area + 8 * PAGE, PAGE));
    try(mlock(area + 4 * PAGE, 4 * PAGE));
    try(mlock(area + 4 * PAGE, 5 * PAGE));
    try(munlock(area, 4 * PAGE));
    try(mlock(area + 8 * PAGE, 4 * PAGE));
    maps("locked", area, 32);
    try(mmap(other, PAGE, RW, ANON | MAP_LOCKED | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(mremap(area + 8 * PAGE, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
    try(munlock(area, 32 * PAGE));
    try(mmap(other, 9 * PAGE, RW, ANON | MAP_LOCKED | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(mmap(other, 8 * PAGE, RW, ANON | MAP_LOCKED | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(mmap(other, PAGE, RW, ANON | MAP_LOCKED | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(munmap(other, 8 * PAGE));
    try(mlockall(MCL_CURRENT));
    try(mlockall(MCL_FUTURE));
    try(mmap(other, 9 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(mmap(other, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == other ? 0 : -1);
    smaps("locked from the start", other);
    try(brk(sbrk(0) + 10 * PAGE));
    try(munlockall());
    smaps("no longer", other);
    limit(0);
    try(mlock(area, PAGE));
    try(mlock(area, 0));
    try(mlockall(MCL_FUTURE));
    try(mmap(other, PAGE, RW, ANON | MAP_LOCKED | MAP_FIXED, -1, 0) == other ? 0 : -1);
    try(munlock(area, PAGE));
    try(munlockall());
    return 0;
}
