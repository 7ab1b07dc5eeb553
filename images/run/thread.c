/* Lesson: a thread is a process that shares its page directory: clone with CLONE_VM, join by futex. */
#include "sys.h"

enum { CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_THREAD = 0x10000 };
enum { CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000, FUTEX_WAIT = 0 };

static volatile int tid[2], total;
static int stacks[2][1024];

static void work(int amount) {
    for (int i = 0; i < 10000; i++) __asm__ volatile("lock addl %1, %0" : "+m"(total) : "r"(amount));
}

/* The child returns from the system call on its own stack, where the function and its argument wait. */
static int start(int slot, int amount) {
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_PARENT_SETTID |
                CLONE_CHILD_CLEARTID;
    int *top = stacks[slot] + 1020, result;
    top[0] = (int)work;
    top[1] = amount;
    __asm__ volatile(
        "int $0x80\n\t"
        "test %%eax, %%eax\n\t"
        "jnz 1f\n\t"
        "pop %%eax\n\t"
        "call *%%eax\n\t"
        "mov $1, %%eax\n\t" /* exit: this thread only */
        "int $0x80\n"
        "1:"
        : "=a"(result)
        : "a"(120), "b"(flags), "c"(top), "d"(&tid[slot]), "S"(0), "D"(&tid[slot])
        : "memory");
    return result;
}

int guest_main(unsigned *stack) {
    (void)stack;
    int started = (start(0, 1) > 0) + (start(1, 100) > 0);
    say("%d threads started\n", started);
    for (int slot = 0; slot < 2; slot++) {
        /* The kernel zeroes the word when the thread has left its stack (CLONE_CHILD_CLEARTID). */
        for (int seen; (seen = tid[slot]) != 0;) syscall(240, &tid[slot], FUTEX_WAIT, seen, 0, 0, 0);
        say("thread %d is gone\n", slot);
    }
    say("total %d\n", total);
    return 0;
}
