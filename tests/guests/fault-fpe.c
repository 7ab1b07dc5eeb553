/* Shows: SIGFPE of integer division and of unmasked x87 exceptions with their si_code, and what a handler may change. */
#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>
#include "show.h"

static sigjmp_buf back;
static volatile double zero = 0, one = 1, big = 1e308, tiny = 1e-308;
static volatile int izero, minimum = -2147483647 - 1, minus = -1;
static volatile long double narrow;
static volatile double result;
static volatile float single;

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    fpregset_t fp = ((ucontext_t *)context)->uc_mcontext.fpregs;
    printf("  signal %d code %d trap %d error %d, eip %s si_addr", number, info->si_code, (int)registers[REG_TRAPNO],
           (int)registers[REG_ERR], (void *)registers[REG_EIP] == info->si_addr ? "is" : "is not");
    printf(", control %03lx status %02lx\n", fp->cw & 0xfff, fp->sw & 0xff);
    siglongjmp(back, 1);
}

static void unmask(int which) {
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(which);
}

#define attempt(...)                                                  \
    do {                                                              \
        printf("%s\n", #__VA_ARGS__);                                        \
        if (!sigsetjmp(back, 1)) {                                    \
            __VA_ARGS__;                                                     \
            __asm__ volatile("fwait");                                \
            printf("  nothing happened\n");                           \
        }                                                             \
        __asm__ volatile("fninit");                                   \
    } while (0)

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &action, NULL);
    attempt(izero = minus / izero);
    attempt(izero = minimum / minus);
    attempt(izero = 5 % izero);
    attempt(__asm__ volatile("movl $0x100, %%eax; movb $1, %%cl; divb %%cl" : : : "eax", "ecx"));
    attempt(__asm__ volatile("aam $0" : : : "eax"));
    attempt(result = one / zero);
    attempt(unmask(FE_DIVBYZERO); result = one / zero);
    attempt(unmask(FE_INVALID); result = zero / zero);
    attempt(unmask(FE_OVERFLOW); result = big * big);
    attempt(unmask(FE_UNDERFLOW); result = tiny * tiny);
    attempt(unmask(FE_INEXACT); result = one / 3);
    attempt(unmask(FE_ALL_EXCEPT); result = one + one);
    attempt(unmask(FE_OVERFLOW | FE_INEXACT); single = big);
    attempt(unmask(FE_INVALID); izero = (int)big);
    attempt(unmask(FE_DIVBYZERO); __asm__ volatile("fld1; fldz; fdivrp; nop; fwait"));
    attempt(unmask(FE_INVALID); __asm__ volatile("fninit; fldcw %0; fstp %%st; fwait" : : "m"((unsigned short){0x37e})));
    attempt(unmask(FE_INVALID); __asm__ volatile("fldz; fldz; fdivp; fnclex; fwait"));
    attempt(raise(SIGFPE));
    return narrow > 1;
}
