/* Shows: waitid in all its forms, what SIGCHLD says, SA_NOCLDSTOP, SA_NOCLDWAIT, refusals. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static int child;
static volatile int signals;
static siginfo_t last;

static void heard(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    last = *info;
    signals++;
}

static void tell(const char *what, const siginfo_t *info) {
    printf("%s: signo %d errno %d code %d status %d, pid right %d, uid %d\n", what, info->si_signo, info->si_errno,
           info->si_code, info->si_status, info->si_pid == child, (int)info->si_uid == (int)getuid());
}

static void install(int flags) {
    struct sigaction action = {.sa_sigaction = heard, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGCHLD, &action, NULL);
}

static void await(const char *what, int options) {
    siginfo_t info;
    memset(&info, 0xff, sizeof info);
    do errno = 0;
    while (waitid(P_PID, child, &info, options) < 0 && errno == EINTR);
    if (errno) printf("%s: %s\n", what, strerror(errno));
    else tell(what, &info);
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    install(0);
    if ((child = fork()) == 0) {
        raise(SIGSTOP);
        usleep(20000);
        _exit(42);
    }
    await("stopped, kept", WSTOPPED | WNOWAIT);
    await("stopped", WSTOPPED);
    tell("signal", &last);
    show(signals);
    siginfo_t none;
    memset(&none, 0xff, sizeof none);
    show(waitid(P_PID, child, &none, WSTOPPED | WNOHANG));
    printf("nothing: signo %d code %d pid %d\n", none.si_signo, none.si_code, none.si_pid);
    kill(child, SIGCONT);
    await("continued", WCONTINUED);
    await("exited, kept", WEXITED | WNOWAIT);
    await("exited", WEXITED);
    await("gone", WEXITED);
    tell("signal", &last);
    show(signals);

    signals = 0;
    install(SA_NOCLDSTOP);
    if ((child = fork()) == 0) {
        raise(SIGSTOP);
        usleep(20000);
        raise(SIGSEGV);
    }
    await("stopped", WSTOPPED);
    show(signals);
    kill(child, SIGCONT);
    await("killed", WEXITED);
    tell("signal", &last);
    show(signals);

    signals = 0;
    install(SA_NOCLDWAIT);
    if ((child = fork()) == 0) _exit(1);
    await("nobody", WEXITED);
    show(signals);
    install(0);

    try(waitid(P_ALL, 0, NULL, 0));
    try(waitid(P_ALL, 0, NULL, WEXITED | 0x100));
    try(waitid(P_PID, 0, NULL, WEXITED));
    try(waitid(P_PGID, -1, NULL, WEXITED));
    try(waitid(9, 0, NULL, WEXITED));
    try(waitid(P_ALL, 0, NULL, WEXITED));
    try(waitid(P_PIDFD, 99, NULL, WEXITED));
    try(syscall(SYS_waitpid, 0x80000000, NULL, 0));
    if ((child = fork()) == 0) _exit(5);
    int fd = syscall(SYS_pidfd_open, child, 0);
    siginfo_t info = {0};
    while (waitid(P_PIDFD, fd, &info, WEXITED) < 0 && errno == EINTR) continue;
    tell("pidfd", &info);
    try(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    try(syscall(SYS_pidfd_open, child, 0));
    try(syscall(SYS_pidfd_open, -1, 0));
    try(syscall(SYS_pidfd_open, getpid(), 1));
    if ((child = fork()) == 0) _exit(6);
    struct rusage usage;
    int status = 0;
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) continue;
    show(WEXITSTATUS(status));
    show(usage.ru_maxrss > 0);
    try(wait4(-1, (int *)4, 0, NULL));
    return 0;
}
