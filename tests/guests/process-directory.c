/* Shows: a directory of /proc in the place of a pidfd: what takes it, what does not, and after the process's end. */
#define _GNU_SOURCE
#include "show.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t heard;

static void handler(int signo) { heard = signo; }

int main(void) {
    char path[40];
    int status;
    siginfo_t info;
    signal(SIGUSR1, handler);
    int self = open("/proc/self", O_DIRECTORY);
    try(syscall(SYS_pidfd_send_signal, self, SIGUSR1, NULL, 0));
    show(heard == SIGUSR1);
    try(syscall(SYS_pidfd_send_signal, self, 0, NULL, 99));
    try(syscall(SYS_pidfd_send_signal, self, 65, NULL, 0));
    try(syscall(SYS_pidfd_getfd, self, 0, 0));
    try(waitid(P_PIDFD, self, &info, WEXITED));

    const char *others[] = {"/proc", "/proc/self/task/self", "/proc/self/task", "/proc/self/fd", "/proc/self/stat", "/"};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(path, sizeof path, "%s", others[i]);
        if (i == 1) snprintf(path, sizeof path, "/proc/self/task/%d", getpid());
        int fd = open(path, O_RDONLY);
        printf("%s\n", others[i]);
        try(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
        close(fd);
    }
    int only = open("/proc/self", O_PATH);
    try(syscall(SYS_pidfd_send_signal, only, 0, NULL, 0));

    int child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    snprintf(path, sizeof path, "/proc/%d", child);
    int fd = open(path, O_DIRECTORY);
    try(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    try(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    waitpid(child, &status, 0);
    show(WTERMSIG(status));
    try(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    return 0;
}
