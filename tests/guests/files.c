/* Shows: files (root): open flags, seek, holes, truncate, append, vectors, links, rename, unlink, stat. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "show.h"

static void contents(const char *name) {
    char text[100];
    int fd = open(name, O_RDONLY), got = read(fd, text, sizeof text - 1);
    printf("%s:", name);
    for (int i = 0; i < got; i++) printf(text[i] < ' ' ? "\\%o" : "%c", text[i]);
    printf("\n");
    close(fd);
}

static void status(const char *name) {
    struct stat s;
    if (lstat(name, &s) != 0) printf("%s: %s\n", name, strerror(errno));
    else printf("%s: mode %o size %lld links %d\n", name, (unsigned)s.st_mode, (long long)s.st_size, (int)s.st_nlink);
}

int main(void) {
    char text[100] = "";
    umask(022);
    try(open("a", O_RDWR));
    int fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0666);
    try(open("a", O_RDWR | O_CREAT | O_EXCL, 0666));
    show(write(fd, "0123456789", 10));
    show(lseek(fd, -3, SEEK_END));
    show(read(fd, text, 100));
    printf("%s\n", text);
    show(read(fd, text, 100));
    show(lseek(fd, 20, SEEK_SET));
    show(write(fd, "end", 3));
    contents("a");
    show(pwrite(fd, "XY", 2, 4));
    show(pread(fd, text, 4, 3));
    printf("%.4s, position %ld\n", text, (long)lseek(fd, 0, SEEK_CUR));
    try(lseek(fd, -30, SEEK_CUR));
    try(lseek(fd, 0, 99));
    show(ftruncate(fd, 6));
    show(truncate("a", 8));
    contents("a");
    show(lseek(fd, 0, SEEK_CUR));
    struct iovec vectors[3] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    lseek(fd, 0, SEEK_SET);
    show(writev(fd, vectors, 3));
    contents("a");
    close(fd);
    try(write(fd, "x", 1));

    fd = open("a", O_WRONLY | O_APPEND);
    lseek(fd, 0, SEEK_SET);
    show(write(fd, "+", 1));
    show(lseek(fd, 0, SEEK_CUR));
    try(read(fd, text, 1));
    close(fd);
    fd = open("a", O_RDONLY);
    try(write(fd, "x", 1));
    try(ftruncate(fd, 1));
    close(fd);
    fd = open("b", O_WRONLY | O_CREAT | O_TRUNC, 0640);
    lseek(fd, 1 << 20, SEEK_SET);
    show(write(fd, "z", 1));
    status("b");
    close(fd);
    close(open("b", O_WRONLY | O_TRUNC));
    status("b");

    try(link("a", "c"));
    status("c");
    try(link("a", "c"));
    try(symlink("c", "d"));
    status("d");
    show(readlink("d", text, sizeof text));
    contents("d");
    try(rename("b", "e"));
    try(rename("b", "f"));
    try(rename("e", "c"));
    status("a");
    status("c");
    try(chmod("c", 0400));
    status("c");
    try(unlink("c"));
    try(unlink("c"));
    try(open("d", O_RDONLY));
    try(open("d", O_RDONLY | O_NOFOLLOW));
    fd = open("a", O_RDWR);
    try(unlink("a"));
    try(open("a", O_RDONLY));
    show(pread(fd, text, 3, 0));
    struct stat s;
    fstat(fd, &s);
    printf("%.3s, links %d\n", text, (int)s.st_nlink);
    try(access("d", F_OK));
    try(unlink("d"));
    try(open("nowhere/file", O_CREAT | O_WRONLY, 0666));
    try(open(".", O_WRONLY));
    memset(text, 'n', sizeof text);
    char longer[300];
    memset(longer, 'n', 299);
    longer[299] = 0;
    try(open(longer, O_CREAT | O_WRONLY, 0666));
    try(open("", O_RDONLY));
    char *volatile nowhere = (char *)8;
    try(read(fd, nowhere, 3));
    return 0;
}
