/* Shows: read, write, seek, their vectors and positions (root): what fails first, limits, appending, sparse files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "show.h"

static char buffer[8192];

static void on_limit(int number) {
    static const char text[] = "limit signal\n";
    (void)number;
    write(1, text, sizeof text - 1);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    int fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0644), in = open("file", O_RDONLY), out = open("file", O_WRONLY);
    int directory = open(".", O_RDONLY), ends[2];
    pipe(ends);
    show(write(fd, "0123456789", 10));
    char *volatile bad_ = (char *)8, *bad = bad_;
    try(read(out, buffer, 1));
    try(write(in, buffer, 1));
    try(read(999, bad, 1));
    try(read(directory, buffer, 1));
    try(read(in, bad, 5));
    try(read(in, bad, 0));
    try(write(fd, bad, 5));
    try(write(fd, (char *)0xc0000000, 5));
    show(lseek(in, 0, SEEK_CUR));
    show(lseek(in, -3, SEEK_END));
    show(read(in, buffer, 100));
    show(read(in, buffer, 100));
    try(lseek(in, -1, SEEK_SET));
    try(lseek(in, 0, 99));
    try(lseek(ends[0], 0, SEEK_SET));
    try(lseek(999, 0, SEEK_SET));
    show(lseek(in, 1000, SEEK_SET));
    show(read(in, buffer, 10));
    show(pread(in, buffer, 4, 8));
    try(pread(in, buffer, 4, -1));
    try(pread(ends[0], buffer, 4, 0));
    try(pwrite(in, buffer, 4, 0));
    show(pwrite(fd, "AB", 2, 4));
    show(lseek(fd, 0, SEEK_CUR));

    struct iovec vector[3] = {{buffer, 3}, {buffer + 10, 0}, {buffer + 20, 4}};
    lseek(in, 0, SEEK_SET);
    show(readv(in, vector, 3));
    printf("%.3s %.4s\n", buffer, buffer + 20);
    try(syscall(SYS_readv, in, vector, -1));
    try(syscall(SYS_readv, in, vector, 1025));
    try(readv(in, vector, 0));
    try(syscall(SYS_readv, in, 8, 1));
    vector[1].iov_len = -1;
    try(readv(in, vector, 3));
    vector[1] = (struct iovec){bad, 2};
    lseek(in, 0, SEEK_SET);
    show(readv(in, vector, 3));
    show(lseek(in, 0, SEEK_CUR));
    show(preadv(in, vector, 1, 7));
    try(syscall(SYS_preadv2, in, vector, 1, 0, 0, 0x8000));

    int tail = open("file", O_WRONLY | O_APPEND);
    show(write(tail, "tail", 4));
    show(lseek(tail, 0, SEEK_CUR));
    show(pwrite(tail, "x", 1, 0));
    show(lseek(tail, 0, SEEK_END));

    show(ftruncate(fd, 5));
    show(ftruncate(fd, 9));
    show(pread(in, buffer, 20, 0));
    printf("%d%d%d%d\n", buffer[5], buffer[6], buffer[7], buffer[8]);
    try(ftruncate(fd, -1));
    try(ftruncate(in, 0));
    try(ftruncate(directory, 0));
    try(truncate(".", 0));
    try(truncate("none", 0));
    try(truncate("file/", 0));

    signal(SIGXFSZ, on_limit);
    struct rlimit limit = {100, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    show(pwrite(fd, buffer, 200, 50));
    try(pwrite(fd, buffer, 1, 100));
    try(ftruncate(fd, 101));
    show(lseek(fd, 0, SEEK_END));
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);

    int copy = open("copy", O_CREAT | O_RDWR, 0644);
    off_t offset = 2;
    show(sendfile(copy, in, &offset, 20));
    show(offset);
    try(sendfile(in, copy, NULL, 20));
    try(sendfile(tail, in, NULL, 20));
    loff_t from = 0, to = 50;
    show(syscall(SYS_copy_file_range, in, &from, copy, &to, 10, 0));
    show(from + to);
    show(lseek(copy, 0, SEEK_END));
    try(syscall(SYS_copy_file_range, in, NULL, ends[1], NULL, 10, 0));
    try(syscall(SYS_copy_file_range, in, NULL, copy, NULL, 10, 1));
    try(fsync(fd));
    try(fsync(ends[0]));
    try(fdatasync(999));
    return 0;
}
