/* Shows: setpgid, setsid and their refusals, orphaned process groups, death signals, subreapers, stops of whole groups. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"
static volatile int heard[65];
static void handler(int number) { heard[number]++; }

static void sleepy(void) {
    for (;;) pause();
}

int main(int argc, char **argv) {
    if (argc > 1) return read(0, argv[0], 1);
    int status, child, ends[2];
    setpgid(0, 0);
    if (pipe(ends)) return 1;
    try(setpgid(0, -1));
    try(setpgid(0x3fffffff, 0));
    try(setpgid(getppid(), 0));
    try(setpgid(0, 0x3fffffff));
    try(getsid(0x3fffffff));
    try(getpgid(-1));
    try(setsid());

    if ((child = fork()) == 0) {
        show(setsid() == getpid());
        try(setpgid(0, 0));
        try(setpgid(0, getppid()));
        fflush(stdout);
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(child, &status, WUNTRACED);
    try(setpgid(child, 0));
    show(getsid(child) == child);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    try(setpgid(child, 0));

    /* A child that has executed a program is its own master. */
    if ((child = fork()) == 0) {
        dup2(ends[0], 0);
        close(ends[1]);
        execl("/proc/self/exe", "x", "read", NULL);
        _exit(1);
    }
    if (write(ends[1], "", 0) < 0) return 1;
    usleep(30000);
    try(setpgid(child, child));
    kill(child, SIGKILL);
    waitpid(child, &status, 0);

    /* Stopping signals to a group with a parent in the session: they stop. */
    if ((child = fork()) == 0) {
        setpgid(0, 0);
        if (fork() == 0) sleepy();
        sleepy();
    }
    setpgid(child, child);
    usleep(20000);
    for (int number = SIGSTOP; number <= SIGTTOU; number++) {
        kill(-child, number);
        show(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
        show(WSTOPSIG(status));
        kill(-child, SIGCONT);
        show(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    }
    kill(-child, SIGKILL);
    waitpid(child, &status, 0);

    /* The leader ends while a member is stopped: the orphans get SIGHUP and SIGCONT. */
    if ((child = fork()) == 0) {
        setpgid(0, 0);
        int member = fork();
        if (member == 0) {
            signal(SIGHUP, handler);
            signal(SIGCONT, handler);
            raise(SIGSTOP);
            char counts[2] = {heard[SIGHUP], heard[SIGCONT]};
            _exit(write(ends[1], counts, 2) != 2);
        }
        waitpid(member, &status, WUNTRACED);
        _exit(0);
    }
    setpgid(child, child);
    waitpid(child, &status, 0);
    char counts[2] = {9, 9};
    show(read(ends[0], counts, 2));
    printf("orphan: SIGHUP %d SIGCONT %d\n", counts[0], counts[1]);

    /* Orphans come to a subreaper. */
    try(prctl(PR_SET_CHILD_SUBREAPER, 1));
    int self = getpid();
    if ((child = fork()) == 0) {
        if (fork() == 0) {
            while (getppid() != self) usleep(1000);
            _exit(7);
        }
        _exit(6);
    }
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6);
    show(waitpid(-1, &status, 0) > 0);
    show(WEXITSTATUS(status));
    if ((child = fork()) == 0) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            sleepy();
        }
        usleep(20000);
        _exit(5);
    }
    show(waitpid(child, &status, 0) == child);
    show(waitpid(-1, &status, 0) > 0);
    show(WTERMSIG(status));
    return 0;
}
