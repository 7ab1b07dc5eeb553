/* Shows: munmap of parts, of several, of nothing, of what the program runs on; its errors. */
#include "mm.h"

int main(void) {
    char *area = lonely(16, RW, ANON);
    for (int i = 0; i < 16; i++) area[i * PAGE] = i + 1;
    show(munmap(area + 3 * PAGE, 1));
    maps("one byte is a page", area, 16);
    show(munmap(area + 5 * PAGE, 2 * PAGE + 1));
    maps("three pages", area, 16);
    show(munmap(area + 2 * PAGE, 8 * PAGE));
    maps("over holes", area, 16);
    show(munmap(area + 4 * PAGE, 2 * PAGE));
    maps("nothing there", area, 16);
    show(munmap(area - 2 * PAGE, 3 * PAGE));
    maps("the start", area, 16);
    show(munmap(area + 15 * PAGE, 3 * PAGE));
    maps("the end", area, 16);
    printf("%d %d\n", area[PAGE], area[14 * PAGE]);
    try(munmap(area + 1, PAGE));
    try(munmap(area + PAGE, 0));
    try(munmap((void *)0xfffff000u, PAGE));
    try(munmap(area, 0xfffff000u));
    try(munmap(area, 0xffffffffu));
    try(munmap(NULL, PAGE));
    catch_faults(area);
    attempt(load(area + 2 * PAGE));
    attempt(store(area + 15 * PAGE, 1));
    show(mmap(area + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == area + 2 * PAGE);
    printf("fresh: %d\n", area[2 * PAGE]);
    maps("joined", area, 16);
    return 0;
}
