/* Shows: SA_SIGINFO, SA_RESETHAND, SA_NODEFER, masks, pending signals and their order, and the errors of the calls. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>
#include "show.h"

static int depth, total;

static void on_signal(int number, siginfo_t *info, void *context) {
    const char *from = info->si_code == SI_USER ? "kill" : info->si_code == SI_TKILL ? "tkill" : "queue";
    printf("%*ssignal %d by %s, pid is mine: %d", depth * 2, "", number, from, info->si_pid == getpid());
    if (info->si_code == SI_QUEUE) printf(", value %d", info->si_value.sival_int);
    printf(", context %d\n", context != NULL);
}

static void nested(int number) {
    printf("%*senter %d\n", depth * 2, "", number);
    depth++;
    if (++total < 3) raise(number);
    depth--;
    printf("%*sleave %d\n", depth * 2, "", number);
}

static void install(int number, void *handler, int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_sigaction = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

int main(void) {
    install(SIGUSR1, on_signal, SA_SIGINFO);
    install(SIGRTMIN, on_signal, SA_SIGINFO);
    install(SIGRTMIN + 3, on_signal, SA_SIGINFO);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77});

    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGUSR1);
        sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 10 + i});
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    }
    sigpending(&pending);
    printf("pending: %d %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGRTMIN),
           sigismember(&pending, SIGRTMIN + 3), sigismember(&pending, SIGUSR2));
    printf("unblock: real-time signals queue, others do not\n");
    sigprocmask(SIG_SETMASK, &old, NULL);

    install(SIGUSR2, nested, SA_NODEFER);
    raise(SIGUSR2);
    printf("without SA_NODEFER the second waits for the first\n");
    install(SIGUSR2, nested, 0);
    total = 0;
    raise(SIGUSR2);
    install(SIGUSR2, nested, SA_RESETHAND);
    raise(SIGUSR2);
    struct sigaction now;
    sigaction(SIGUSR2, NULL, &now);
    printf("reset to default: %d\n", now.sa_handler == SIG_DFL);
    signal(SIGUSR2, SIG_IGN);
    try(kill(getpid(), SIGUSR2));
    try(sigaction(SIGKILL, &now, NULL));
    try(sigaction(65, &now, NULL));
    try(kill(getpid(), 0));
    try(kill(getpid(), 65));
    try(kill(0x3fffffff, SIGUSR1));
    try(sigprocmask(42, &set, NULL));
    return 0;
}
