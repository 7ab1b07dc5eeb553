/* Shows: queued real-time signals in order, sigqueue values, RLIMIT_SIGPENDING, sigtimedwait, tgkill and its errors. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static void heard(int number, siginfo_t *info, void *context) {
    (void)context;
    printf("heard %d code %d value %d, mine %d\n", number - SIGRTMIN, info->si_code, info->si_value.sival_int,
           info->si_pid == getpid());
}

int main(void) {
    struct sigaction action = {.sa_sigaction = heard, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < 4; i++) {
        sigaction(SIGRTMIN + i, &action, NULL);
        sigaddset(&action.sa_mask, SIGRTMIN + i + 1);
    }
    sigset_t all, old, pending;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    for (int i = 0; i < 8; i++) try(sigqueue(getpid(), SIGRTMIN + (7 * i) % 4, (union sigval){.sival_int = i}));
    sigpending(&pending);
    for (int i = 0; i < 5; i++) show(sigismember(&pending, SIGRTMIN + i));
    sigprocmask(SIG_SETMASK, &old, NULL);

    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int i = 0; i < 2; i++) sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 100 + i});
    struct rlimit limit = {0, 0};
    setrlimit(RLIMIT_SIGPENDING, &limit);
    for (int i = 0; i < 2; i++) try(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 100 + i}));
    try(kill(getpid(), SIGRTMIN + 1));
    try(kill(getpid(), SIGUSR1));

    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGRTMIN);
    sigaddset(&some, SIGUSR1);
    siginfo_t info;
    struct timespec none = {0, 0}, soon = {0, 2000000}, wrong = {0, -1};
    for (int i = 0; i < 5; i++) {
        errno = 0;
        int number = sigtimedwait(&some, &info, &none);
        printf("waited: %d %s", number < 0 ? -1 : number == SIGUSR1 ? 1 : 2, strerror(errno));
        if (number > 0) printf(" code %d value %d", info.si_code, number == SIGUSR1 ? 0 : info.si_value.sival_int);
        printf("\n");
    }
    try(sigtimedwait(&some, &info, &soon));
    try(sigtimedwait(&some, &info, &wrong));
    try(syscall(SYS_rt_sigtimedwait, &some, &info, &none, 4));
    try(syscall(SYS_rt_sigtimedwait, 8, &info, &none, 8));
    try(syscall(SYS_rt_sigpending, &pending, 4));
    try(syscall(SYS_rt_sigpending, &pending, 9));
    try(syscall(SYS_rt_sigsuspend, &pending, 4));

    int self = getpid();
    try(syscall(SYS_tgkill, self, self, 0));
    try(syscall(SYS_tgkill, self, self, 65));
    try(syscall(SYS_tgkill, self, 0, SIGUSR1));
    try(syscall(SYS_tgkill, 1, self, SIGUSR1));
    try(syscall(SYS_tkill, 0x3fffffff, SIGUSR1));
    try(syscall(SYS_tkill, 0, SIGUSR1));
    try(kill(self, 65));
    try(kill(0x3fffffff, 65));
    try(kill(0x3fffffff, 0));
    siginfo_t forged = {.si_code = SI_USER, .si_signo = SIGUSR1};
    try(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &forged));
    forged.si_code = SI_TKILL;
    try(syscall(SYS_rt_sigqueueinfo, self, SIGUSR2, &forged));
    try(syscall(SYS_rt_sigqueueinfo, self, SIGUSR2, (void *)8));
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    show(sigwaitinfo(&some, &info) == SIGUSR2);
    printf("forged: signo right %d code %d\n", info.si_signo == SIGUSR2, info.si_code);
    return 0;
}
