/* Shows: waitpid with WNOHANG, WUNTRACED and WCONTINUED, signals in the status, waitid, ECHILD, SIGCHLD ignored. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static void tell(const char *what, int status) {
    if (WIFEXITED(status)) printf("%s: exited %d\n", what, WEXITSTATUS(status));
    if (WIFSIGNALED(status)) printf("%s: killed by %d\n", what, WTERMSIG(status));
    if (WIFSTOPPED(status)) printf("%s: stopped by %d\n", what, WSTOPSIG(status));
    if (WIFCONTINUED(status)) printf("%s: continued\n", what);
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int status, child;
    static const int deadly[] = {SIGTERM, SIGKILL, SIGSEGV, SIGABRT, SIGUSR1, SIGALRM, SIGPIPE};
    for (int i = 0; i < 7; i++) {
        if ((child = fork()) == 0) {
            kill(getpid(), deadly[i]);
            _exit(99);
        }
        show(waitpid(child, &status, 0) == child);
        tell("deadly", status);
    }
    static const int codes[] = {0, 1, 127, 255, 256, -1, 0x1234};
    for (int i = 0; i < 7; i++) {
        if (fork() == 0) _exit(codes[i]);
        wait(&status);
        tell("code", status);
    }
    if ((child = fork()) == 0) {
        for (;;) pause();
    }
    show(waitpid(child, &status, WNOHANG));
    kill(child, SIGSTOP);
    show(waitpid(child, &status, WUNTRACED) == child);
    tell("stop", status);
    show(waitpid(child, &status, WNOHANG | WUNTRACED));
    kill(child, SIGCONT);
    show(waitpid(child, &status, WCONTINUED) == child);
    tell("continue", status);
    kill(child, SIGINT);
    siginfo_t info = {0};
    try(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    printf("waitid: code %d status %d, pid right: %d\n", info.si_code == CLD_KILLED, info.si_status, info.si_pid == child);
    show(waitpid(-1, &status, 0) == child);
    tell("interrupt", status);
    try(waitpid(child, &status, 0));
    try(waitpid(-1, &status, WNOHANG));
    try(waitpid(-1, &status, 0x1000));

    /* Children of another group, and a parent that wants to know of none. */
    if ((child = fork()) == 0) {
        setpgid(0, 0);
        for (;;) pause();
    }
    setpgid(child, child);
    try(waitpid(0, &status, WNOHANG));
    show(kill(-child, SIGTERM));
    show(waitpid(-child, &status, 0) == child);
    tell("group", status);
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0) _exit(3);
    try(wait(&status));
    return 0;
}
