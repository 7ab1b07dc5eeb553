/* Shows: system calls that a signal interrupts: which restart, which say EINTR, what is left of a sleep, stop and go on. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static int ends[2];
static volatile int heard;

static void handler(int number) {
    (void)number;
    if (++heard >= 2 && write(ends[1], "x", 1) != 1) _exit(1);
}

/* The first signal after 5 ms; the second, after 20 ms, makes the pipe readable. */
static void arm(int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    heard = 0;
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 15000}, {0, 5000}}, NULL);
}

static void disarm(void) {
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    char bytes[16];
    struct pollfd fd = {ends[0], POLLIN, 0};
    while (poll(&fd, 1, 0) > 0) if (read(ends[0], bytes, sizeof bytes) < 0) break;
}

int main(void) {
    if (pipe(ends)) return 1;
    char byte;
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        printf("flags %x\n", flags);
        arm(flags);
        try(read(ends[0], &byte, 1));
        show(heard);
        disarm();
        arm(flags);
        struct pollfd fd = {ends[0], POLLIN, 0};
        try(poll(&fd, 1, 1000));
        show(heard);
        disarm();
        arm(flags);
        fd_set set;
        FD_ZERO(&set);
        FD_SET(ends[0], &set);
        try(select(ends[0] + 1, &set, NULL, NULL, NULL));
        disarm();
        arm(flags);
        struct timespec rest = {9, 9};
        errno = 0;
        int result = nanosleep(&(struct timespec){0, 50000000}, &rest);
        printf("nanosleep %d %s, rest plausible %d\n", result, strerror(errno),
               rest.tv_sec == 0 && rest.tv_nsec > 20000000 && rest.tv_nsec < 46000000);
        disarm();
        arm(flags);
        struct timespec then;
        clock_gettime(CLOCK_MONOTONIC, &then);
        then.tv_sec++;
        result = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
        printf("clock_nanosleep absolute: %s\n", strerror(result));
        disarm();
        arm(flags);
        try(pause());
        disarm();
        int child = fork();
        if (child == 0) {
            usleep(30000);
            _exit(0);
        }
        arm(flags);
        try(waitpid(child, NULL, 0));
        disarm();
        while (waitpid(child, NULL, 0) > 0) continue;
    }

    /* Stopped and continued without a handler: the call goes on as if nothing had been. */
    int child = fork();
    if (child == 0) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        int result = nanosleep(&(struct timespec){0, 60000000}, NULL);
        clock_gettime(CLOCK_MONOTONIC, &end);
        long ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
        if (result || ms < 60 || ms > 500) _exit(2);
        _exit(read(ends[0], &byte, 1) == 1 && byte == 'y' ? 0 : 3);
    }
    int status;
    for (int i = 0; i < 3; i++) {
        usleep(8000);
        kill(child, SIGSTOP);
        show(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
        kill(child, SIGCONT);
        show(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    }
    usleep(70000);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    usleep(1000);
    show(write(ends[1], "y", 1));
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
    try(syscall(SYS_restart_syscall));
    return 0;
}
