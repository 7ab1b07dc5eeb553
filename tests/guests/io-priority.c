/* Shows: I/O priorities: what is accepted, what is told of one process and of a group, inheritance. */
#include "show.h"
#include <sys/syscall.h>
#include <sys/wait.h>

static void told(int which, int who) {
    long priority = syscall(SYS_ioprio_get, which, who);
    printf("  of %d: ", which);
    if (priority < 0) printf("%s\n", strerror(errno));
    else printf("%lx\n", priority);
}

static void set(int which, int who, int priority) {
    long result = syscall(SYS_ioprio_set, which, who, priority);
    printf("%d = %x: %s\n", which, priority, result < 0 ? strerror(errno) : "set");
}

int main(void) {
    int priorities[] = {0,      1,      7,      0x4004, 0x4007,  0x4008,  0x6000, 0x6003,
                        0x8000, 0xa000, 0xe000, -1,     0x10000, 0x14005, 0x4000};
    setpgid(0, 0);
    for (int which = 0; which < 5; which++)
        if (which != 3) told(which, 0);
    if (nice(7) != 7) return 1;
    told(1, 0);
    told(2, 0);
    for (unsigned i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        set(1, 0, priorities[i]);
        told(1, 0);
        told(2, 0);
    }
    fflush(stdout);
    if (fork() == 0) {
        told(1, 0);
        set(1, 0, 0x6000);
        told(2, 0);
        set(1, getppid(), 0x4003);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    told(1, 0);
    set(2, 0, 0x4006);
    told(1, getpid());
    told(2, getpid());
    set(1, 999999, 0x4000);
    set(1, 999999, 1);
    set(0, 0, 0x4000);
    set(4, 0, 0x4000);
    told(1, 999999);
    told(2, 999999);
    return 0;
}
