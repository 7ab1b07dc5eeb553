/* Shows: execve from a thread, what survives it, vfork and execve, refusals, an empty argv, scripts. (root) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static char self[] = "/proc/self/exe";

static void file(const char *name, const char *text, int mode) {
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (write(fd, text, strlen(text)) < 0) _exit(9);
    fchmod(fd, mode);
    close(fd);
}

static void *worker(void *argument) {
    (void)argument;
    char pid[16];
    sprintf(pid, "%d", getpid());
    execl(self, "again", "thread", pid, NULL);
    _exit(1);
}

static void *idle(void *argument) {
    for (;;) pause();
    return argument;
}

static int run(const char *path, char *const argv[]) {
    int status, child = vfork();
    if (child == 0) {
        execve(path, argv, (char *[]){"A=1", NULL});
        _exit(errno);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int second(int argc, char **argv) {
    char name[16];
    prctl(PR_GET_NAME, name);
    printf("%s: argc %d pid %d tid %d name %s\n", argv[0], argc, argc > 2 && atoi(argv[2]) == getpid(),
           syscall(SYS_gettid) == getpid(), name);
    struct sigaction usr1, usr2;
    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGUSR2, NULL, &usr2);
    printf("handler %d ignored %d\n", usr1.sa_handler == SIG_DFL, usr2.sa_handler == SIG_IGN);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    show(sigismember(&mask, SIGHUP));
    sigpending(&mask);
    show(sigismember(&mask, SIGHUP));
    struct itimerval timer;
    getitimer(ITIMER_REAL, &timer);
    show(timer.it_value.tv_sec > 0);
    show(fcntl(70, F_GETFD));
    show(fcntl(71, F_GETFD));
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "thread") == 0) return second(argc, argv);
    if (argc == 1 && argv[0][0] == 0) return 21;
    if (argc > 1 && strcmp(argv[1], "codes") == 0) return 20 + argc;
    char *codes[] = {"x", "codes", "b", NULL}, *none[] = {NULL};
    show(run(self, codes));
    show(run(self, none));
    try(execve("/nonexistent", codes, NULL));
    try(execve("/", codes, NULL));
    try(execve("", codes, NULL));
    try(syscall(SYS_execve, 8, codes, NULL));
    try(syscall(SYS_execve, self, 8, NULL));
    try(syscall(SYS_execve, self, codes, 8));
    static char longest[140000];
    memset(longest, 'x', sizeof longest - 1);
    char *big[] = {"x", longest, NULL};
    try(execve(self, big, NULL));
    try(execve(longest, codes, NULL));
    file("text", "hello\n", 0755);
    file("closed", "#!/bin/sh\n", 0600);
    file("loop", "#!./loop\n", 0755);
    file("missing", "#!/nonexistent -x\n", 0755);
    file("empty", "", 0755);
    file("script", "#!/proc/self/exe codes\n", 0755);
    try(execve("./text", codes, NULL));
    try(execve("./closed", codes, NULL));
    try(execve("./loop", codes, NULL));
    try(execve("./missing", codes, NULL));
    try(execve("./empty", codes, NULL));
    show(run("./script", codes));
    try(syscall(SYS_execveat, 99, "x", codes, NULL, 0));
    try(syscall(SYS_execveat, AT_FDCWD, "", codes, NULL, 0));
    try(syscall(SYS_execveat, AT_FDCWD, "text", codes, NULL, 0x4000));

    signal(SIGUSR1, (void (*)(int))(void *)file);
    signal(SIGUSR2, SIG_IGN);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGHUP);
    alarm(100);
    dup2(1, 70);
    dup3(1, 71, O_CLOEXEC);
    pthread_t thread;
    for (int i = 0; i < 3; i++) pthread_create(&thread, NULL, idle, NULL);
    fflush(stdout);
    pthread_create(&thread, NULL, worker, NULL);
    for (;;) pause();
}
