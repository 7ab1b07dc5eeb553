/* Shows: waiting calls and signals (root): EINTR, restart by SA_RESTART, partial writes, timeouts that were not used up. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include "show.h"

static int calls, on_signal = -1;
static char data[200000];

/* The second time it ends what is being waited for. */
static void handler(int number) {
    (void)number;
    if (++calls == 2 && on_signal >= 0) write(on_signal, "x", 1);
}

static void arm(int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct itimerval twice = {{0, 200000}, {0, 30000}};
    sigaction(SIGALRM, &action, NULL);
    calls = 0;
    setitimer(ITIMER_REAL, &twice, NULL);
}

#define under(flags, call)                                                                          \
    do {                                                                                            \
        arm(flags);                                                                                 \
        errno = 0;                                                                                  \
        long answer_ = (call);                                                                      \
        int error_ = errno;                                                                         \
        setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);                                       \
        printf("%s %s: %ld %s after %d\n", #call, #flags, answer_, answer_ < 0 ? strerror(error_) : "", calls); \
    } while (0)

int main(void) {
    int p[2], s[2], q[2];
    char b[8];
    pipe(p), pipe(q);
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    under(0, read(p[0], b, 8));
    on_signal = p[1];
    under(SA_RESTART, read(p[0], b, 8));
    struct pollfd one = {p[0], POLLIN, 0};
    under(0, poll(&one, 1, -1));
    under(SA_RESTART, poll(&one, 1, -1));
    struct timeval timeout = {10, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    under(SA_RESTART, select(p[0] + 1, &set, NULL, NULL, &timeout));
    show(FD_ISSET(p[0], &set) != 0 && timeout.tv_sec == 9);
    struct timespec span = {10, 0};
    under(SA_RESTART, ppoll(&one, 1, &span, NULL));
    int e = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(e, EPOLL_CTL_ADD, p[0], &event);
    under(SA_RESTART, epoll_wait(e, &event, 1, -1));
    on_signal = s[1];
    under(0, recv(s[0], b, 8, 0));
    under(SA_RESTART, recv(s[0], b, 8, 0));

    /* A write that does not fit: what has gone counts. */
    on_signal = -1;
    under(SA_RESTART, write(q[1], data, sizeof data));
    under(0, write(q[1], data, 10));
    under(SA_RESTART, write(s[0], data, sizeof data) == sizeof data);
    under(SA_RESTART, write(s[0], data, sizeof data) > 0);

    /* A signal that is ignored, or blocked, disturbs nobody. */
    struct timeval short_wait = {0, 100000};
    signal(SIGALRM, SIG_IGN);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 10000}}, NULL);
    show(select(0, NULL, NULL, NULL, &short_wait));
    sigset_t blocked, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGALRM, handler);
    calls = 0;
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 10000}}, NULL);
    show(poll(NULL, 0, 50));
    show(calls);
    span = (struct timespec){5, 0};
    try(ppoll(NULL, 0, &span, &none));
    show(calls);
    show(sigprocmask(SIG_BLOCK, NULL, &none) + sigismember(&none, SIGALRM));
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);

    mkfifo("fifo", 0600);
    under(0, open("fifo", O_RDONLY));
    under(0, open("fifo", O_WRONLY));
    int lock = open("lock", O_CREAT | O_RDWR, 0600), other = open("lock", O_RDWR);
    flock(other, LOCK_EX);
    under(0, flock(lock, LOCK_EX));
    return 0;
}
