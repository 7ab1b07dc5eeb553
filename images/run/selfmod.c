/* Lesson: code is data; whatever decoded or translated an instruction must notice that its bytes changed. */
#include "sys.h"

typedef unsigned code(unsigned value);

/* mov 4(%esp),%eax; add $imm32,%eax; ret */
static const unsigned char template[] = {0x8b, 0x44, 0x24, 0x04, 0x05, 0, 0, 0, 0, 0xc3};

/* The store changes the immediate of the very next instruction (SDM 3A 8.1.3 asks for the jump in between). */
static unsigned patch_ahead(unsigned char *page, unsigned value) {
    static const unsigned char bytes[] = {
        0x8b, 0x44, 0x24, 0x04,       /* mov 4(%esp),%eax */
        0xa3, 0, 0, 0, 0,             /* mov %eax,ahead   */
        0xeb, 0x00,                   /* jmp .+2          */
        0xb8, 0, 0, 0, 0,             /* mov $ahead,%eax  */
        0xc3,                         /* ret              */
    };
    for (unsigned i = 0; i < sizeof bytes; i++) page[i] = bytes[i];
    *(unsigned *)(page + 5) = (unsigned)(page + 12);
    return ((code *)page)(value);
}

int guest_main(unsigned *stack) {
    (void)stack;
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    unsigned char *page = (unsigned char *)mmap(0, 2 * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (unsigned i = 0; i < sizeof template; i++) page[i] = template[i];
    unsigned value = 0;
    for (unsigned i = 1; i <= 1000; i++) {
        *(volatile unsigned *)(page + 5) = i;
        value = ((code *)page)(value);
    }
    say("sum of 1..1000 by patched adds: %u\n", value);

    value = 0;
    for (unsigned i = 1; i <= 1000; i++) value += patch_ahead(page + PAGE - 14, i);
    say("by patching the instruction ahead, across a page boundary: %u\n", value);

    mprotect(page, 2 * PAGE, PROT_READ | PROT_EXEC);
    say("read-only code still runs: %u\n", ((code *)(page + PAGE - 3))(0));
    return 0;
}
