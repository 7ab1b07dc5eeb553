/* Shows: execve: arguments, environment, descriptors, signal dispositions and masks across it; vfork; its errors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static const char self[] = "/proc/self/exe";

static void handler(int number) { (void)number; }

static int second(int argc, char **argv, char **envp) {
    for (int i = 0; i < argc; i++) printf("argv[%d] \"%s\"\n", i, i >= 2 && i <= 4 ? "a number" : argv[i]);
    for (int i = 0; envp[i]; i++) printf("envp[%d] \"%s\"\n", i, envp[i]);
    show(argv[argc] == NULL);
    int keep = atoi(argv[2]), lose = atoi(argv[3]);
    show(fcntl(keep, F_GETFD));
    try(fcntl(lose, F_GETFD));
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    show(action.sa_handler == SIG_DFL);
    sigaction(SIGUSR2, NULL, &action);
    show(action.sa_handler == SIG_IGN);
    sigset_t mask, pending;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    show(sigismember(&mask, SIGHUP));
    show(sigismember(&pending, SIGHUP));
    show(umask(0));
    show(getpid() == atoi(argv[4]));
    return 42;
}

int main(int argc, char **argv, char **envp) {
    if (argc > 1 && strcmp(argv[1], "second") == 0) return second(argc, argv, envp);
    if (argc > 1) return atoi(argv[1]);
    int keep = dup(1), lose = dup(1), status;
    fcntl(lose, F_SETFD, FD_CLOEXEC);
    fflush(stdout);
    if (fork() == 0) {
        char a[12], b[12], c[12];
        sprintf(a, "%d", keep), sprintf(b, "%d", lose), sprintf(c, "%d", getpid());
        signal(SIGUSR1, handler);
        signal(SIGUSR2, SIG_IGN);
        sigset_t mask;
        sigemptyset(&mask);
        sigaddset(&mask, SIGHUP);
        sigprocmask(SIG_BLOCK, &mask, NULL);
        raise(SIGHUP);
        umask(027);
        char *arguments[] = {"name of its own", "second", a, b, c, "", "with blank", NULL};
        char *environment[] = {"A=1", "EMPTY=", "no equals sign", NULL};
        execve(self, arguments, environment);
        _exit(99);
    }
    wait(&status);
    show(WEXITSTATUS(status));

    volatile int seen = 0;
    pid_t child = vfork();
    if (child == 0) {
        seen = 1;
        execl(self, "x", "7", NULL);
        _exit(99);
    }
    printf("vfork: the parent sees %d\n", seen);
    waitpid(child, &status, 0);
    show(WEXITSTATUS(status));
    child = vfork();
    if (child == 0) {
        seen = 2;
        _exit(8);
    }
    waitpid(child, &status, 0);
    printf("%d %d\n", seen, WEXITSTATUS(status));

    try(execl("/no/such/program", "x", NULL));
    try(execl("/proc", "x", NULL));
    char **volatile nowhere = NULL;
    try(execve("", nowhere, NULL));
    char *huge = malloc(200001);
    memset(huge, 'x', 200000);
    huge[200000] = 0;
    try(execl(self, "x", huge, NULL));
    huge[100000] = 0;
    fflush(stdout);
    if (fork() == 0) execl(self, "x", "9", huge, huge + 1, huge + 2, NULL), _exit(99);
    wait(&status);
    show(WEXITSTATUS(status));
    nowhere = (char **)8;
    try(execve(self, nowhere, NULL));
    return 0;
}
