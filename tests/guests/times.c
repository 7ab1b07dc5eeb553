/* Shows: clocks never go back, sleeps are long enough, calendar arithmetic, resolutions, CPU time. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <stdlib.h>
#include <unistd.h>
#include "show.h"

static long long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_BOOTTIME};
    for (int i = 0; i < 4; i++) {
        long long before = now(clocks[i]), back = 0;
        for (int j = 0; j < 1000; j++) {
            long long t = now(clocks[i]);
            back += t < before;
            before = t;
        }
        printf("clock %d went back %lld times\n", clocks[i], back);
    }
    long long start = now(CLOCK_MONOTONIC);
    struct timespec rest = {0, 30000000};
    show(nanosleep(&rest, NULL));
    long long slept = now(CLOCK_MONOTONIC) - start;
    printf("slept at least: %d, not a hundred times as long: %d\n", slept >= 30000000, slept < 3000000000LL);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 20000000;
    if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
    show(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
    show(now(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000LL + until.tv_nsec);
    show(usleep(1000));
    rest = (struct timespec){0, 1000000000};
    try(nanosleep(&rest, NULL));
    rest = (struct timespec){-1, 0};
    try(nanosleep(&rest, NULL));
    try(clock_gettime(12345, &rest));
    show(clock_getres(CLOCK_MONOTONIC, &rest));
    show(rest.tv_sec == 0 && rest.tv_nsec > 0 && rest.tv_nsec <= 10000000);

    struct timeval day;
    show(gettimeofday(&day, NULL));
    show(llabs((long long)day.tv_sec - time(NULL)) <= 1);
    clock_t cpu = clock();
    for (volatile int i = 0; i < 3000000; i++) {}
    show(clock() >= cpu);
    struct tms used;
    show(times(&used) != -1);
    show(used.tms_cutime == 0 && used.tms_cstime == 0);
    struct rusage usage;
    show(getrusage(RUSAGE_SELF, &usage));
    show(usage.ru_minflt > 0 && usage.ru_utime.tv_sec < 60);
    show(getrusage(RUSAGE_CHILDREN, &usage));
    show(usage.ru_utime.tv_sec + usage.ru_utime.tv_usec);
    show(sysconf(_SC_CLK_TCK));

    static const time_t moments[] = {0, 86399, 951782400, 1000000000, 1709164800, 2147483647, -1, -2147483647 - 1};
    char text[100];
    for (int i = 0; i < 8; i++) {
        struct tm *parts = gmtime(&moments[i]);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %b %j %U %V %y %p", parts);
        printf("%ld: %s, back %d\n", (long)moments[i], text, timegm(parts) == moments[i]);
    }
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    for (int i = 0; i < 6; i++) printf("%s", ctime(&moments[i]));
    struct tm odd = {.tm_year = 124, .tm_mon = 14, .tm_mday = -5, .tm_hour = 30, .tm_isdst = -1};
    long moment = mktime(&odd);
    printf("%ld %s", moment, asctime(&odd));
    return 0;
}
