/* Shows: what mmap, munmap, mprotect, madvise, msync, mincore and mlock answer to right and wrong arguments. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "show.h"

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS, PAGE = 4096 };

int main(void) {
    char *area = mmap(NULL, 16 * PAGE, RW, ANON, -1, 0);
    unsigned char resident[16];
    show(area != MAP_FAILED);
    try(mmap(NULL, 0, RW, ANON, -1, 0));
    try(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
    try(mmap(area + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    try(mmap(NULL, 0xfffff000u, RW, ANON, -1, 0));
    try(mmap((void *)0xffffe000, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0));
    try(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
    try(mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 0));
    try(mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 100));
    try(mmap(area, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
    show(mmap(area + 3 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) == area + 3 * PAGE);
    show(mmap(area + 5 * PAGE, 2 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0) == area + 5 * PAGE);

    int ends[2];
    if (pipe(ends)) return 1;
    try(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
    int exe = open("/proc/self/exe", O_RDONLY);
    try(mmap(NULL, PAGE, RW, MAP_SHARED, exe, 0));
    show(mmap(NULL, PAGE, RW, MAP_PRIVATE, exe, 0) != MAP_FAILED);
    show(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, exe, 0) != MAP_FAILED);
    char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, exe, 0);
    try(mprotect(shared, PAGE, RW));

    try(munmap(area + 1, PAGE));
    try(munmap(area, 0));
    try(munmap(area + 8 * PAGE, 2 * PAGE));
    try(munmap(area + 8 * PAGE, 2 * PAGE));
    try(munmap(area + 7 * PAGE, 4 * PAGE));
    try(munmap((void *)0xfffff000, 2 * PAGE));
    try(mprotect(area + 1, PAGE, PROT_READ));
    try(mprotect(area, 0, PROT_READ));
    try(mprotect(area, 16 * PAGE, PROT_READ));
    try(mprotect(area + 8 * PAGE, PAGE, PROT_READ));
    try(mprotect(area, PAGE, 0x100));
    try(mprotect(area, 7 * PAGE, RW));

    for (int i = 0; i < 5; i += 2) area[i * PAGE] = i + 1;
    try(mincore(area, 5 * PAGE, resident));
    for (int i = 0; i < 5; i++) printf("%d%s", resident[i] & 1, i == 4 ? "\n" : "");
    try(madvise(area + 2 * PAGE, PAGE, MADV_DONTNEED));
    printf("after MADV_DONTNEED %d, its neighbour %d\n", area[2 * PAGE], area[4 * PAGE]);
    try(madvise(area + 1, PAGE, MADV_DONTNEED));
    try(madvise(area, 7 * PAGE, 12345));
    try(madvise(area, 16 * PAGE, MADV_DONTNEED));
    printf("before the hole it worked: %d\n", area[4 * PAGE]);
    try(mincore(area, 16 * PAGE, resident));
    try(mincore(area + 1, PAGE, resident));
    try(msync(area, 4 * PAGE, MS_SYNC));
    try(msync(area, 4 * PAGE, MS_SYNC | MS_ASYNC));
    try(msync(area, 16 * PAGE, MS_ASYNC));
    try(mlock(area, PAGE));
    try(munlock(area, PAGE));
    try(mlock(area, 16 * PAGE));
    try(read(ends[0], area, 0));
    try(write(ends[1], area + 8 * PAGE, 10));
    try(write(ends[1], area + 7 * PAGE - 5, 5));
    return 0;
}
