/* Shows: remap_file_pages: pages of a file in another order, and what it refuses. */
#include "mm.h"

#define remap(address, size, prot, pgoff, flags) syscall(SYS_remap_file_pages, address, size, prot, pgoff, flags)

static void order(const char *what, char *area) {
    printf("%s: ", what);
    for (int i = 0; i < 8; i++) putchar(area[i * PAGE]);
    printf("\n");
    maps(" ", area, 8);
}

int main(void) {
    int fd = memfd_create("file", 0);
    ftruncate(fd, 12 * PAGE);
    char *area = lonely(8, PROT_NONE, ANON);
    mmap(area, 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
    for (int i = 0; i < 8; i++) area[i * PAGE] = 'a' + i;
    order("in order", area);
    show(remap(area + 2 * PAGE, PAGE, 0, 5, 0));
    order("one", area);
    show(remap(area + 5 * PAGE, 2 * PAGE, 0, 0, 0));
    order("two", area);
    area[2 * PAGE] = 'X';
    char byte;
    pread(fd, &byte, 1, 5 * PAGE);
    printf("%c\n", byte);
    show(remap(area + 2 * PAGE, PAGE, 0, 2, 0));
    show(remap(area + 5 * PAGE, 2 * PAGE, 0, 5, 0));
    order("back", area);
    show(remap(area + PAGE + 5, PAGE + 7, 0, 3, 0));
    order("not aligned", area);
    try(remap(area, PAGE, PROT_READ, 0, 0));
    try(remap(area, 0, 0, 0, 0));
    try(remap(area, PAGE - 1, 0, 0, 0));
    try(remap(area, 9 * PAGE, 0, 0, 0));
    try(remap(area - PAGE, PAGE, 0, 0, 0));
    try(remap(area, 0xfffff000, 0, 0, 0));
    try(remap(area, PAGE, 0, 3, MAP_NONBLOCK));
    try(remap(area, PAGE, 0, 3, 0x12345));
    order("with flags", area);
    try(remap(lonely(1, RW, ANON), PAGE, 0, 0, 0));
    try(remap(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0), PAGE, 0, 0, 0));
    char *shared = lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS);
    for (int i = 0; i < 4; i++) shared[i * PAGE] = i;
    try(remap(shared, PAGE, 0, 3, 0));
    printf("%d\n", shared[0]);
    return 0;
}
