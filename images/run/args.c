/* Lesson: execve leaves argc, argv, envp and the auxiliary vector on the new stack. */
#include "sys.h"

enum { AT_NULL = 0, AT_PHDR = 3, AT_PAGESZ = 6, AT_ENTRY = 9, AT_RANDOM = 25 };

extern char _start[], __executable_start[], _end[];

static unsigned auxiliary(const unsigned *vector, unsigned type) {
    while (vector[0] != AT_NULL && vector[0] != type) vector += 2;
    return vector[1];
}

int guest_main(unsigned *stack) {
    unsigned argc = stack[0], *argv = stack + 1, *envp = argv + argc + 1;
    say("argc %u, stack 16-byte aligned: %s\n", argc, (unsigned)stack % 16 ? "no" : "yes");
    for (unsigned i = 1; i < argc; i++) say("argv[%u] = \"%s\"\n", i, (char *)argv[i]);
    say("argv[argc] = %u\n", argv[argc]);
    for (; *envp; envp++) say("env %s\n", (char *)*envp);

    unsigned *vector = envp + 1;
    char *headers = (char *)auxiliary(vector, AT_PHDR);
    say("AT_PAGESZ %u\n", auxiliary(vector, AT_PAGESZ));
    say("AT_ENTRY  %s\n", (char *)auxiliary(vector, AT_ENTRY) == _start ? "is _start" : "is wrong");
    say("AT_PHDR   %s\n", headers > __executable_start && headers < _end ? "is inside the image" : "is wrong");
    say("AT_RANDOM %s\n", auxiliary(vector, AT_RANDOM) ? "points at 16 bytes" : "is missing");
    return argc;
}
