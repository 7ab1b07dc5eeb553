/* Shows: SIGSEGV in every way: code, address, trap and error code, CR2, for reads, writes, fetches, below and above. */
#include "mm.h"

static void on_segv(int number, siginfo_t *info, void *context) {
    ucontext_t *c = context;
    greg_t *r = c->uc_mcontext.gregs;
    if (info->si_code <= 0) {
        printf("  signal %d code %d\n", number, info->si_code);
        siglongjmp(back, 1);
    }
    /* A kernel with its own addresses there calls it a protection violation. */
    int error = (r[REG_ERR] & ~0x10) | ((uintptr_t)info->si_addr > 0xfffff000u - 1);
    printf("  signal %d code %d at %ld, trap %d error %d, cr2 the address %d, errno %d\n", number, info->si_code,
           (long)((uintptr_t)info->si_addr - base), (int)r[REG_TRAPNO], error,
           c->uc_mcontext.cr2 == (unsigned long)info->si_addr, info->si_errno);
    siglongjmp(back, 1);
}

int main(void) {
    char *area = lonely(8, RW, ANON);
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    base = (uintptr_t)area;
    mprotect(area + PAGE, PAGE, PROT_READ);
    mprotect(area + 2 * PAGE, PAGE, PROT_NONE);
    mprotect(area + 3 * PAGE, PAGE, PROT_WRITE);
    mprotect(area + 4 * PAGE, PAGE, PROT_EXEC);
    munmap(area + 6 * PAGE, PAGE);
    attempt(store(area + PAGE, 1));
    attempt((load(area + PAGE), store(area + PAGE + 5, 1)));
    attempt(load(area + 2 * PAGE));
    attempt(store(area + 2 * PAGE + 1, 1));
    attempt(load(area + 3 * PAGE));
    attempt(store(area + 4 * PAGE + 7, 1));
    attempt(load(area + 6 * PAGE + 9));
    attempt(store(area + 6 * PAGE + 9, 1));
    attempt(((void (*)(void))(area + 2 * PAGE + 3))());
    attempt(((void (*)(void))(area + 6 * PAGE + 3))());
    base = 0;
    attempt(load(8));
    attempt(store(0, 1));
    attempt(load(4095));
    attempt(((void (*)(void))16)());
    /* The last page belongs to nobody on any kernel. */
    base = 0xfffff000;
    attempt(load(0xffffffffu));
    attempt(store(0xfffff000u, 1));
    attempt(((void (*)(void))0xfffff004u)());
    base = (uintptr_t)area;
    attempt(*(volatile int *)(area + 6 * PAGE - 2) = 1);
    attempt(*(volatile long long *)(area + 6 * PAGE - 4) = 1);
    attempt((void)*(volatile int *)(area + 7 * PAGE - 2));
    attempt(__asm__ volatile("fldl %0" : : "m"(*(double *)(area + 6 * PAGE - 3))));
    attempt(__asm__ volatile("lock; incl %0" : "+m"(*(int *)(area + PAGE))));
    attempt(__asm__ volatile("cmpl $1, %0" : : "m"(*(int *)(area + 2 * PAGE))));
    attempt(kill(getpid(), SIGSEGV));
    return 0;
}
