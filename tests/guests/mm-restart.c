/* Shows: PUSH, CALL, ENTER, RMW and others that fault leave registers, flags and memory as they were, and work when repeated. */
#include "mm.h"

static uintptr_t before, stack;
static char *blocked;
static int signals;

/* Registers as the faulting instruction found them, ESP relative to the stack that it used. */
static void on_segv(int number, siginfo_t *info, void *context) {
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    signals++;
    printf("  signal %d at %ld: eax %x ecx %x edx %x esp %ld ebp %ld zf %d cf %d\n", number,
           (long)((uintptr_t)info->si_addr - (uintptr_t)blocked), (unsigned)r[REG_EAX], (unsigned)r[REG_ECX],
           (unsigned)r[REG_EDX], stack ? (long)(r[REG_ESP] - stack) : 0, stack ? (long)(r[REG_EBP] - stack) : 0, (int)(r[REG_EFL] >> 6 & 1),
           (int)(r[REG_EFL] & 1));
    mprotect(blocked, PAGE, RW);
}

/* Runs code with ESP and EBP at `at`, the page `blocked` being closed. */
#define with_stack(code, at)                                                                              \
    do {                                                                                                  \
        printf("%s\n", code);                                                                             \
        unsigned a_ = 0x11111111, c_ = 0x22222222, d_ = 0x33333333;                                       \
        stack = (uintptr_t)(at);                                                                          \
        mprotect(blocked, PAGE, RW);                                                                      \
        memset(blocked - PAGE, 0, 3 * PAGE);                                                              \
        mprotect(blocked, PAGE, PROT_NONE);                                                               \
        __asm__ volatile("movl %%esp, %[before]; pushl %%ebp; movl %%esp, %%esi; movl %[stack], %%esp;"   \
                         "movl %%esp, %%ebp; cmpl %%eax, %%eax; " code "; movl %%esp, %%edi;"            \
                         "movl %%esi, %%esp; popl %%ebp; subl %[stack], %%edi"                            \
                         : "+a"(a_), "+c"(c_), "+d"(d_), "=D"(result), [before] "+m"(before)              \
                         : [stack] "m"(stack)                                                             \
                         : "esi", "memory", "cc");                                                        \
        printf("  done: eax %x ecx %x edx %x, esp moved by %d\n", a_, c_, d_, result);                    \
    } while (0)

/* Read-modify-write at an address of the closed page. */
#define rmw(code)                                                                                         \
    do {                                                                                                  \
        printf("%s\n", code);                                                                             \
        unsigned a_ = 5, c_ = 6, d_ = 7;                                                                  \
        stack = 0, *(unsigned *)(blocked + 16) = 5, *(unsigned *)(blocked + 20) = 7;                      \
        mprotect(blocked, PAGE, PROT_READ);                                                               \
        __asm__ volatile("cmpl %%eax, %%eax; " code : "+a"(a_), "+c"(c_), "+d"(d_) : "D"(blocked + 16) : "ebx", "memory", "cc"); \
        printf("  done: eax %x ecx %x edx %x, memory %x %x\n", a_, c_, d_, *(unsigned *)(blocked + 16), *(unsigned *)(blocked + 20)); \
    } while (0)

int main(void) {
    static char alternate[65536];
    stack_t other = {.ss_sp = alternate, .ss_size = sizeof alternate};
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    int result;
    sigaltstack(&other, NULL);
    sigaction(SIGSEGV, &action, NULL);
    char *area = lonely(3, RW, ANON);
    blocked = area + PAGE;
    with_stack("pushl %%eax", blocked + 4);
    with_stack("pushl %%eax", blocked + 2);
    with_stack("pushw %%ax", blocked + 1);
    with_stack("pushl %%esp", blocked + 8);
    with_stack("pushal", blocked + PAGE + 16);
    with_stack("pushfl", blocked + 4);
    with_stack("call 1f; 1:", blocked + 4);
    with_stack("enter $16, $0", blocked + 4);
    with_stack("popl %%ecx", blocked + 8);
    with_stack("popl %%ecx; popl %%edx", blocked - 4);
    with_stack("movl $0x44444444, -4(%%esp); popl -8(%%esp)", blocked + PAGE + 4);
    with_stack("leave", blocked + 8);
    rmw("incl (%%edi)");
    rmw("addl %%ecx, (%%edi)");
    rmw("adcl $1, (%%edi)");
    rmw("negl (%%edi)");
    rmw("notl (%%edi)");
    rmw("shll $3, (%%edi)");
    rmw("xchgl %%ecx, (%%edi)");
    rmw("xaddl %%ecx, (%%edi)");
    rmw("cmpxchgl %%ecx, (%%edi)");
    rmw("btsl $3, (%%edi)");
    rmw("shldl $4, %%ecx, (%%edi)");
    rmw("movl $9, (%%edi)");
    rmw("setb (%%edi)");
    show(signals);
    return 0;
}
