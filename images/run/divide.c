/* Lesson: a fault that no handler wants kills the process: #DE becomes SIGFPE, status 128 + 8. */
#include "sys.h"

static int survived;

/* Skips the two bytes of `idiv %ecx`; the signal frame holds the registers that the return restores. */
static void skip(int signal, struct siginfo *info, struct ucontext *context) {
    say("signal %d code %d trap %u, eip %s si_addr\n", signal, info->code, context->trapno,
        (char *)context->eip == info->addr ? "is" : "is not");
    context->eip += 2;
    context->eax = 77;
    survived++;
}

__attribute__((noinline)) static int divide(int high, int low, int by) {
    __asm__ volatile("idivl %%ecx" : "+a"(low), "+d"(high) : "c"(by));
    return low;
}

int guest_main(unsigned *stack) {
    (void)stack;
    say("100 / 7 = %d\n", divide(0, 100, 7));
    handle_signal(SIGFPE, skip);
    say("1 / 0 = %d, says the handler\n", divide(0, 1, 0));
    say("-2147483648 / -1 = %d, says the handler\n", divide(-1, 0x80000000, -1));
    struct sigaction standard = {0, SA_RESTORER, sigreturn, {0, 0}};
    syscall(174, SIGFPE, &standard, 0, 8);
    say("%d survived, the next one will not\n", survived);
    return divide(0, 1, 0);
}
