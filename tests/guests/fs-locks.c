/* Shows: record locks, open file description locks and flock (root): splitting, conflicts, waiting, inheritance. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static int fd;
static pid_t parent;

static int lock(int command, int type, long long start, long long length) {
    struct flock64 l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &l);
}

static void asked(int command, int type, long long start, long long length) {
    struct flock64 l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    int answer = fcntl(fd, command, &l);
    printf("getlk %d %lld+%lld: %d type %d", type, start, length, answer, l.l_type);
    if (l.l_type != F_UNLCK)
        printf(" %lld+%lld pid %s", l.l_start, l.l_len, l.l_pid == parent ? "parent" : l.l_pid == -1 ? "-1" : "?");
    printf("\n");
}

/* Runs the block in a child and waits for it. */
#define child for (int status_ = 0, once_ = (fflush(stdout), fork() ? wait(&status_), 1 : 0); !once_; fflush(stdout), _exit(0))

int main(void) {
    parent = getpid();
    fd = open("file", O_CREAT | O_RDWR, 0644);
    write(fd, "0123456789", 10);
    show(lock(F_SETLK64, F_WRLCK, 10, 90));
    show(lock(F_SETLK64, F_RDLCK, 40, 20));
    show(lock(F_SETLK64, F_UNLCK, 70, 5));
    asked(F_GETLK64, F_WRLCK, 0, 0);
    child {
        asked(F_GETLK64, F_WRLCK, 0, 0);
        asked(F_GETLK64, F_RDLCK, 40, 20);
        asked(F_GETLK64, F_RDLCK, 40, 21);
        asked(F_GETLK64, F_WRLCK, 70, 5);
        asked(F_GETLK64, F_WRLCK, 71, 0);
        asked(F_GETLK64, F_WRLCK, 100, 0);
        try(lock(F_SETLK64, F_RDLCK, 45, 1));
        try(lock(F_SETLK64, F_WRLCK, 45, 1));
        try(lock(F_SETLK64, F_WRLCK, 99, 1));
        try(lock(F_SETLK64, F_WRLCK, 100, 1));
    }
    show(lock(F_SETLK64, F_WRLCK, 45, 1));
    struct flock64 end = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -4, .l_len = -2};
    show(fcntl(fd, F_SETLK64, &end));
    child asked(F_GETLK64, F_WRLCK, 0, 9);
    end.l_start = -40;
    try(fcntl(fd, F_SETLK64, &end));
    end.l_whence = 9;
    try(fcntl(fd, F_SETLK64, &end));
    end.l_whence = 0, end.l_type = 7;
    try(fcntl(fd, F_SETLK64, &end));
    try(fcntl(fd, F_GETLK64, 8));
    int reader = open("file", O_RDONLY);
    end = (struct flock64){.l_type = F_WRLCK};
    try(fcntl(reader, F_SETLK64, &end));
    /* Closing any descriptor of the file gives up every record lock of the process. */
    close(reader);
    child asked(F_GETLK64, F_WRLCK, 0, 0);

    show(lock(F_OFD_SETLK, F_WRLCK, 0, 10));
    asked(F_GETLK64, F_WRLCK, 0, 0);
    asked(F_OFD_GETLK, F_WRLCK, 0, 0);
    child try(lock(F_OFD_SETLK, F_WRLCK, 5, 1));
    show(lock(F_OFD_SETLK, F_UNLCK, 0, 0));

    int pipes[2];
    pipe(pipes);
    fflush(stdout);
    lock(F_SETLK64, F_WRLCK, 0, 0);
    if (fork() == 0) {
        write(pipes[1], "!", 1);
        int answer = lock(F_SETLKW64, F_WRLCK, 0, 0);
        printf("child has waited: %d\n", answer);
        fflush(stdout);
        _exit(7);
    }
    char byte;
    read(pipes[0], &byte, 1);
    usleep(20000);
    lock(F_SETLK64, F_UNLCK, 0, 0);
    wait(NULL);

    int other = open("file", O_RDWR), copy = dup(fd);
    show(flock(fd, LOCK_EX));
    try(flock(other, LOCK_SH | LOCK_NB));
    show(flock(copy, LOCK_SH | LOCK_NB));
    show(flock(other, LOCK_SH | LOCK_NB));
    try(flock(other, LOCK_EX | LOCK_NB));
    child try(flock(fd, LOCK_EX | LOCK_NB));
    show(flock(copy, LOCK_UN));
    show(flock(other, LOCK_EX | LOCK_NB));
    try(flock(fd, 0));
    try(flock(fd, LOCK_SH | LOCK_EX));
    try(flock(999, LOCK_SH));
    try(flock(pipes[0], LOCK_SH));
    return 0;
}
