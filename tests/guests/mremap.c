/* Shows: mremap grows, shrinks and moves areas with their contents, splits them, and its errors. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "show.h"

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS, PAGE = 4096 };

static char *area(int pages) {
    char *start = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);
    for (int i = 0; i < pages; i++) start[i * PAGE] = 'a' + i;
    return start;
}

static void print(const char *what, const char *start, int pages) {
    printf("%s: ", what);
    for (int i = 0; i < pages; i++) putchar(start[i * PAGE] ? start[i * PAGE] : '0');
    putchar('\n');
}

int main(void) {
    char *room = mmap(NULL, 64 * PAGE, PROT_NONE, ANON, -1, 0), *here = room + 8 * PAGE;
    munmap(room, 64 * PAGE);
    mmap(here, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    for (int i = 0; i < 4; i++) here[i * PAGE] = 'a' + i;

    show(mremap(here, 4 * PAGE, 8 * PAGE, 0) == here);
    print("grown in place", here, 8);
    show(mremap(here, 8 * PAGE, 2 * PAGE, 0) == here);
    print("shrunk", here, 2);
    show(mremap(here, 2 * PAGE, 3 * PAGE, 0) == here);
    print("grown again", here, 3);
    mmap(here + 3 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
    try(mremap(here, 3 * PAGE, 5 * PAGE, 0));
    char *moved = mremap(here, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
    show(moved != here && moved != MAP_FAILED);
    print("moved", moved, 5);
    try(msync(here, PAGE, MS_ASYNC));

    char *target = area(10), *source = area(4);
    show(mremap(source, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 3 * PAGE) == target + 3 * PAGE);
    print("over others", target, 10);
    show(mremap(target + 4 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
    print("one out of the middle, to the front", target, 4);
    try(msync(target + 4 * PAGE, PAGE, MS_ASYNC));
    mprotect(target + 1 * PAGE, PAGE, PROT_READ);
    try(mremap(target, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
    source = area(3);
    char *copy = mremap(source, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    if (copy != MAP_FAILED) {
        print("left behind", source, 3);
        print("taken away", copy, 3);
    }
    try(mremap(target + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    try(mremap(target, PAGE, 0, MREMAP_MAYMOVE));
    try(mremap(target, PAGE, PAGE, 0x80));
    try(mremap(target, PAGE, PAGE, MREMAP_FIXED, room));
    try(mremap(target, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 1));
    try(mremap(target, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE));
    try(mremap(room + 40 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    try(mremap(target, PAGE, 0xfffff000u, MREMAP_MAYMOVE));
    char *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared[0] = 's';
    char *twin = mremap(shared, 0, PAGE, MREMAP_MAYMOVE);
    shared[0] = 't';
    print("old size 0 makes a second view of a shared area", twin, 1);
    return 0;
}
