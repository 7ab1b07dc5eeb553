/* Shows: every stat call of i386 fills the same facts into its own structure (root); statfs, access, readlink. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "show.h"

static unsigned char b[512];

static unsigned u16(int at) { return b[at] | b[at + 1] << 8; }
static unsigned u32(int at) { return u16(at) | u16(at + 2) << 16; }
static unsigned long long u64(int at) { return u32(at) | (unsigned long long)u32(at + 4) << 32; }

/* How many bytes the call has written. */
static int written(void) {
    int end = sizeof b;
    while (end > 0 && b[end - 1] == 0xa5) end--;
    return end;
}

#define call(...) (memset(b, 0xa5, sizeof b), syscall(__VA_ARGS__))

int main(void) {
    umask(0);
    int fd = open("file", O_CREAT | O_RDWR | O_LARGEFILE, 0640);
    show(write(fd, "twelve bytes", 12));
    show(fchmod(fd, 04750));
    link("file", "second");
    symlink("file", "link");
    mkdir("dir", 01777);
    struct timespec times[2] = {{1000000000, 111111111}, {1234567890, 999999999}};
    show(futimens(fd, times));

    show(call(SYS_stat64, "file", b));
    printf("stat64 %d bytes: mode %o links %u size %llu block %u atime %u.%09u mtime %u.%09u inos equal %d\n", written(), u32(16), u32(20),
           u64(44), u32(52), u32(64), u32(68), u32(72), u32(76), u32(12) == (unsigned)u64(88));
    unsigned long long ino = u64(88), dev = u64(0), owner = u32(24);
    show(call(SYS_fstat64, fd, b));
    show(u64(88) == ino && u64(0) == dev && u32(24) == owner);
    show(call(SYS_lstat64, "link", b));
    printf("lstat64: mode %o size %llu\n", u32(16), u64(44));
    show(call(SYS_fstatat64, AT_FDCWD, "second", b, 0));
    show(u64(88) == ino);
    show(call(SYS_fstatat64, fd, "", b, AT_EMPTY_PATH));
    show(u64(88) == ino);
    show(call(SYS_stat, "file", b));
    printf("stat %d bytes: mode %o links %u size %u atime %u mtime %u.%u\n", written(), u16(8), u16(10), u32(20), u32(32), u32(40), u32(44));
    show(u32(4) == ino);
    show(call(SYS_lstat, "dir", b));
    printf("lstat: mode %o\n", u16(8));
    show(call(SYS_fstat, fd, b));
    show(u32(20));
    show(call(SYS_statx, AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, 0x7ff, b));
    printf("statx of link %d bytes: mode %o size %llu mask %x\n", written(), u16(28), u64(40), u32(0) & 0x7ff);
    show(call(SYS_statx, AT_FDCWD, "link", 0, 0x7ff, b));
    printf("statx: mode %o links %u size %llu atime %lld.%09u mtime %lld.%09u\n", u16(28), u32(16), u64(40), u64(64), u32(72), u64(112), u32(120));
    show(u64(32) == ino && (u32(136) << 8 | u32(140)) == dev);
    show(call(SYS_statx, AT_FDCWD, "/dev/null", 0, 0x7ff, b));
    printf("/dev/null: mode %o rdev %u:%u\n", u16(28), u32(128), u32(132));

    try(call(SYS_statx, AT_FDCWD, "file", 0x8000, 0x7ff, b));
    try(call(SYS_statx, AT_FDCWD, "file", 0x6000, 0x7ff, b));
    try(call(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, b));
    try(call(SYS_statx, AT_FDCWD, "", 0, 0x7ff, b));
    try(call(SYS_fstatat64, AT_FDCWD, "file", b, 0x8000));
    try(call(SYS_fstatat64, 999, "file", b, 0));
    try(call(SYS_fstatat64, fd, "file", b, 0));
    try(call(SYS_stat64, "file", 8));
    try(call(SYS_stat64, 8, b));
    try(call(SYS_stat64, "none", 8));
    try(call(SYS_fstat64, 999, b));

    show(call(SYS_statfs64, ".", 84, b));
    printf("statfs64 %d bytes: name length %u\n", written(), u32(56));
    try(call(SYS_statfs64, ".", 85, b));
    show(call(SYS_statfs, "/proc", b));
    printf("statfs /proc %d bytes: type %x block %u name length %u\n", written(), u32(0), u32(4), u32(36));
    try(call(SYS_fstatfs64, 999, 84, b));

    show(ftruncate64(fd, 5000000000));
    show(call(SYS_stat64, "file", b));
    show(u64(44));
    try(call(SYS_stat, "file", b));
    show(ftruncate64(fd, 0));

    try(access("file", R_OK));
    try(access("file", 8));
    try(access("none", F_OK));
    try(syscall(SYS_faccessat2, AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
    try(syscall(SYS_faccessat2, AT_FDCWD, "link", F_OK, 1));
    try(syscall(SYS_faccessat2, fd, "", F_OK, AT_EMPTY_PATH));
    show(readlink("link", (char *)b, 3));
    show(readlink("link", (char *)b, sizeof b));
    try(readlink("link", (char *)b, 0));
    try(readlink("file", (char *)b, 9));
    try(readlink("none", (char *)b, 9));
    return 0;
}
