/* Lesson: an a.out program: a header of eight words at 0x1000, no sections, no auxiliary vector; argv is found by its address. */
#include "sys.h"

static volatile unsigned counter = 41;
static volatile char room[3 * PAGE];

extern char _start[], etext[], edata[], end[];

static int is_zero(const char *from, const char *to) {
    while (from < to && *from == 0) from++;
    return from == to;
}

int guest_main(unsigned *stack) {
    unsigned argc = stack[0], *header = (unsigned *)0x1000;
    char **argv = (char **)stack[1], **envp = (char **)stack[2];
    say("argc %u, argv behind the three words: %s\n", argc, (unsigned *)argv == stack + 3 ? "yes" : "no");
    for (unsigned i = 1; i < argc; i++) say("argv[%u] = \"%s\"\n", i, argv[i]);
    say("argv[argc] = %u, envp behind it: %s\n", (unsigned)argv[argc], envp == argv + argc + 1 ? "yes" : "no");
    for (; *envp; envp++) say("env %s\n", *envp);

    say("machine %u, magic 0x%x\n", header[0] >> 16 & 255, header[0] & 0xffff);
    say("text from 0x1000 to 0x%x, entry %s\n", 0x1000 + header[1], (char *)header[5] == _start ? "is _start" : "is wrong");
    say("data of %u bytes %s\n", header[2], etext + header[2] == edata ? "behind it" : "is elsewhere");
    say("bss of %u bytes, zero: %s\n", header[3], is_zero(edata, edata + header[3]) ? "yes" : "no");
    say("the break is where the bss ends: %s\n", (char *)brk(0) == end ? "yes" : "no");
    room[sizeof room - 1] = ++counter;
    say("data and bss hold what is written: %u\n", room[sizeof room - 1]);
    return brk((unsigned)end + PAGE) == (unsigned)end + PAGE ? 0 : 1;
}
