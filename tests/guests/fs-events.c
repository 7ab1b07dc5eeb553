/* Shows: eventfd, timerfd and epoll: counters, semaphores, expirations, level and edge, one shot, nested and closed files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static int set;
static unsigned long long words[2];
#define word (*words)

static int control(int operation, int fd, unsigned events, int data) {
    struct epoll_event e = {.events = events, .data.u64 = data};
    return epoll_ctl(set, operation, fd, &e);
}

static void wait_now(const char *when) {
    struct epoll_event e[8];
    int n = epoll_wait(set, e, 8, 0);
    printf("%s: %d", when, n);
    for (int i = 0; i < n; i++) printf(" [%x %llu]", e[i].events, (unsigned long long)e[i].data.u64);
    printf("\n");
}

static int events(int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    poll(&p, 1, 0);
    return p.revents;
}

int main(void) {
    int e = eventfd(3, EFD_NONBLOCK), s = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC), p[2];
    show(read(e, &word, 8) + word);
    try(read(e, &word, 8));
    word = -1;
    try(write(e, &word, 8));
    word = -2;
    show(write(e, &word, 8));
    word = 1;
    try(write(e, &word, 8));
    printf("events %x\n", events(e));
    show(read(e, words, 16));
    show(read(s, &word, 8) * 10 + word);
    printf("events %x %x\n", events(e), events(s));

    set = epoll_create1(0);
    pipe(p);
    try(control(EPOLL_CTL_ADD, set, EPOLLIN, 0));
    try(control(EPOLL_CTL_MOD, e, EPOLLIN, 0));
    try(control(9, e, EPOLLIN, 0));
    try(epoll_ctl(e, EPOLL_CTL_ADD, p[0], &(struct epoll_event){0}));
    try(control(EPOLL_CTL_ADD, open("/proc/self/exe", O_RDONLY), EPOLLIN, 0));
    show(control(EPOLL_CTL_ADD, e, EPOLLIN, 1));
    try(control(EPOLL_CTL_ADD, e, EPOLLIN, 1));
    show(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 2));
    show(control(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLONESHOT, 3));
    wait_now("a pipe with room");
    wait_now("one shot is over");
    show(write(p[1], "xy", 2));
    show(eventfd_write(e, 5));
    wait_now("both");
    wait_now("level stays, edge is gone");
    show(read(p[0], &word, 1));
    wait_now("reading is no edge");
    show(write(p[1], "z", 1));
    wait_now("writing is one");
    show(control(EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLONESHOT, 4));
    show(control(EPOLL_CTL_DEL, e, 0, 0));
    wait_now("one less");
    close(p[1]);
    wait_now("the writer is gone");
    int copy = dup(p[0]);
    close(p[0]);
    show(write(e, &(unsigned long long){1}, 8));
    close(copy);
    wait_now("all closed");
    try(epoll_wait(set, NULL, 0, 0));
    try(epoll_wait(e, &(struct epoll_event){0}, 1, 0));

    int outer = epoll_create1(EPOLL_CLOEXEC);
    show(epoll_ctl(outer, EPOLL_CTL_ADD, set, &(struct epoll_event){.events = EPOLLIN}));
    try(control(EPOLL_CTL_ADD, outer, EPOLLIN, 0));
    printf("outer %x\n", events(outer));
    control(EPOLL_CTL_ADD, e, EPOLLIN, 9);
    printf("outer %x\n", events(outer));
    fflush(stdout);
    control(EPOLL_CTL_DEL, e, 0, 0);
    pipe(p);
    control(EPOLL_CTL_ADD, p[0], EPOLLIN, 6);
    if (fork() == 0) {
        usleep(10000);
        _exit(write(p[1], "wake", 4) != 4);
    }
    struct epoll_event event;
    show(epoll_wait(set, &event, 1, 5000));
    show(event.data.u64);
    wait(NULL);
    show(epoll_wait(epoll_create1(0), &event, 1, 20));

    int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec spec = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}}, now;
    try(read(t, &word, 8));
    show(timerfd_settime(t, 0, &spec, NULL));
    show(poll(&(struct pollfd){t, POLLIN, 0}, 1, 1000));
    show(read(t, &word, 8) == 8 && word >= 1);
    usleep(45000);
    show(read(t, &word, 8) == 8 && word >= 3);
    timerfd_gettime(t, &now);
    show(now.it_interval.tv_nsec == 10000000 && now.it_value.tv_nsec <= 10000000);
    spec = (struct itimerspec){.it_value = {0, 1}};
    show(timerfd_settime(t, TFD_TIMER_ABSTIME, &spec, NULL));
    show(read(t, &word, 8) == 8 && word == 1);
    return 0;
}
