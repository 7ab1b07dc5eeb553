/* Shows: clone with every kind of flag and every refusal, raw: parent_tid, child_tid, exit signals, __WCLONE, clone3. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static volatile int shared;
static int ptid, ctid;

/* Without a stack of its own, so only for children with a copy of the address space. */
static long raw(unsigned long flags) { return syscall(SYS_clone, flags, 0, &ptid, 0, &ctid); }

static void refuse(const char *what, unsigned long flags) {
    errno = 0;
    long child = raw(flags);
    if (child == 0) _exit(0);
    printf("%s: %s\n", what, child < 0 ? strerror(errno) : "a child");
    if (child > 0) waitpid(child, NULL, __WALL);
}

int main(void) {
    int status, child;
    refuse("THREAD", CLONE_THREAD | SIGCHLD);
    refuse("SIGHAND", CLONE_SIGHAND | SIGCHLD);
    refuse("THREAD|SIGHAND", CLONE_THREAD | CLONE_SIGHAND);
    refuse("NEWNS|FS", CLONE_NEWNS | CLONE_FS | SIGCHLD);
    refuse("NEWUSER|FS", CLONE_NEWUSER | CLONE_FS | SIGCHLD);
    refuse("PIDFD|DETACHED", CLONE_PIDFD | CLONE_DETACHED | SIGCHLD);
    refuse("nothing", SIGCHLD);
    refuse("FS|FILES", CLONE_FS | CLONE_FILES | SIGCHLD);

    fflush(stdout);
    if ((child = raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD)) == 0) {
        show(ctid == getpid());
        show(ptid == getpid());
        fflush(stdout);
        _exit(3);
    }
    show(ptid == child);
    show(ctid);
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);

    /* The exit signal decides who may wait. */
    signal(SIGUSR1, SIG_IGN);
    if ((child = raw(SIGUSR1)) == 0) _exit(4);
    try(waitpid(child, &status, 0));
    show(waitpid(child, &status, __WCLONE) == child && WEXITSTATUS(status) == 4);
    if ((child = raw(0)) == 0) _exit(5);
    try(waitpid(-1, &status, 0));
    show(waitpid(-1, &status, __WALL) == child && WEXITSTATUS(status) == 5);
    if ((child = raw(SIGCHLD)) == 0) _exit(6);
    try(waitpid(child, &status, __WCLONE));
    show(waitpid(child, &status, __WALL) == child);

    /* vfork: the parent waits, the memory is one. */
    if ((child = vfork()) == 0) {
        shared = 7;
        _exit(8);
    }
    show(shared);
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 8);

    /* CLONE_PARENT: a sibling. */
    fflush(stdout);
    int self = getpid();
    if ((child = fork()) == 0) {
        long sibling = raw(CLONE_PARENT | SIGCHLD);
        if (sibling == 0) _exit(getppid() == self ? 9 : 10);
        _exit(11);
    }
    int codes = 0, count = 0;
    while (waitpid(-1, &status, 0) > 0) codes += WEXITSTATUS(status), count++;
    printf("%d children, codes %d\n", count, codes);

    struct clone_args args = {.exit_signal = SIGCHLD};
    try(syscall(SYS_clone3, &args, 8));
    try(syscall(SYS_clone3, &args, 5000));
    try(syscall(SYS_clone3, (void *)8, sizeof args));
    args.exit_signal = 65;
    try(syscall(SYS_clone3, &args, sizeof args));
    args.exit_signal = SIGCHLD;
    args.stack_size = 4096;
    try(syscall(SYS_clone3, &args, sizeof args));
    args.stack_size = 0;
    args.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
    try(syscall(SYS_clone3, &args, sizeof args));
    args.flags = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND;
    try(syscall(SYS_clone3, &args, sizeof args));
    args.flags = CLONE_DETACHED;
    try(syscall(SYS_clone3, &args, sizeof args));
    args.flags = CLONE_PARENT_SETTID;
    args.parent_tid = (uintptr_t)&ptid;
    if ((child = syscall(SYS_clone3, &args, sizeof args)) == 0) _exit(12);
    show(ptid == child);
    show(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 12);
    return 0;
}
