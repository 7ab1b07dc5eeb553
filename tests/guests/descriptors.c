/* Shows: dup, dup2, dup3, fcntl, the lowest free descriptor, shared offsets, close_range, EMFILE. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

int main(void) {
    int first = open("/dev/null", O_RDWR), ends[2];
    show(dup(first) == first + 1);
    show(dup(first) == first + 2);
    close(first + 1);
    show(open("/dev/zero", O_RDONLY) == first + 1);
    show(dup2(first, first + 10) == first + 10);
    show(dup2(first, first) == first);
    try(dup2(999, 5));
    try(dup2(999, 999));
    try(dup2(first, -1));
    try(dup3(first, first, 0));
    show(dup3(first, first + 11, O_CLOEXEC) == first + 11);
    show(fcntl(first + 11, F_GETFD));
    show(fcntl(first + 10, F_GETFD));
    show(fcntl(first, F_DUPFD, first + 10) == first + 12);
    show(fcntl(first, F_DUPFD_CLOEXEC, 0) == first + 3);
    show(fcntl(first + 3, F_GETFD));
    show(fcntl(first + 3, F_SETFD, 0));
    show(fcntl(first + 3, F_GETFD));
    show(fcntl(first, F_GETFL) & O_ACCMODE);
    show(fcntl(first + 1, F_GETFL) & O_ACCMODE);
    try(fcntl(first, F_DUPFD, -1));
    try(fcntl(999, F_GETFD));
    try(fcntl(first, 12345));

    /* Flags belong to the open file, which the copies share. */
    show(fcntl(first, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY));
    int flags = fcntl(first + 10, F_GETFL);
    printf("append %d nonblock %d mode %d\n", !!(flags & O_APPEND), !!(flags & O_NONBLOCK), flags & O_ACCMODE);

    int file = open("/proc/self/exe", O_RDONLY), copy = dup(file), again = open("/proc/self/exe", O_RDONLY);
    char bytes[4];
    show(read(file, bytes, 4));
    printf("%ld %ld\n", (long)lseek(copy, 0, SEEK_CUR), (long)lseek(again, 0, SEEK_CUR));
    if (fork() == 0) {
        lseek(file, 100, SEEK_SET);
        close(copy);
        _exit(0);
    }
    wait(NULL);
    show(lseek(copy, 0, SEEK_CUR));

    show(read(first + 1, bytes, 4));
    printf("%d%d%d%d\n", bytes[0], bytes[1], bytes[2], bytes[3]);
    show(read(first, bytes, 4));
    show(write(first, bytes, 4));
    show(isatty(first));
    if (pipe(ends)) return 1;
    int saved = dup(1);
    fflush(stdout);
    dup2(ends[1], 1);
    printf("into the pipe");
    fflush(stdout);
    dup2(saved, 1);
    char text[20] = "";
    show(read(ends[0], text, sizeof text));
    printf("%s\n", text);

    struct rlimit limit = {30, 30};
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = 0, last = -1, fd;
    while ((fd = dup(first)) >= 0) last = fd, count++;
    printf("%s, last %d\n", strerror(errno), last);
    try(pipe(ends));
    show(close(first));
    try(close(first));
    return count > 20;
}
