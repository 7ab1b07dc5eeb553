/* Shows: files (root): msync with every flag on every kind of mapping, locked ones and holes. */
#include "mm.h"

int main(void) {
    int fd = open("data", O_RDWR | O_CREAT, 0644);
    ftruncate(fd, 4 * PAGE);
    char *areas[3] = {mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0), lonely(4, RW, ANON)};
    for (int kind = 0; kind < 3; kind++)
        for (int flags = 0; flags < 9; flags++) {
            areas[kind][0] = flags;
            printf("kind %d flags %d: %d", kind, flags, msync(areas[kind], 4 * PAGE, flags) ? errno : 0);
            printf(" %d", msync(areas[kind] + 1, PAGE, flags) ? errno : 0);
            printf(" %d\n", msync(areas[kind], 0, flags) ? errno : 0);
        }
    char *room = lonely(12, PROT_NONE, ANON);
    munmap(room, 12 * PAGE);
    mmap(room, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
    mmap(room + 3 * PAGE, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 3 * PAGE);
    room[3 * PAGE] = 'x';
    try(msync(room, 4 * PAGE, MS_SYNC));
    try(msync(room, 4 * PAGE, MS_ASYNC));
    try(msync(room, 5 * PAGE, MS_SYNC));
    try(msync(room + 2 * PAGE, PAGE, MS_SYNC));
    try(msync(room + 4 * PAGE, PAGE, 0));
    try(msync(room, 0xffffffff, MS_SYNC));
    try(msync((void *)0xfffff000u, PAGE, MS_SYNC));
    if (mlock(room, PAGE) == 0) try(msync(room, PAGE, MS_INVALIDATE));
    try(msync(room + 3 * PAGE, PAGE, MS_INVALIDATE | MS_SYNC));
    char byte;
    pread(fd, &byte, 1, 3 * PAGE);
    printf("%c\n", byte);
    return 0;
}
