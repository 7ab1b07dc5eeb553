/* Shows: open and its errors (root): flags, slashes, links, O_PATH, O_TMPFILE, directories as starting points, openat2. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "show.h"

#define opens(path, flags) opens_at(AT_FDCWD, path, flags, #flags)

static void opens_at(int directory, const char *path, int flags, const char *words) {
    errno = 0;
    int fd = openat(directory, path, flags, 0640);
    printf("%.40s %s: %s\n", path, words, fd < 0 ? strerror(errno) : "opened");
    if (fd >= 0) close(fd);
}

static void restricted(int directory, const char *path, unsigned long long resolve) {
    struct open_how how = {.flags = O_RDONLY, .resolve = resolve};
    errno = 0;
    int fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    printf("openat2 %s %llx: %s\n", path, resolve, fd < 0 ? strerror(errno) : "opened");
    if (fd >= 0) close(fd);
}

int main(void) {
    umask(022);
    mkdir("d", 0755);
    close(open("d/f", O_CREAT | O_WRONLY, 0666));
    symlink("d/f", "lf");
    symlink("d", "ld");
    symlink("nowhere", "dangling");
    symlink("loop", "loop");
    symlink("d/", "slash");
    mkfifo("fifo", 0644);

    static const char *const paths[] = {"d", "d/", "d/.", "d/f", "d/f/", "d/f/x", "lf", "lf/", "ld", "ld/", "ld/f",
                                        "dangling", "dangling/", "loop", "loop/x", "slash", "none", "none/", "none/x", ""};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        opens(paths[i], O_RDONLY);
        opens(paths[i], O_WRONLY);
        opens(paths[i], O_RDONLY | O_DIRECTORY);
        opens(paths[i], O_RDONLY | O_NOFOLLOW);
        opens(paths[i], O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
        opens(paths[i], O_PATH);
        opens(paths[i], O_PATH | O_NOFOLLOW);
        opens(paths[i], O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_TRUNC | O_DIRECTORY);
        if (strncmp(paths[i], "none", 4) && strncmp(paths[i], "dangling", 8)) {
            opens(paths[i], O_RDWR | O_CREAT);
            opens(paths[i], O_RDWR | O_CREAT | O_EXCL);
        }
    }
    opens("none/", O_RDWR | O_CREAT);
    opens("none/x", O_RDWR | O_CREAT);
    opens("dangling", O_RDWR | O_CREAT | O_EXCL);
    opens("dangling", O_RDWR | O_CREAT | O_NOFOLLOW);
    opens("dangling", O_RDWR | O_CREAT);
    show(access("nowhere", F_OK));
    opens("fifo", O_WRONLY | O_NONBLOCK);
    opens("fifo", O_RDONLY | O_NONBLOCK);
    opens("fifo", O_RDWR);
    opens(".", O_RDWR | O_TMPFILE);
    opens(".", O_RDONLY | O_TMPFILE);
    opens("d/f", O_RDWR | O_TMPFILE);
    opens("/dev/null", O_RDWR | O_TRUNC);
    opens("/dev/null/x", O_RDWR);
    opens("/", O_RDONLY);
    opens("/..", O_RDONLY | O_DIRECTORY);

    char name[4200];
    memset(name, 'n', sizeof name);
    name[255] = 0;
    opens(name, O_RDONLY);
    name[255] = 'n', name[256] = 0;
    opens(name, O_RDONLY);
    for (int i = 0; i < 4200; i++) name[i] = i % 2 ? '/' : '.';
    name[4095] = 0;
    opens(name, O_RDONLY);
    name[4095] = '/', name[4096] = 0;
    opens(name, O_RDONLY);

    int d = open("d", O_RDONLY), f = open("d/f", O_RDWR), p = open("d/f", O_PATH);
    opens_at(d, "f", O_RDONLY, "from d");
    opens_at(d, "../lf", O_RDONLY, "from d");
    opens_at(f, "f", O_RDONLY, "from f");
    opens_at(f, "/", O_RDONLY, "from f");
    opens_at(f, "", O_RDONLY, "from f");
    opens_at(999, "f", O_RDONLY, "from nothing");
    opens_at(999, "/", O_RDONLY, "from nothing");
    char byte;
    try(read(p, &byte, 1));
    try(fchmod(p, 0600));
    try(dup(p) < 0 ? -1 : 0);
    try(fcntl(p, F_SETFL, O_APPEND));
    show(fcntl(p, F_GETFL) == (O_PATH | O_LARGEFILE) || fcntl(p, F_GETFL) == O_PATH);
    show(fcntl(f, F_GETFL) & (O_ACCMODE | O_CREAT | O_TRUNC | O_EXCL | O_APPEND | O_NONBLOCK));
    restricted(d, "f", RESOLVE_BENEATH);
    restricted(d, "../lf", RESOLVE_BENEATH);
    restricted(d, "/f", RESOLVE_BENEATH);
    restricted(d, "/f", RESOLVE_IN_ROOT);
    restricted(d, "../../f", RESOLVE_IN_ROOT);
    restricted(AT_FDCWD, "lf", RESOLVE_NO_SYMLINKS);
    restricted(AT_FDCWD, "/proc/self/cwd", RESOLVE_NO_MAGICLINKS);
    restricted(AT_FDCWD, "d/f", RESOLVE_BENEATH | RESOLVE_IN_ROOT);
    restricted(AT_FDCWD, "d/f", 0x1000);
    return 0;
}
