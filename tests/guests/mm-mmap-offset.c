/* Shows: offsets of mmap2 and the old mmap, with a structure; lengths that round and overflow. */
#include "mm.h"

static long old(unsigned long address, unsigned long length, long prot, long flags, long fd, unsigned long offset) {
    unsigned long arguments[6] = {address, length, prot, flags, fd, offset};
    return syscall(SYS_mmap, arguments);
}

static long new(unsigned long length, int flags, int fd, unsigned long page) {
    return syscall(SYS_mmap2, NULL, length, PROT_READ, flags, fd, page);
}

int main(void) {
    int fd = memfd_create("file", 0);
    char text[] = "0";
    for (int i = 0; i < 10; i++) text[0] = '0' + i, pwrite(fd, text, 1, i * PAGE);
    char *third = (char *)old(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE);
    printf("%c\n", *third);
    try(old(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE + 1));
    try(old(0, 0, PROT_READ, MAP_PRIVATE, fd, 0));
    try(old(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
    try(syscall(SYS_mmap, 8));
    printf("%c\n", *(char *)new(PAGE, MAP_SHARED, fd, 9));
    char *area = (char *)new(3 * PAGE - 1, MAP_PRIVATE, fd, 7);
    printf("%c%c%c\n", area[0], area[PAGE], area[2 * PAGE]);
    maps("area", area, 3);
    show(new(PAGE, MAP_SHARED, fd, 0xfffffffe) != -1);
    /* The last page that a file of a 32-bit system can have. */
    show(new(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0x12345) != -1);
    try(new(0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    try(new(0xfffff001, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    try(new(0xffffffff, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    try(new(0xffffe000, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char *shared = (char *)syscall(SYS_mmap2, NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 5);
    maps("shared, with an offset", shared, 1);
    return 0;
}
