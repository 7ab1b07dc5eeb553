/* Shows: getdents, getdents64 and readdir as the kernel fills them (root): records, small buffers, positions, removal. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "show.h"

static unsigned char b[4096];

static unsigned u16(int at) { return b[at] | b[at + 1] << 8; }

static int by_text(const void *a, const void *c) { return strcmp(*(char *const *)a, *(char *const *)c); }

/* Records in the order of their names: file systems differ in theirs. */
static void shown(const char *title, int wide, int bytes) {
    char *lines[100];
    int count = 0;
    for (int at = 0; at < bytes; at += u16(at + (wide ? 16 : 8))) {
        int length = u16(at + (wide ? 16 : 8)), name = at + (wide ? 19 : 10), type = b[wide ? at + 18 : at + length - 1];
        asprintf(&lines[count++], "%s type %d length %d", (char *)b + name, type, length);
    }
    qsort(lines, count, sizeof *lines, by_text);
    printf("%s: %d bytes\n", title, bytes);
    for (int i = 0; i < count; i++) printf("  %s\n", lines[i]);
}

static int names(int fd) {
    int count = 0, bytes;
    while ((bytes = syscall(SYS_getdents64, fd, b, sizeof b)) > 0)
        for (int at = 0; at < bytes; at += u16(at + 16)) count++;
    return count;
}

int main(void) {
    mkdir("d", 0755);
    chdir("d");
    mkdir("directory", 0755);
    close(open("f", O_CREAT | O_WRONLY, 0644));
    close(open("a name of some length", O_CREAT | O_WRONLY, 0644));
    symlink("nowhere", "link");
    mkfifo("fifo", 0644);
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    shown("getdents64", 1, syscall(SYS_getdents64, fd, b, sizeof b));
    show(syscall(SYS_getdents64, fd, b, sizeof b));
    lseek(fd, 0, SEEK_SET);
    shown("getdents", 0, syscall(SYS_getdents, fd, b, sizeof b));
    lseek(fd, 0, SEEK_SET);
    try(syscall(SYS_getdents64, fd, b, 23));
    show(syscall(SYS_getdents64, fd, b, 24) == 24);
    try(syscall(SYS_getdents64, fd, 8, 4096));
    try(syscall(SYS_getdents, fd, b, 10));
    try(syscall(SYS_getdents64, 999, b, sizeof b));
    int file = open("f", O_RDONLY);
    try(syscall(SYS_getdents64, file, b, sizeof b));
    lseek(fd, 0, SEEK_SET);
    int count = 0;
    while (syscall(SYS_readdir, fd, b, 1) == 1) count++;
    show(count);

    /* telldir and seekdir lead back to the same entry. */
    DIR *stream = opendir(".");
    char *order[10];
    long places[10];
    int total = 0;
    struct dirent *entry;
    for (;;) {
        places[total] = telldir(stream);
        if (!(entry = readdir(stream))) break;
        order[total++] = strdup(entry->d_name);
    }
    int right = 0;
    for (int i = total - 1; i >= 0; i--) {
        seekdir(stream, places[i]);
        entry = readdir(stream);
        right += entry && !strcmp(entry->d_name, order[i]);
    }
    printf("%d of %d found again\n", right, total);
    struct stat here, above;
    stat(".", &here);
    stat("..", &above);
    rewinddir(stream);
    while ((entry = readdir(stream))) {
        if (!strcmp(entry->d_name, ".")) show(entry->d_ino == here.st_ino);
        if (!strcmp(entry->d_name, "..")) show(entry->d_ino == above.st_ino);
    }
    closedir(stream);

    /* Everything is removed while it is read. */
    char name[20];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "many%d", i);
        close(open(name, O_CREAT | O_WRONLY, 0644));
    }
    stream = opendir(".");
    int removed = 0;
    while ((entry = readdir(stream)))
        if (!strncmp(entry->d_name, "many", 4)) removed += unlink(entry->d_name) == 0;
    show(removed);
    closedir(stream);
    lseek(fd, 0, SEEK_SET);
    show(names(fd));
    chdir("..");
    mkdir("gone", 0755);
    fd = open("gone", O_RDONLY);
    rmdir("gone");
    try(syscall(SYS_getdents64, fd, b, sizeof b));
    return 0;
}
