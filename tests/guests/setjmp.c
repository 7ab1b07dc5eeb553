/* Shows: setjmp and longjmp through many frames, out of a signal handler, and between contexts. */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>
#include "show.h"

static jmp_buf level[10];
static sigjmp_buf from_signal;
static ucontext_t main_context, other_context;

static void descend(int depth) {
    volatile char pad[1000];
    pad[0] = depth;
    if (depth == 0) longjmp(level[3], 42);
    int value = setjmp(level[depth]);
    if (value) {
        printf("landed at depth %d with %d, pad %d\n", depth, value, pad[0]);
        if (depth < 9) longjmp(level[depth + 3], value + 1);
        return;
    }
    descend(depth - 1);
    printf("depth %d returns\n", depth);
}

static void on_signal(int number) {
    printf("signal %d\n", number);
    siglongjmp(from_signal, number);
}

static void coroutine(int a, int b) {
    for (int i = 0; i < 3; i++) {
        printf("coroutine %d: %d\n", i, a * b + i);
        swapcontext(&other_context, &main_context);
    }
}

int main(void) {
    descend(9);
    show(setjmp(level[0]) == 0);
    volatile int count = 0;
    int value = setjmp(level[1]);
    if (count++ < 3) longjmp(level[1], value * 2);
    printf("zero becomes one: %d\n", value);

    signal(SIGUSR1, on_signal);
    sigset_t mask;
    for (volatile int i = 0; i < 2; i++) {
        int got = sigsetjmp(from_signal, i == 0);
        if (got == 0) raise(SIGUSR1);
        sigprocmask(SIG_BLOCK, NULL, &mask);
        printf("mask saved: %d, SIGUSR1 still blocked: %d\n", i == 0, sigismember(&mask, SIGUSR1));
    }
    sigprocmask(SIG_UNBLOCK, &(sigset_t){{1u << (SIGUSR1 - 1)}}, NULL);

    getcontext(&other_context);
    other_context.uc_stack.ss_sp = malloc(65536);
    other_context.uc_stack.ss_size = 65536;
    other_context.uc_link = &main_context;
    makecontext(&other_context, (void (*)(void))coroutine, 2, 6, 7);
    for (int i = 0; i < 4; i++) {
        printf("main %d\n", i);
        swapcontext(&main_context, &other_context);
    }
    return 0;
}
