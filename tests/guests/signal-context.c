/* Shows: what a handler finds in its ucontext, and what changing it does; frames of both kinds, laid out by hand. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "show.h"

static void change(int number, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    printf("signal %d code %d trap %d err %d\n", number, info->si_code, r[REG_TRAPNO], r[REG_ERR]);
    printf("ax %x dx %x\n", r[REG_EAX], r[REG_EDX]);
    if (number == SIGILL) printf("cx %x bx %x si %x di %x\n", r[REG_ECX], r[REG_EBX], r[REG_ESI], r[REG_EDI]);
    show(r[REG_ESP] == r[REG_UESP]);
    show((r[REG_CS] & 3) == 3 && (r[REG_SS] & 3) == 3);
    if (number == SIGILL) printf("flags %x\n", r[REG_EFL] & 0xcd5);
    show(uc->uc_link == NULL);
    show(uc->uc_stack.ss_flags);
    show(uc->uc_mcontext.fpregs != NULL && uc->uc_mcontext.fpregs->cw == 0xffff037f);
    r[REG_EAX] = 0x11111111;
    r[REG_EDX] = 0x22222222;
    r[REG_EFL] |= 0x801;
    r[REG_EIP] += 2;
    sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void classic(int number) {
    unsigned *frame = (unsigned *)__builtin_frame_address(0) + 1;
    printf("classic: number %d %d, stack %d, code %x %x\n", number, frame[1], ((int)frame + 4) & 15, frame[181],
           frame[182]);
}

struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask[2];
};
struct old_action {
    void *handler;
    unsigned long mask, flags;
    void *restorer;
};

int main(void) {
    struct sigaction action = {.sa_sigaction = change, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    unsigned ax, dx, flags;
    /* ud2, two bytes, which the handler steps over */
    __asm__ volatile("xorl %%eax, %%eax; ud2; pushfl; popl %2"
                     : "=a"(ax), "=d"(dx), "=r"(flags)
                     : "c"(1), "1"(2), "b"(3), "S"(4), "D"(5)
                     : "cc", "memory");
    printf("ax %x dx %x flags %x\n", ax, dx, flags & 0x801);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    show(sigismember(&mask, SIGUSR2));
    sigemptyset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    /* mov (%eax), %eax: two bytes */
    __asm__ volatile("movl (%%eax), %%eax" : "=a"(ax), "=d"(dx) : "0"(16), "1"(9) : "cc", "memory");
    printf("ax %x dx %x\n", ax, dx);
    sigemptyset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);

    /* Handlers installed by the three calls, without a restorer: the code on the stack returns. */
    fflush(stdout);
    struct kernel_action modern = {classic, 0, NULL, {1 << (SIGHUP - 1), 0}}, seen;
    try(syscall(SYS_rt_sigaction, SIGUSR1, &modern, NULL, 8));
    try(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &seen, 8));
    show(seen.handler == classic && seen.flags == 0 && seen.mask[0] == 1);
    try(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &seen, 4));
    raise(SIGUSR1);
    struct old_action old = {classic, -1ul, 0, NULL}, before;
    try(syscall(SYS_sigaction, SIGUSR1, &old, &before));
    show(before.handler == classic && before.mask == 1);
    raise(SIGUSR1);
    try(syscall(SYS_sigaction, SIGUSR1, NULL, &before));
    printf("mask without KILL and STOP %lx\n", before.mask);
    show((void *)syscall(SYS_signal, SIGUSR1, classic) == classic);
    raise(SIGUSR1);
    try(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &seen, 8));
    printf("one shot: handler %d flags %lx\n", (int)seen.handler, seen.flags);
    modern.flags = 0x3ff;
    syscall(SYS_rt_sigaction, SIGUSR1, &modern, NULL, 8);
    syscall(SYS_rt_sigaction, SIGUSR1, NULL, &seen, 8);
    printf("known flags %lx\n", seen.flags);
    try(syscall(SYS_rt_sigaction, SIGKILL, &modern, NULL, 8));
    try(syscall(SYS_rt_sigaction, SIGKILL, NULL, &seen, 8));
    try(syscall(SYS_rt_sigaction, 65, NULL, &seen, 8));
    try(syscall(SYS_rt_sigaction, 0, NULL, &seen, 8));
    try(syscall(SYS_rt_sigaction, SIGUSR1, (void *)8, NULL, 8));
    unsigned word = 0x202, shown;
    try(syscall(SYS_sigprocmask, SIG_BLOCK, &word, &shown));
    try(syscall(SYS_sigprocmask, 7, &word, &shown));
    try(syscall(SYS_rt_sigprocmask, 7, NULL, &mask, 8));
    printf("ssetmask %lx, sgetmask %lx\n", syscall(SYS_ssetmask, 0x100100), syscall(SYS_sgetmask));
    return 0;
}
