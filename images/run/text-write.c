/* Lesson: code pages are mapped read-only; writing an instruction is a protection fault, not a missing page. */
#include "sys.h"

__attribute__((noinline)) static int answer(void) {
    __asm__ volatile("");
    return 42;
}

int guest_main(unsigned *stack) {
    (void)stack;
    volatile unsigned char *code = (volatile unsigned char *)answer;
    say("answer %d, its first byte is %x\n", answer(), *code);
    *code = 0xc3;
    say("not reached\n");
    return 0;
}
