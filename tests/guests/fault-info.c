/* Shows: si_code, si_addr, trap number and error code of SIGSEGV, SIGTRAP and SIGBUS in all their kinds. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "show.h"

/* Bit 4 of the error code says fetch only where the no-execute bit exists, which is not with 32-bit paging. */
enum { FETCH = 0x10 };

static sigjmp_buf back;
static volatile uintptr_t base;

static void on_fault(int number, siginfo_t *info, void *context) {
    /* The alignment check would catch this handler too. */
    __asm__ volatile("pushfl; andl $~0x40000, (%esp); popfl");
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uintptr_t address = (uintptr_t)info->si_addr;
    static char line[200];
    int inside = base && address - base < 0x10000;
    snprintf(line, sizeof line, "  signal %d code %d trap %d error %d %s %ld", number, info->si_code,
             (int)registers[REG_TRAPNO], (int)registers[REG_ERR] & ~FETCH, inside ? "offset" : "address",
             inside ? (long)(address - base) : address < 0x10000 || address > 0xffff0000 ? (long)address : 1);
    puts(line);
    siglongjmp(back, 1);
}

#define attempt(what)            \
    do {                         \
        printf("%s\n", #what);   \
        if (!sigsetjmp(back, 1)) \
            what;                \
        __asm__ volatile("cld"); \
    } while (0)

#define machine(code) __asm__ volatile(code)

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    static const int signals[] = {SIGSEGV, SIGBUS, SIGTRAP, SIGILL, SIGFPE};
    for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);
    volatile char *area = mmap(NULL, 0x8000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base = (uintptr_t)area;
    volatile int sink;
    mprotect((void *)area, 4096, PROT_READ);
    munmap((void *)(area + 0x2000), 4096);
    mprotect((void *)(area + 0x4000), 4096, PROT_NONE);

    attempt(area[3] = 1);
    attempt((sink = area[5], area[5] = 1));
    attempt(sink = area[0x2010]);
    attempt(area[0x2ff0] = 1);
    attempt(sink = area[0x4001]);
    attempt(area[0x4002] = 1);
    attempt(*(volatile int *)(area + 0x1ffe) = 1);
    attempt(sink = *(volatile int *)(area + 0x3fff));
    attempt(((void (*)(void))(area + 0x2345))());
    attempt(((void (*)(void))(area + 0x4567))());
    attempt(machine("movl 8, %eax"));
    attempt(machine("cli"));
    attempt(machine("hlt"));
    attempt(machine("in $0x60, %al"));
    attempt(machine("movl %cr3, %eax"));
    attempt(machine("int $0x21"));
    attempt(machine("int3"));
    attempt(machine("int $4"));
    attempt(machine("movl $0x7fffffff, %eax; incl %eax; into"));
    attempt(machine("movw $0x1234, %ax; movw %ax, %es"));
    attempt(machine("movl $3, %eax; movl $limits, %ecx; .pushsection .data; limits: .long 5, 9; .popsection; bound %eax, (%ecx)"));
    attempt(machine("pushfl; orl $0x100, (%esp); popfl; nop; nop"));
    attempt(machine("pushfl; orl $0x40000, (%esp); popfl; movl 1(%esp), %eax"));
    attempt(machine("ud2"));
    attempt(machine("lock; nop"));
    attempt(machine(".byte 0x0f, 0xff, 0xc0"));
    attempt(machine(".fill 15, 1, 0x66; .byte 0x90"));
    return (int)sink * 0;
}
