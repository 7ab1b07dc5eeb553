/* Shows: execve: which of several errors is reported, and that the caller goes on as if nothing had happened. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static const char self[] = "/proc/self/exe";
static char *none[] = {NULL};
static char *volatile bad = (char *)1;

static char *repeated(int length) {
    char *string = malloc(length + 1);
    memset(string, 'x', length);
    string[length] = 0;
    return string;
}

/* With room for 128 KiB of strings and pointers. */
static void many(const char *what, int count, int length) {
    char **list = calloc(count + 2, sizeof *list);
    char *string = repeated(length);
    list[0] = "guest";
    for (int i = 1; i <= count; i++) list[i] = string;
    fflush(stdout);
    int status;
    if (fork() == 0) {
        struct rlimit limit = {256 << 10, RLIM_INFINITY};
        setrlimit(RLIMIT_STACK, &limit);
        execve(self, list, none);
        printf("%s: %s\n", what, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    if (WEXITSTATUS(status)) printf("%s: runs\n", what);
}

static int caught;
static void handler(int number) { caught = number; }

int main(int argc, char **argv) {
    if (argc > 1 || !argv[0]) return 42;
    char *huge[] = {"guest", repeated(131072), NULL}, *faulty[] = {bad, NULL}, *both[] = {bad, huge[1], NULL};
    char *path = repeated(5000);
    try(execve(bad, huge, none));
    try(execve("", huge, none));
    try(execve("none", huge, none));
    try(execve("none", faulty, faulty));
    try(execve("none", (char **)bad, none));
    try(execve("/", huge, none));
    try(execve("/proc/self/maps", huge, none));
    try(execve("/proc/self/exe/x", huge, none));
    try(execve(path, huge, none));
    try(execve(self, huge, none));
    try(execve(self, none, huge));
    try(execve(self, faulty, none));
    try(execve(self, none, faulty));
    try(execve(self, huge, faulty));
    try(execve(self, faulty, huge));
    try(execve(self, both, none));
    try(execve(self, (char **)bad, huge));
    try(execve(self, huge, (char **)bad));
    try(syscall(SYS_execveat, -1, "none", huge, none, 0));
    try(syscall(SYS_execveat, AT_FDCWD, "none", huge, none, 1));
    try(syscall(SYS_execveat, AT_FDCWD, "", huge, none, AT_EMPTY_PATH));
    try(syscall(SYS_execveat, -1, "", huge, none, AT_EMPTY_PATH));
    try(syscall(SYS_execveat, 1, "", huge, none, 0));
    many("a string of 131071", 1, 131071);
    many("a string of 131072", 1, 131072);
    many("131072 bytes in strings of 64", 2048, 63);
    many("98304 bytes in strings of 64", 1536, 63);
    many("40000 empty strings", 40000, 0);
    many("100 empty strings", 100, 0);

    signal(SIGUSR1, handler);
    int fd = dup(1);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    volatile char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[7] = 9;
    try(execve(self, huge, none));
    raise(SIGUSR1);
    show(caught == SIGUSR1);
    show(fcntl(fd, F_GETFD));
    show(page[7]);
    return 0;
}
