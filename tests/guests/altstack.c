/* Shows: a handler on its own stack survives the overflow of the normal one; sigaltstack and its errors. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "show.h"

static char *base;
static sigjmp_buf back;
static volatile int deepest;

static int on_base(const void *address) { return (const char *)address >= base && (const char *)address < base + 65536; }

static void on_fault(int number, siginfo_t *info, void *context) {
    stack_t now;
    int local;
    sigaltstack(NULL, &now);
    printf("signal %d code %d, on the other stack: %d, SS_ONSTACK: %d\n", number, info->si_code, on_base(&local),
           now.ss_flags == SS_ONSTACK);
    errno = 0;
    int answer = sigaltstack(&(stack_t){.ss_sp = base, .ss_size = 32768}, NULL);
    printf("sigaltstack from there: %d %s\n", answer, strerror(errno));
    ucontext_t *frame = context;
    char *top = (char *)frame->uc_mcontext.gregs[REG_ESP];
    printf("the fault was below the old stack pointer's page: %d\n", (char *)info->si_addr < top + 65536);
    siglongjmp(back, 1);
}

static void on_user(int number) {
    int local;
    printf("signal %d, on the other stack: %d\n", number, on_base(&local));
}

__attribute__((noinline)) static int overflow(int depth) {
    volatile char pad[4000];
    pad[0] = depth;
    deepest = depth;
    return depth < 1000000 ? overflow(depth + 1) + pad[0] : 0;
}

int main(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_STACK, &limit);
    base = malloc(65536);
    try(sigaltstack(&(stack_t){.ss_sp = base, .ss_size = 100}, NULL));
    try(sigaltstack(&(stack_t){.ss_sp = base, .ss_size = 65536, .ss_flags = 77}, NULL));
    try(sigaltstack(&(stack_t){.ss_sp = base, .ss_size = 65536}, NULL));
    stack_t now;
    sigaltstack(NULL, &now);
    printf("set: %d %zu %d\n", now.ss_sp == base, now.ss_size, now.ss_flags);

    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    for (volatile int i = 0; i < 3; i++) {
        if (sigsetjmp(back, 1) == 0) overflow(0);
        printf("back, some %s calls deep\n", deepest > 200 && deepest < 270 ? "250" : "other number of");
    }
    action.sa_handler = on_user;
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = 0;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR1);
    raise(SIGUSR2);
    try(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
    raise(SIGUSR1);
    return 0;
}
