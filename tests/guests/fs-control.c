/* Shows: ioctls on files that are no terminals, fcntl flags (root), umask, chmod, times, memfd, mknod, what is refused. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>
#include <utime.h>
#include "show.h"

static void times_of(const char *path) {
    struct stat s;
    lstat(path, &s);
    printf("%s: atime %lld.%09ld mtime %lld.%09ld\n", path, (long long)s.st_atime, s.st_atim.tv_nsec, (long long)s.st_mtime, s.st_mtim.tv_nsec);
}

static void mode_of(const char *path) {
    struct stat s;
    stat(path, &s);
    printf("%s: mode %o\n", path, s.st_mode);
}

int main(void) {
    int fd = open("file", O_CREAT | O_RDWR, 0666), p[2], value = 0;
    struct termios t;
    struct winsize w;
    pipe(p);
    write(fd, "0123456789", 10);
    write(p[1], "abc", 3);
    try(ioctl(fd, TCGETS, &t));
    try(ioctl(p[0], TCGETS, &t));
    try(ioctl(fd, TIOCGWINSZ, &w));
    try(ioctl(fd, TIOCGPGRP, &value));
    try(ioctl(999, TCGETS, &t));
    try(ioctl(fd, 0x12345, &t));
    show(isatty(fd));
    show(ioctl(p[0], FIONREAD, &value) + value);
    lseek(fd, 4, SEEK_SET);
    show(ioctl(fd, FIONREAD, &value) + value);
    try(ioctl(p[0], FIONREAD, 8));
    show(ioctl(fd, FIOCLEX) * 10 + fcntl(fd, F_GETFD));
    show(ioctl(fd, FIONCLEX) * 10 + fcntl(fd, F_GETFD));
    value = 1;
    show(ioctl(p[0], FIONBIO, &value) * 10 + !!(fcntl(p[0], F_GETFL) & O_NONBLOCK));
    show(fcntl(fd, F_SETFL, O_APPEND | O_CREAT | O_WRONLY));
    show(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_CREAT | O_NONBLOCK));
    show(fcntl(fd, F_SETFL, 0) + (fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND)));

    show(umask(027) == 022 || 1);
    show(umask(07777));
    umask(027);
    show(mkdir("directory", 07777));
    mode_of("directory");
    close(open("new", O_CREAT | O_WRONLY, 07777));
    mode_of("new");
    show(chmod("new", 0));
    mode_of("new");
    show(fchmod(fd, 07644));
    mode_of("file");
    show(symlink("file", "link"));
    try(fchmodat(AT_FDCWD, "none", 0600, 0));
    try(chmod("none", 0600));
    show(chown("file", -1, -1));
    mode_of("file");

    struct timespec both[2] = {{1, 2}, {3, 999999999}}, bad[2] = {{1, 1000000000}, {1, 1}};
    show(utimensat(AT_FDCWD, "file", both, 0));
    times_of("file");
    both[0].tv_nsec = UTIME_OMIT, both[1].tv_sec = -5, both[1].tv_nsec = 5;
    show(utimensat(AT_FDCWD, "file", both, 0));
    times_of("file");
    try(utimensat(AT_FDCWD, "file", bad, 0));
    try(utimensat(AT_FDCWD, "none", both, 0));
    try(utimensat(AT_FDCWD, "file", both, 1));
    both[1].tv_nsec = UTIME_OMIT;
    try(utimensat(AT_FDCWD, "none", both, 0));
    both[0] = (struct timespec){77, 7}, both[1] = (struct timespec){88, 8};
    show(utimensat(AT_FDCWD, "link", both, AT_SYMLINK_NOFOLLOW));
    show(futimens(fd, (struct timespec[]){{10, 11}, {12, 13}}));
    times_of("link");
    times_of("file");
    show(utime("link", &(struct utimbuf){1234, 5678}));
    show(utimes("directory", (struct timeval[]){{5, 999999}, {6, 7}}));
    times_of("file");
    times_of("directory");
    try(utimes("file", (struct timeval[]){{5, 1000000}, {6, 7}}));

    int memory = memfd_create("name", MFD_CLOEXEC);
    show(fcntl(memory, F_GETFD));
    show(ftruncate(memory, 10000));
    char *map = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    show(pwrite(memory, "written", 7, 8190));
    printf("%.7s\n", map + 8190);
    strcpy(map + 4094, "mapped");
    char b[64];
    show(pread(memory, b, 6, 4094));
    printf("%.6s\n", b);
    show((b[readlink("/proc/self/fd/" "6", b, 63)] = 0, !strncmp(b, "/memfd:name", 11)) || 1);
    try(memfd_create((char *)8, 0));
    try(memfd_create("x", 0x8000));
    show(fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096) + map[4096]);
    printf("%.2s\n", map + 4094);
    try(fallocate(memory, FALLOC_FL_PUNCH_HOLE, 0, 4096));
    show(fallocate(memory, 0, 0, 20000) + lseek(memory, 0, SEEK_END));
    try(fallocate(memory, 0, -1, 1));
    try(mknod("node", S_IFDIR | 0644, 0));
    show(mknod("node", 0644, 0));
    mode_of("node");
    return 0;
}
