/* Lesson: the shortest system call by the fast gate that the kernel offers in its vDSO, by int $0x80 where it offers none. */
#include "bench.h"

enum { AT_NULL = 0, AT_SYSINFO = 32, GETPID = 20 };

const unsigned full_rounds = 800;

void gate(void);
__asm__("gate: int $0x80\n ret");

/* The kernel's entry takes the number in EAX and keeps all registers but EAX. */
static int enter(void (*entry)(void)) {
    int answer = GETPID;
    __asm__ volatile("call *%1" : "+a"(answer) : "r"(entry) : "memory");
    return answer;
}

static void (*fastest(void))(void) {
    unsigned pairs[64][2] = {0};
    int file = open("/proc/self/auxv", 0);
    if (file >= 0) read(file, pairs, sizeof pairs - sizeof *pairs);
    close(file);
    for (unsigned i = 0; pairs[i][0] != AT_NULL; i++)
        if (pairs[i][0] == AT_SYSINFO) return (void (*)(void))pairs[i][1];
    return gate;
}

unsigned work(unsigned rounds) {
    void (*entry)(void) = fastest();
    int self = getpid();
    unsigned same = 0;
    while (rounds--)
        for (int i = 0; i < 1000; i++) same += enter(entry) == self;
    return same;
}
