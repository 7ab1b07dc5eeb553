/* Shows: sigwait, sigwaitinfo and sigtimedwait take signals without a handler. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);

    int number;
    siginfo_t info;
    raise(SIGUSR2);
    raise(SIGUSR1);
    show(sigwait(&set, &number));
    show(number);
    show(sigwaitinfo(&set, &info));
    printf("signal %d code is SI_TKILL: %d, mine: %d\n", info.si_signo, info.si_code == SI_TKILL, info.si_pid == getpid());

    struct timespec nothing = {0, 0}, little = {0, 10000000};
    try(sigtimedwait(&set, &info, &nothing));
    try(sigtimedwait(&set, &info, &little));

    int parent = getpid(), child = fork();
    if (child == 0) {
        sigqueue(parent, SIGUSR1, (union sigval){.sival_int = 1234});
        _exit(5);
    }
    for (int i = 0, usr = 0, chld = 0; i < 2; i++) {
        int got = sigwaitinfo(&set, &info);
        usr += got == SIGUSR1 && info.si_code == SI_QUEUE && info.si_value.sival_int == 1234 && info.si_pid == child;
        chld += got == SIGCHLD && info.si_code == CLD_EXITED && info.si_status == 5 && info.si_pid == child;
        if (i == 1) printf("from the child: %d %d\n", usr, chld);
    }
    int status;
    show(wait(&status) == child);
    show(WEXITSTATUS(status));
    return 0;
}
