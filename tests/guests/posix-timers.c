/* Shows: timer_create and its kin, what SI_TIMER carries, overruns, absolute times, interval timers of CPU time, clocks. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static volatile int count;
static volatile siginfo_t last;

static void heard(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    last.si_code = info->si_code;
    last.si_signo = info->si_signo;
    last.si_value = info->si_value;
    count++;
}

static volatile unsigned sink;
static void burn(void) {
    for (int i = 0; i < 100000; i++) sink += i;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = heard, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGVTALRM, &action, NULL);
    sigaction(SIGPROF, &action, NULL);

    timer_t timer, second;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
    try(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec once = {{0, 0}, {0, 50000000}}, now;
    try(timer_settime(timer, 0, &once, NULL));
    try(timer_gettime(timer, &now));
    show(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 50000000);
    while (count == 0) usleep(500);
    printf("code %d signo %d value %d overrun %d\n", last.si_code, last.si_signo, last.si_value.sival_int,
           timer_getoverrun(timer));
    timer_gettime(timer, &now);
    printf("left %ld.%09ld\n", (long)now.it_value.tv_sec, now.it_value.tv_nsec);

    count = 0;
    struct itimerspec often = {{0, 2000000}, {0, 2000000}};
    timer_settime(timer, 0, &often, NULL);
    while (count < 5) usleep(500);
    timer_settime(timer, 0, &(struct itimerspec){0}, &now);
    printf("interval %ld\n", now.it_interval.tv_nsec);

    /* Blocked for eleven periods: one signal, the others are overruns. */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    count = 0;
    timer_settime(timer, 0, &often, NULL);
    nanosleep(&(struct timespec){0, 22000000}, NULL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    show(timer_getoverrun(timer) >= 8);
    show(count >= 1);
    struct timespec clock;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    struct itimerspec absolute = {{0, 0}, clock};
    count = 0;
    timer_settime(timer, TIMER_ABSTIME, &absolute, NULL);
    while (count == 0) usleep(500);
    try(timer_delete(timer));
    try(timer_delete(timer));
    try(timer_create(99, NULL, &second));
    event.sigev_signo = 65;
    try(timer_create(CLOCK_REALTIME, &event, &second));
    event.sigev_notify = 17;
    try(timer_create(CLOCK_REALTIME, &event, &second));
    event.sigev_notify = SIGEV_NONE;
    try(timer_create(CLOCK_REALTIME, &event, &second));
    try(timer_settime(second, 0, &(struct itimerspec){{0, 0}, {0, 1000000000}}, NULL));
    try(timer_create(CLOCK_REALTIME, NULL, &second));
    timer_settime(second, 0, &once, NULL);
    count = 0;
    while (count == 0) usleep(500);
    printf("default: signo %d value is the id\n", last.si_signo);

    for (int which = ITIMER_VIRTUAL; which <= ITIMER_PROF; which++) {
        count = 0;
        struct itimerval value = {{0, 0}, {0, 4000}}, old;
        setitimer(which, &value, NULL);
        getitimer(which, &old);
        show(old.it_value.tv_sec == 0 && old.it_value.tv_usec <= 20000);
        while (count == 0) burn();
        printf("which %d: signo %d code %d\n", which, last.si_signo, last.si_code == SI_KERNEL);
        getitimer(which, &old);
        printf("left %ld %ld\n", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
    }
    try(syscall(SYS_setitimer, 3, NULL, NULL));
    try(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000000}}, NULL));
    struct timespec resolution;
    for (int id = 0; id < 12; id++) {
        errno = 0;
        int result = clock_getres(id, &resolution);
        printf("clock %d: %d %s %ld\n", id, result, strerror(errno), id == 5 || id == 6 ? 0 : resolution.tv_nsec);
    }
    try(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &resolution, NULL));
    try(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &resolution, NULL));
    try(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &resolution, NULL));
    try(nanosleep(&(struct timespec){0, 1000000000}, NULL));
    return 0;
}
