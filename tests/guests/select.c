/* Shows: select and pselect: sets, timeouts, wake-up by another process, errors. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static void on_alarm(int number) { printf("signal %d\n", number); }

int main(void) {
    int a[2], b[2];
    char byte;
    if (pipe(a) || pipe(b)) return 1;
    int top = b[1] + 1;
    fd_set readable, writable;
    struct timeval none = {0, 0}, little = {0, 20000}, left;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(a[0], &readable);
    FD_SET(b[0], &readable);
    FD_SET(a[1], &writable);
    left = none;
    show(select(top, &readable, &writable, NULL, &left));
    printf("%d %d %d\n", !!FD_ISSET(a[0], &readable), !!FD_ISSET(b[0], &readable), !!FD_ISSET(a[1], &writable));

    FD_SET(a[0], &readable);
    left = little;
    show(select(top, &readable, NULL, NULL, &left));
    printf("rest %ld %ld, still set: %d\n", (long)left.tv_sec, (long)left.tv_usec, !!FD_ISSET(a[0], &readable));

    if (fork() == 0) {
        usleep(20000);
        _exit(write(b[1], "b", 1) != 1);
    }
    FD_SET(a[0], &readable);
    FD_SET(b[0], &readable);
    left = (struct timeval){10, 0};
    show(select(top, &readable, NULL, NULL, &left));
    printf("%d %d, time left: %d\n", !!FD_ISSET(a[0], &readable), !!FD_ISSET(b[0], &readable), left.tv_sec == 9);
    show(read(b[0], &byte, 1));
    wait(NULL);

    FD_ZERO(&readable);
    close(40);
    FD_SET(40, &readable);
    try(select(41, &readable, NULL, NULL, &none));
    try(select(-1, NULL, NULL, NULL, &none));
    left = (struct timeval){-1, 0};
    try(select(0, NULL, NULL, NULL, &left));
    show(select(0, NULL, NULL, NULL, &little));

    /* pselect lets the signal in only while it waits. */
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGUSR1, on_alarm);
    raise(SIGUSR1);
    printf("blocked so far\n");
    struct timespec wait_long = {10, 0};
    try(pselect(0, NULL, NULL, NULL, &wait_long, &old));
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    show(sigismember(&now, SIGUSR1));
    return 0;
}
