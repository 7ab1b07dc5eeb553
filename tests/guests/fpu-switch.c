/* Shows: the x87 belongs to its thread: registers, control word and flags survive preemption, signals and fork. */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static volatile sig_atomic_t alarms;
static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};

/* The handler starts with a fresh x87, dirties all of it, and must leave no trace. */
static void on_alarm(int number) {
    unsigned short control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    if (control != 0x37f) alarms += 1000;
    __asm__ volatile("fninit; fldpi; fldl2e; fldlg2; fldln2; fld1; fldz; fldpi; fldl2t; fldcw %0"
                     : : "m"((unsigned short){0x7f}));
    alarms += number == SIGALRM;
}

/* Eight values wait on the register stack while others run; then they are summed. */
static long double eight(long double seed) {
    long double sum;
    __asm__ volatile(
        "fldt %1; fld1; fadd %%st(1), %%st; fld1; fadd %%st(1), %%st; fld1; fadd %%st(1), %%st\n\t"
        "fld1; fadd %%st(1), %%st; fld1; fadd %%st(1), %%st; fld1; fadd %%st(1), %%st; fld1; fadd %%st(1), %%st\n\t"
        "movl $1000, %%ecx; 1: decl %%ecx; jnz 1b\n\t"
        "faddp; faddp; faddp; faddp; faddp; faddp; faddp; fstpt %0"
        : "=m"(sum) : "m"(seed)
        : "ecx", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
    return sum;
}

static void *work(void *argument) {
    int self = (int)(long)argument;
    fesetround(modes[self]);
    long double sum = 0;
    volatile double third = 3;
    for (int i = 1; i <= 5000; i++) {
        sum += eight(i / 7.0L) / 1e6L + 1 / third / i;
        if (fegetround() != modes[self]) return (void *)-1;
    }
    char text[60];
    fesetround(FE_TONEAREST);
    snprintf(text, sizeof text, "%La", sum);
    return strdup(text);
}

int main(void) {
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_t threads[4];
    void *answer;
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], &answer), printf("%s\n", answer == (void *)-1 ? "mode lost" : (char *)answer);
    setitimer(ITIMER_REAL, &never, NULL);
    printf("alarms: %s\n", alarms > 0 && alarms < 1000 ? "some, each with a fresh x87" : "wrong");

    fesetround(FE_UPWARD);
    fflush(stdout);
    if (fork() == 0) {
        printf("child rounds upward: %d %.3f\n", fegetround() == FE_UPWARD, 0.0001);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
