/* Shows: priorities, scheduling policies, affinity, limits in both widths, prctl and personality, their refusals. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static void limit(const char *what, int resource) {
    struct rlimit value;
    unsigned narrow[2], old[2];
    getrlimit(resource, &value);
    syscall(SYS_ugetrlimit, resource, narrow);
    syscall(SYS_getrlimit, resource, old);
    printf("%s: %llx %llx, narrow %x %x, old %x %x\n", what, (long long)value.rlim_cur, (long long)value.rlim_max,
           narrow[0], narrow[1], old[0], old[1]);
}

int main(void) {
    struct sched_param parameter = {0};
    setpgid(0, 0);
    show(sched_getscheduler(0));
    try(sched_getparam(0, &parameter));
    show(parameter.sched_priority);
    for (int policy = 0; policy < 7; policy++) {
        errno = 0;
        printf("policy %d: %d..%d %s\n", policy, sched_get_priority_min(policy), sched_get_priority_max(policy),
               strerror(errno));
    }
    parameter.sched_priority = 1;
    try(sched_setscheduler(0, SCHED_OTHER, &parameter));
    try(sched_setscheduler(0, 77, &parameter));
    try(sched_setscheduler(-1, SCHED_OTHER, &parameter));
    try(sched_setscheduler(0x3fffffff, SCHED_BATCH, &(struct sched_param){0}));
    try(sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}));
    show(sched_getscheduler(0));
    try(sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}));
    try(sched_getscheduler(0x3fffffff));
    try(sched_yield());
    cpu_set_t set;
    show(sched_getaffinity(0, sizeof set, &set));
    show(CPU_ISSET(0, &set));
    try(sched_getaffinity(0, 3, &set));
    try(sched_getaffinity(0x3fffffff, sizeof set, &set));
    CPU_ZERO(&set);
    try(sched_setaffinity(0, sizeof set, &set));
    CPU_SET(0, &set);
    try(sched_setaffinity(0, sizeof set, &set));
    struct { unsigned size, policy, flags[2]; int nice; unsigned priority, times[6], clamp[2]; } attributes;
    try(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0));
    printf("attr: policy %u nice %d priority %u\n", attributes.policy, attributes.nice, attributes.priority);
    try(syscall(SYS_sched_getattr, 0, &attributes, 4, 0));

    errno = 0;
    show(nice(3));
    show(getpriority(PRIO_PROCESS, 0));
    show(setpriority(PRIO_PROCESS, 0, 99));
    show(getpriority(PRIO_PROCESS, getpid()));
    show(getpriority(PRIO_PGRP, 0));
    try(getpriority(3, 0));
    try(setpriority(PRIO_PROCESS, 0x3fffffff, 0));
    show(syscall(SYS_getpriority, PRIO_PROCESS, 0));

    struct rlimit value = {123456, 654321};
    try(setrlimit(RLIMIT_FSIZE, &value));
    limit("fsize", RLIMIT_FSIZE);
    value.rlim_cur = 700000;
    try(setrlimit(RLIMIT_FSIZE, &value));
    limit("cpu", RLIMIT_CPU);
    try(setrlimit(16, &value));
    try(getrlimit(-1, &value));
    struct rlimit64 wide = {0x123456789, 0x200000000}, before;
    try(prlimit64(0, RLIMIT_AS, &wide, &before));
    limit("as", RLIMIT_AS);
    try(prlimit64(0x3fffffff, RLIMIT_AS, NULL, &before));
    try(prlimit64(0, RLIMIT_NOFILE, &(struct rlimit64){10, 99999999}, NULL));
    show(personality(0xffffffff));
    show(personality(0x0400000));
    show(personality(0xffffffff));
    try(prctl(PR_SET_DUMPABLE, 2));
    show(prctl(PR_GET_DUMPABLE));
    try(prctl(PR_SET_PDEATHSIG, 65));
    try(prctl(PR_SET_NAME, 8));
    try(prctl(12345));
    show(prctl(PR_GET_TIMERSLACK));
    try(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
    try(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    show(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    try(prctl(PR_CAPBSET_READ, 41));
    unsigned cpu = 9;
    try(syscall(SYS_getcpu, NULL, &cpu, NULL));
    struct timespec interval;
    try(sched_rr_get_interval(-1, &interval));
    struct rusage usage;
    try(getrusage(RUSAGE_THREAD, &usage));
    try(getrusage(5, &usage));
    return 0;
}
