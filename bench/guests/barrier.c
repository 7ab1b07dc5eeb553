/* Lesson: a write fault, a signal, mprotect and a return for every page: a garbage collector's write barrier. */
#include "bench.h"

enum { PAGES = 64 };

static volatile unsigned repaired;

static void on_fault(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal, (void)context;
    mprotect((void *)((unsigned)info->addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
    repaired++;
}

const unsigned full_rounds = 700;

unsigned work(unsigned rounds) {
    volatile unsigned *area = anonymous(PAGES * PAGE);
    handle_signal(SIGSEGV, on_fault);
    while (rounds--) {
        mprotect((void *)area, PAGES * PAGE, PROT_READ);
        for (unsigned page = rounds & 1; page < PAGES; page += 2) area[page * 1024] += page;
    }
    return repaired * 31 + area[63 * 1024];
}
