/* Shows: the LDT through modify_ldt, the limits and rights of its segments, far calls, and segment register contents. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "show.h"

static sigjmp_buf back;

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("  signal %d code %d trap %d error %x\n", number, info->si_code, (int)registers[REG_TRAPNO],
           (unsigned)registers[REG_ERR]);
    siglongjmp(back, 1);
}

#define attempt(what)                    \
    do {                                 \
        printf("%s\n", #what);           \
        if (!sigsetjmp(back, 1)) what;   \
    } while (0)

static int install(int entry, void *base, unsigned limit, int contents, int readonly, int pages) {
    struct user_desc segment = {
        .entry_number = entry, .base_addr = (unsigned)base, .limit = limit, .seg_32bit = 1,
        .contents = contents, .read_exec_only = readonly, .limit_in_pages = pages, .useable = 1,
    };
    return syscall(SYS_modify_ldt, 1, &segment, sizeof segment) == 0 ? entry << 3 | 7 : -1;
}

static int load(int selector, unsigned offset) {
    int value;
    __asm__ volatile("movl %1, %%fs; movl %%fs:(%2), %0; movl %3, %%fs" : "=&r"(value) : "r"(selector), "r"(offset), "r"(0));
    return value;
}

static void store(int selector, unsigned offset, int value) {
    __asm__ volatile("movl %0, %%fs; movl %1, %%fs:(%2); movl %3, %%fs" : : "r"(selector), "r"(value), "r"(offset), "r"(0) : "memory");
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    static int table[64];
    for (int i = 0; i < 64; i++) table[i] = i * 3;
    int data = install(0, table, 99, 0, 0, 0), readonly = install(1, table, 255, 0, 1, 0);
    int down = install(2, table, 99, 1, 0, 0), pages = install(3, table, 0, 0, 0, 1);
    printf("%x %x %x %x\n", data, readonly, down, pages);
    show(load(data, 40));
    attempt(show(load(data, 96)));
    attempt(show(load(data, 97)));
    attempt(show(load(data, 0xfffffffc)));
    attempt(store(data, 8, 1000));
    show(table[2]);
    attempt(show(load(readonly, 252)));
    attempt(store(readonly, 8, 1));
    attempt(show(load(down, 96)));
    attempt(show(load(down, 100)));
    attempt(show(load(pages, 252)));
    attempt(show(load(0, 0)));
    attempt(show(load(4 << 3 | 7, 0)));
    attempt(show(load(100 << 3 | 7, 0)));

    unsigned short cs, ds, gs;
    __asm__ volatile("movw %%cs, %0; movw %%ds, %1; movw %%gs, %2" : "=r"(cs), "=r"(ds), "=r"(gs));
    printf("rings %d %d, gs in use %d\n", cs & 3, ds & 3, gs != 0);
    unsigned limit = 0, rights = 0;
    __asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(data));
    __asm__ volatile("lar %1, %0" : "=r"(rights) : "r"(data));
    printf("lsl %u lar %x\n", limit, rights & 0xffffff);
    unsigned char readable, writable;
    __asm__ volatile("verr %w2; sete %0; verw %w2; sete %1" : "=q"(readable), "=q"(writable) : "r"(readonly) : "cc");
    printf("verr %d verw %d\n", readable, writable);

    /* mov $42,%eax; lret */
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xcb};
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page + 16, code, sizeof code);
    int callable = install(5, page, 4095, 2, 0, 0), answer = 0;
    struct __attribute__((packed)) { unsigned offset; unsigned short selector; } far = {16, callable};
    __asm__ volatile("lcall *%1" : "=a"(answer) : "m"(far) : "ecx", "edx", "memory", "cc");
    show(answer);
    far.offset = 5000;
    attempt(__asm__ volatile("lcall *%0" : : "m"(far) : "memory"));
    far.selector = data;
    attempt(__asm__ volatile("lcall *%0" : : "m"(far) : "memory"));
    try(syscall(SYS_modify_ldt, 1, NULL, 3));
    try(syscall(SYS_modify_ldt, 77, NULL, 0));
    struct user_desc bad = {.entry_number = 8192};
    try(syscall(SYS_modify_ldt, 1, &bad, sizeof bad));
    return 0;
}
