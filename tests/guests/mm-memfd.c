/* Shows: memfd_create: names, flags, what it is in maps and /proc/self/fd, sharing with a child. */
#include "mm.h"

int main(void) {
    char path[64], link[100];
    struct stat status;
    int fd = memfd_create("a name", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    link[readlink(path, link, sizeof link - 1)] = 0;
    printf("%s\n", link);
    show(fcntl(fd, F_GETFD));
    show(fcntl(memfd_create("other", 0), F_GETFD));
    fstat(fd, &status);
    printf("mode %o size %d links %d\n", status.st_mode, (int)status.st_size, (int)status.st_nlink);
    show(ftruncate(fd, 3 * PAGE + 5));
    char *area = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    maps("mapped", area, 4);
    area[3 * PAGE] = 'x';
    fstat(fd, &status);
    printf("size %d blocks %d\n", (int)status.st_size, (int)status.st_blocks);
    smaps("shared memory", area);
    pid_t child = forked();
    if (child == 0) {
        area[0] = 'c';
        pwrite(fd, "d", 1, PAGE);
        leave(0);
    }
    reap(child);
    printf("%c%c%c\n", area[0], area[PAGE], area[3 * PAGE]);
    int again = open(path, O_RDONLY);
    show(again >= 0);
    try(mmap(NULL, PAGE, RW, MAP_SHARED, again, 0));
    char byte;
    show(pread(again, &byte, 1, PAGE));
    close(fd), close(again);
    area[PAGE + 1] = 'y';
    printf("%c%c\n", area[PAGE], area[PAGE + 1]);
    static char name[300];
    memset(name, 'n', 249);
    show(memfd_create(name, 0) >= 0);
    name[249] = 'n';
    try(memfd_create(name, 0));
    try(memfd_create("x", 0x100));
    try(memfd_create((char *)8, 0));
    try(memfd_create("x", 0x8 | 0x10 /* both NOEXEC_SEAL and EXEC */));
    show(memfd_create("", MFD_ALLOW_SEALING) >= 0);
    return 0;
}
