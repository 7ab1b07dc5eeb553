/* Shows: sigsuspend, pause, alarm, interval timers, EINTR and SA_RESTART, SIGCHLD. */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static volatile sig_atomic_t seen[65];

static void count(int number) { seen[number]++; }

static void install(int number, int flags) {
    struct sigaction action = {.sa_handler = count, .sa_flags = flags};
    sigaction(number, &action, NULL);
}

static void timer(int milliseconds, int interval) {
    struct itimerval value = {{0, interval * 1000}, {0, milliseconds * 1000}};
    setitimer(ITIMER_REAL, &value, NULL);
}

int main(void) {
    sigset_t block, none, old;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, &old);
    install(SIGCHLD, 0);
    install(SIGALRM, 0);

    for (int i = 0; i < 3; i++) {
        if (fork() == 0) _exit(i);
        int status;
        try(sigsuspend(&none));
        printf("SIGCHLD %d, child %d\n", (int)seen[SIGCHLD], wait(&status) > 0 ? WEXITSTATUS(status) : -1);
    }
    timer(20, 0);
    try(sigsuspend(&none));
    show(seen[SIGALRM]);
    timer(10, 10);
    while (seen[SIGALRM] < 5) sigsuspend(&none);
    timer(0, 0);
    show(seen[SIGALRM]);

    sigprocmask(SIG_SETMASK, &old, NULL);
    show(alarm(100));
    show(alarm(1));
    try(pause());
    show(alarm(0));
    show(seen[SIGALRM]);

    int ends[2];
    char byte;
    if (pipe(ends) != 0) return 1;
    /* The timer goes on, so that a host too slow to be asleep at the first tick is woken by a later one. */
    seen[SIGALRM] = 0;
    timer(20, 20);
    try(read(ends[0], &byte, 1));
    install(SIGALRM, SA_RESTART);
    install(SIGCHLD, SA_RESTART);
    if (fork() == 0) {
        usleep(60000);
        _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
    }
    show(read(ends[0], &byte, 1));
    show(byte);
    wait(NULL);
    show(seen[SIGALRM] >= 2);
    struct timespec rest = {10, 0}, left = {0, 0};
    try(nanosleep(&rest, &left));
    show(left.tv_sec);
    timer(0, 0);
    return 0;
}
