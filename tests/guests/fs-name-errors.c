/* Shows: making, removing and moving names (root), and the error that comes first: slashes, dots, links, kinds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "show.h"

static void built(void) {
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    mkdir("empty", 0755);
    close(open("f", O_CREAT | O_WRONLY, 0644));
    close(open("d/g", O_CREAT | O_WRONLY, 0644));
    symlink("f", "lf");
    symlink("d", "ld");
    symlink("none", "dangling");
}

#define each(call)                                                                                               \
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {                                                \
        const char *n = names[i];                                                                                \
        errno = 0;                                                                                               \
        printf("%s with \"%s\": %s\n", #call, n, (call) ? strerror(errno) : "0");                               \
        built();                                                                                                 \
    }

static const char *const names[] = {"f", "f/", "f/.", "f/..", "d", "d/", "d/.", "d/..", "empty", "empty/", "lf", "lf/", "ld", "ld/",
                                    "ld/.", "dangling", "dangling/", ".", "..", "/", "none/x", "d/none/", "", "f/x", "d/g/"};

static int moved(const char *from, const char *to, unsigned flags) { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags); }

int main(void) {
    built();
    each(unlink(n));
    each(rmdir(n));
    each(mkdir(n, 0755) || rmdir(n));
    each(symlink("x", n) || unlink(n));
    each(mknod(n, S_IFIFO | 0644, 0) || unlink(n));
    each(link(n, "new") || unlink("new"));
    each(link("f", n) || unlink(n));
    each(linkat(AT_FDCWD, n, AT_FDCWD, "new", AT_SYMLINK_FOLLOW) || unlink("new"));
    each(rename(n, "new") || rename("new", n));
    unlink("new");
    rmdir("new");
    each(moved("f", n, 1) || moved(n, "f", 0));
    each(moved("f", n, 2) || moved("f", n, 2));
    each(moved("empty", n, 2) || moved("empty", n, 2));
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        errno = 0;
        int answer = rename("f", names[i]);
        printf("f over \"%s\": %s\n", names[i], answer ? strerror(errno) : "0");
        unlink(names[i]);
        built();
        answer = rename("empty", names[i]);
        printf("empty over \"%s\": %s\n", names[i], answer ? strerror(errno) : "0");
        rmdir(names[i]);
        unlink("f");
        unlink("d/g");
        unlink("lf");
        unlink("ld");
        unlink("dangling");
        built();
    }
    try(rename("d", "d/e/inside"));
    try(rename("d", "d/e"));
    try(rename("d/e", "d"));
    try(rename("d", "d"));
    try(moved("d", "d/e", 2));
    try(moved("d/e", "d", 2));
    try(moved("f", "none", 2));
    try(moved("f", "d", 3));
    try(moved("f", "d", 8));
    try(link("f", "hard"));
    try(rename("f", "hard"));
    struct stat first, second;
    stat("f", &first);
    stat("hard", &second);
    show(first.st_ino == second.st_ino && first.st_nlink == 2);
    try(unlinkat(AT_FDCWD, "d", 0x400));
    try(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
    try(unlinkat(999, "f", 0));
    try(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x100));

    /* In a directory that is gone nothing can be made, but it can be left. */
    try(chdir("empty"));
    try(rmdir("../empty"));
    try(mkdir("x", 0755));
    try(symlink("x", "y"));
    try(open("x", O_CREAT | O_WRONLY, 0644));
    char path[100];
    try(getcwd(path, sizeof path) ? 0 : -1);
    try(access(".", F_OK));
    try(chdir(".."));
    try(access("d", F_OK));
    return 0;
}
