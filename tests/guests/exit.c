/* Shows: atexit order, _exit without flushing, abort and assert, environment calls, exit statuses. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static void first(void) { printf("first registered, last to run\n"); }
static void second(void) { printf("second\n"); }
static void adds(void) {
    printf("registers another\n");
    atexit(second);
}
static void with(int status, void *argument) { printf("on_exit %d %s\n", status, (char *)argument); }
static void on_abort(int number) { printf("handler of %d\n", number), fflush(stdout); }
__attribute__((constructor)) static void before(void) { printf("before main\n"); }
__attribute__((destructor)) static void after(void) { printf("after main\n"); }

/* Runs a child to its end and tells how it ended. */
static void child(const char *what, void (*body)(void)) {
    int status;
    fflush(stdout);
    if (fork() == 0) {
        body();
        _exit(100);
    }
    wait(&status);
    printf("%s: %s %d\n", what, WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void lost(void) { printf("never seen"), _exit(3); }
static void kept(void) { printf("seen\n"), exit(260); }
static void quick(void) { printf("not flushed"), at_quick_exit(lost), quick_exit(5); }
static void aborts(void) { signal(SIGABRT, on_abort), abort(); }
static void ignores(void) { signal(SIGABRT, SIG_IGN), abort(); }
static void blocked(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    *(volatile int *)NULL = 1;
}
static void ignored(void) { signal(SIGSEGV, SIG_IGN), *(volatile int *)NULL = 1; }

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    child("_exit", lost);
    child("exit", kept);
    child("quick_exit", quick);
    child("abort with a handler that returns", aborts);
    child("abort ignored", ignores);
    child("SIGSEGV blocked", blocked);
    child("SIGSEGV ignored", ignored);

    clearenv();
    show(setenv("A", "1", 1));
    show(setenv("A", "2", 0));
    show(setenv("B=", "x", 1));
    static char own[] = "OWN=before";
    show(putenv(own));
    own[4] = 'B';
    printf("%s %s %s\n", getenv("A"), getenv("OWN"), getenv("NONE") ? "found" : "missing");
    show(unsetenv("A"));
    for (char **e = environ; *e; e++) printf("%s\n", *e);
    atexit(first);
    atexit(adds);
    on_exit(with, "argument");
    return 17;
}
