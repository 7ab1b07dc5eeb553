/* Shows: string instructions that fault in the middle: registers say how far they came, and they go on from there. */
#include "mm.h"

static uintptr_t source, target;
static char *to_open;
static int resumes;

static void on_segv(int number, siginfo_t *info, void *context) {
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("  signal %d at %ld: ecx %ld esi %ld edi %ld, error %d\n", number, (long)((uintptr_t)info->si_addr - base),
           (long)r[REG_ECX], (long)(r[REG_ESI] - source), (long)(r[REG_EDI] - target), (int)r[REG_ERR]);
    if (resumes-- <= 0) siglongjmp(back, 1);
    mprotect(to_open, PAGE, RW);
}

#define string(code, count, from, to)                                                                               \
    do {                                                                                                            \
        uintptr_t c_ = (count), s_ = (uintptr_t)(from), d_ = (uintptr_t)(to), f_;                                   \
        source = s_, target = d_;                                                                                   \
        printf("%s\n", code);                                                                                       \
        if (!sigsetjmp(back, 1)) {                                                                                  \
            __asm__ volatile(code "; pushfl; popl %3; cld" : "+c"(c_), "+S"(s_), "+D"(d_), "=r"(f_) : "a"(0x61616161) : "memory", "cc"); \
            printf("  done: ecx %ld esi %ld edi %ld zf %d\n", (long)c_, (long)(s_ - source), (long)(d_ - target), (int)(f_ >> 6 & 1)); \
        }                                                                                                           \
    } while (0)

int main(void) {
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    char *from = lonely(4, RW, ANON), *to = lonely(4, RW, ANON);
    memset(from, 'a', 4 * PAGE);
    base = (uintptr_t)to;
    mprotect(to + PAGE, PAGE, PROT_READ);
    string("rep movsb", 3 * PAGE, from, to + 100);
    string("rep movsl", 3 * PAGE / 4, from, to + 2);
    string("rep stosb", 2 * PAGE, from, to + 5);
    string("rep stosw", PAGE, from, to + 1);
    string("std; rep movsb", 3 * PAGE, from + 3 * PAGE, to + 3 * PAGE);
    string("std; rep stosl", PAGE, from, to + 3 * PAGE);
    resumes = 1, to_open = to + PAGE;
    string("rep movsb", 3 * PAGE, from, to + 7);
    show(memcmp(from, to + 7, 3 * PAGE));
    base = (uintptr_t)from;
    munmap(from + 2 * PAGE, PAGE);
    string("rep movsb", 3 * PAGE, from + 10, to);
    string("repe cmpsb", 3 * PAGE, from, to);
    string("repne scasb", 3 * PAGE, from, from + PAGE + 9);
    string("rep lodsb", 3 * PAGE, from + PAGE, to);
    string("repe scasb", 3 * PAGE, from, from);
    resumes = 1, mmap(from + 2 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0), to_open = from + 2 * PAGE;
    string("rep movsl", 3 * PAGE / 4, from, to);
    show(to[2 * PAGE + 5]);
    show(to[PAGE + 5]);
    string("rep movsb", 0, 8, 8);
    return 0;
}
