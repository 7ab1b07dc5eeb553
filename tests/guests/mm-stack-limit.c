/* Shows: the stack: growth by touch and by PUSH, RLIMIT_STACK, the guard page in action on an alternate stack. */
#include "mm.h"

static volatile int depth;
static int signals;

static void on_overflow(int number, siginfo_t *info, void *context) {
    char mark;
    uintptr_t sp = ((ucontext_t *)context)->uc_mcontext.gregs[REG_ESP], at = (uintptr_t)info->si_addr;
    signals++;
    printf("signal %d code %d, near the stack pointer %d, handler elsewhere %d\n", number, info->si_code,
           at + 65536 > sp && at < sp + 65536, (uintptr_t)&mark + (16 << 20) < sp || (uintptr_t)&mark > sp + (16 << 20));
    siglongjmp(back, 1);
}

__attribute__((noinline)) static int recurse(int n) {
    volatile char frame[4000];
    frame[0] = n, depth = n;
    return n > 1000000 ? 0 : recurse(n + 1) + frame[0];
}

static long stack_pages(void) {
    char line[300];
    unsigned long start, end, pages = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, file))
        if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &start, &end) == 2) pages = (end - start) / PAGE;
    fclose(file);
    return pages;
}

int main(void) {
    stack_t alternate = {.ss_sp = lonely(16, RW, ANON), .ss_size = 16 * PAGE};
    struct sigaction action = {.sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    char here, *volatile top = &here;
    long before = stack_pages();
    store(top - 300000, 1);
    show(stack_pages() >= 73 && stack_pages() > before);
    setrlimit(RLIMIT_STACK, &limit);
    if (!sigsetjmp(back, 1)) recurse(0);
    show(depth > 150 && depth < 260);
    show(stack_pages() <= 256 && stack_pages() >= 240);
    if (!sigsetjmp(back, 1)) {
        store(top - (2 << 20), 1);
        puts("beyond the limit");
    }
    limit.rlim_cur = 4 << 20;
    setrlimit(RLIMIT_STACK, &limit);
    if (!sigsetjmp(back, 1)) {
        store(top - (2 << 20), 1);
        puts("within the new limit");
    }
    show(signals);
    return 0;
}
