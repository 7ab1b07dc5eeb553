/* Shows: seals of a memfd: which are there, what each forbids to write, ftruncate and mmap, and how they are added. */
#include "mm.h"

static void attempts(int fd) {
    errno = 0;
    printf("  write %s,", pwrite(fd, "x", 1, 0) < 0 ? strerror(errno) : "done");
    printf(" shrink %s,", ftruncate(fd, PAGE) < 0 ? strerror(errno) : "done");
    printf(" grow %s,", ftruncate(fd, 3 * PAGE) < 0 ? strerror(errno) : "done");
    char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), *private = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
    printf(" shared %s,", shared == MAP_FAILED ? strerror(errno) : "done");
    printf(" private %s,", private == MAP_FAILED ? strerror(errno) : "done");
    char *reader = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    printf(" read-only %s,", reader == MAP_FAILED ? strerror(errno) : "done");
    if (reader != MAP_FAILED) printf(" made writable %s,", mprotect(reader, PAGE, RW) ? strerror(errno) : "done");
    printf(" hole %s\n", fallocate(fd, 3 /* PUNCH_HOLE | KEEP_SIZE */, 0, PAGE) ? strerror(errno) : "done");
    munmap(shared, PAGE), munmap(private, PAGE), munmap(reader, PAGE);
}

int main(void) {
    static const int seals[] = {0, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, 0x10 /* FUTURE_WRITE */};
    for (unsigned i = 0; i < sizeof seals / sizeof *seals; i++) {
        int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
        ftruncate(fd, 2 * PAGE);
        printf("seals %d\n", seals[i]);
        show(fcntl(fd, F_ADD_SEALS, seals[i]));
        show(fcntl(fd, F_GET_SEALS));
        attempts(fd);
        close(fd);
    }
    int plain = memfd_create("plain", 0), file = open("/proc/self/exe", O_RDONLY);
    show(fcntl(plain, F_GET_SEALS));
    try(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
    try(fcntl(file, F_GET_SEALS));
    try(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
    int fd = memfd_create("busy", MFD_ALLOW_SEALING);
    ftruncate(fd, PAGE);
    char *area = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
    try(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    show(fcntl(fd, F_ADD_SEALS, 0x10));
    area[0] = 'w';
    munmap(area, PAGE);
    show(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    try(fcntl(fd, F_ADD_SEALS, 0x1000));
    show(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    try(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    show(fcntl(fd, F_GET_SEALS));
    return 0;
}
