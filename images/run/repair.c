/* Lesson: a SIGSEGV handler may repair the mapping; the faulting instruction then simply runs again. */
#include "sys.h"

static volatile char *area;
static volatile int signals;

/* Hardware error code (SDM 3A 4.7): bit 0 page present, bit 1 write, bit 2 user mode. */
static void on_fault(int signal, struct siginfo *info, struct ucontext *context) {
    signals++;
    char *page = (char *)((unsigned)info->addr & -PAGE);
    say("signal %d trap %u error code %u: %s at offset %d\n", signal, context->trapno, context->err,
        info->code == SEGV_MAPERR ? "not mapped" : "no permission", (int)(info->addr - area));
    if (info->code == SEGV_MAPERR) {
        mmap(page, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
    } else {
        mprotect(page, PAGE, PROT_READ | PROT_WRITE);
    }
}

int guest_main(unsigned *stack) {
    (void)stack;
    handle_signal(SIGSEGV, on_fault);
    char *start = mmap(0, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    munmap(start + 2 * PAGE, PAGE);
    mprotect(start + 3 * PAGE, PAGE, PROT_NONE);
    area = start;

    say("write to a read-only page\n");
    area[5] = 'x';
    say("write to a hole: mapped read-only first, then made writable\n");
    area[2 * PAGE + 6] = 'y';
    say("read of a PROT_NONE page\n");
    char nothing = area[3 * PAGE + 7];
    say("write across the border of two read-only pages\n");
    mprotect(start, 2 * PAGE, PROT_READ);
    volatile unsigned *border = (volatile unsigned *)(area + PAGE - 2);
    unsigned value = *border;
    *border = value + 0x01020304;

    say("result %c%c%d %x, %d signals\n", area[5], area[2 * PAGE + 6], nothing, *border, signals);
    return 0;
}
