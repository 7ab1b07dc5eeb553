/* Shows: process groups, sessions, orphans adopted by init, kill by group, priorities, user and group ids. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

int main(void) {
    int status, ends[2], members[3];
    if (setpgid(0, 0) != 0 && getpgrp() != getpid()) return 1;
    show(getpgrp() == getpid());
    show(getpgid(0) == getpgrp());
    show(getsid(0) > 0);
    for (int i = 0; i < 3; i++) {
        if ((members[i] = fork()) == 0) {
            setpgid(0, i ? members[0] : 0);
            for (;;) pause();
        }
        setpgid(members[i], members[0]);
    }
    show(getpgid(members[2]) == members[0]);
    show(kill(-members[0], SIGTERM));
    for (int i = 0; i < 3; i++) {
        show(waitpid(-members[0], &status, 0) > 0);
        printf("signal %d\n", WTERMSIG(status));
    }
    try(kill(-members[0], 0));
    try(waitpid(-members[0], &status, 0));
    try(setpgid(0, members[0]));
    try(getpgid(0x3fffffff));

    fflush(stdout);
    if (fork() == 0) {
        show(setsid() == getpid());
        show(getsid(0) == getpid() && getpgrp() == getpid());
        try(setsid());
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);

    if (pipe(ends)) return 1;
    if (fork() == 0) {
        int parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent) usleep(1000);
            char adopted = getppid() != parent;
            _exit(write(ends[1], &adopted, 1) != 1);
        }
        _exit(0);
    }
    wait(NULL);
    close(ends[1]);
    char adopted = 0;
    show(read(ends[0], &adopted, 1));
    show(adopted);
    errno = 0;
    show(getpriority(PRIO_PROCESS, 0));
    show(setpriority(PRIO_PROCESS, 0, 5));
    show(getpriority(PRIO_PROCESS, 0));
    show(nice(3));
    show(getuid() == geteuid() && getgid() == getegid());
    show(setuid(getuid()));
    gid_t list[64];
    show(getgroups(64, list) >= 0);
    return 0;
}
