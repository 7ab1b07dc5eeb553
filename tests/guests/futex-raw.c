/* Shows: every futex operation on one word, errors, timeouts, a wait that a signal interrupts, wake_op arithmetic. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static int word, other;

static long futex(int *at, int op, int value, const struct timespec *time, int *second, int third) {
    return syscall(SYS_futex, at, op, value, time, second, third);
}

static void nothing(int number) { (void)number; }

int main(void) {
    struct timespec soon = {0, 1000000}, wrong = {0, 1000000000}, negative = {-1, 0}, past = {0, 1};
    try(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
    try(futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
    try(futex(&word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    try(futex(&word, FUTEX_WAIT, 0, &wrong, NULL, 0));
    try(futex(&word, FUTEX_WAIT, 0, &negative, NULL, 0));
    try(futex(&word, FUTEX_WAIT, 0, (void *)8, NULL, 0));
    try(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, -1));
    try(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, 1));
    try(futex(&word, FUTEX_WAIT_BITSET, 0, &soon, NULL, 0));
    try(futex((int *)((char *)&word + 2), FUTEX_WAIT, 0, NULL, NULL, 0));
    try(futex((int *)((char *)&word + 1), FUTEX_WAKE, 1, NULL, NULL, 0));
    try(futex((int *)4096, FUTEX_WAIT, 0, NULL, NULL, 0));
    try(futex((int *)4096, FUTEX_WAKE, 1, NULL, NULL, 0));
    try(futex((int *)4096, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    try(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
    try(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
    try(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
    try(futex(&word, FUTEX_REQUEUE, 1, (void *)1, &other, 0));
    try(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5));
    try(futex(&word, FUTEX_CMP_REQUEUE, -1, (void *)1, &other, 0));
    try(futex(&word, 99, 0, NULL, NULL, 0));
    try(futex(&word, FUTEX_FD, 0, NULL, NULL, 0));

    static const struct { int op, argument, compare, with; } cases[] = {
        {FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 0},      {FUTEX_OP_ADD, 7, FUTEX_OP_CMP_NE, 5},
        {FUTEX_OP_OR, 0x30, FUTEX_OP_CMP_LT, 13},   {FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_LE, 60},
        {FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GT, 0},   {FUTEX_OP_ADD, -3, FUTEX_OP_CMP_GE, -1},
        {FUTEX_OP_OR | 8, 20, FUTEX_OP_CMP_EQ, 99}, {6, 0, 0, 0},
        {0, 0, 7, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        errno = 0;
        int code = FUTEX_OP(cases[i].op, cases[i].argument, cases[i].compare, cases[i].with);
        long woken = futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, code);
        printf("wake_op %u: %ld %s, word %x\n", i, woken, strerror(errno), other);
    }

    /* Between processes, through shared memory. */
    int *common = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int child = fork();
    if (child == 0) _exit(futex(common, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 1 : 2);
    while (futex(common, FUTEX_WAKE, 1, NULL, NULL, 0) == 0) usleep(1000);
    int status;
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 1);
    word = 0;
    child = fork();
    if (child == 0) {
        struct timespec short_time = {0, 30000000};
        _exit(futex(&word, FUTEX_WAIT_PRIVATE, 0, &short_time, NULL, 0) < 0 && errno == ETIMEDOUT ? 3 : 4);
    }
    usleep(5000);
    show(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);

    for (int restart = 0; restart < 2; restart++) {
        struct sigaction action = {.sa_handler = nothing, .sa_flags = restart ? SA_RESTART : 0};
        sigaction(SIGALRM, &action, NULL);
        struct itimerval timer = {{0, 0}, {0, 5000}};
        struct timespec longer = {0, 40000000};
        setitimer(ITIMER_REAL, &timer, NULL);
        try(futex(&word, FUTEX_WAIT, 0, &longer, NULL, 0));
    }
    struct sigaction action = {.sa_handler = nothing};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 5000}}, NULL);
    try(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0));
    return 0;
}
