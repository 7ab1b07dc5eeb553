/* Shows: signalfd: signals read as records, several at once, poll, a changed mask, what a child's end looks like. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static struct signalfd_siginfo s[4];

static void got(const char *title, int bytes) {
    printf("%s: %d bytes", title, bytes);
    for (int i = 0; i < bytes / (int)sizeof *s; i++)
        printf(" [signal %u code %d own %d value %d status %d]", s[i].ssi_signo, s[i].ssi_code, s[i].ssi_pid == (unsigned)getpid(),
               s[i].ssi_int, s[i].ssi_status);
    printf("\n");
}

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    struct pollfd p = {fd, POLLIN, 0};
    try(read(fd, s, sizeof s));
    try(read(fd, s, 127));
    show(poll(&p, 1, 0));
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 8});
    show(poll(&p, 1, 0));
    got("two records", read(fd, s, 2 * sizeof *s));
    got("the rest", read(fd, s, sizeof s));
    fflush(stdout);
    if (fork() == 0) _exit(5);
    show(poll(&p, 1, 5000));
    got("a child", read(fd, s, sizeof s));
    wait(NULL);
    sigdelset(&set, SIGUSR1);
    show(signalfd(fd, &set, 0) == fd);
    raise(SIGUSR1);
    show(poll(&p, 1, 0));
    try(signalfd(0, &set, 0));
    try(signalfd(-1, &set, 1));
    try(signalfd(999, &set, 0));
    return 0;
}
