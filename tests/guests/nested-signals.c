/* Shows: a handler interrupted by another, sa_mask, signals that wait for the mask, and delivery order. */
#include <signal.h>
#include <unistd.h>
#include "show.h"

static int depth;

static void line(const char *what, int number) { printf("%*s%s %d\n", depth * 2, "", what, number); }

static void handler(int number) {
    line("enter", number);
    depth++;
    if (number == SIGUSR1) {
        kill(getpid(), SIGUSR2);
        line("sent USR2 from", number);
        kill(getpid(), SIGHUP);
        line("sent HUP from", number);
    }
    if (number == SIGUSR2) {
        kill(getpid(), SIGUSR1);
        line("sent USR1 from", number);
        kill(getpid(), SIGTERM);
        line("sent TERM from", number);
    }
    depth--;
    line("leave", number);
}

static void tail(int number) { line("plain", number); }

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGHUP);
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGUSR2, &action, NULL);
    signal(SIGHUP, tail);
    signal(SIGTERM, tail);
    printf("one\n");
    /* USR2 sends USR1, which waits for the mask; endless without this second block. */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    raise(SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    signal(SIGUSR2, tail);
    printf("two\n");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("three\n");
    static const int all[] = {SIGTERM, SIGUSR2, SIGHUP, SIGCHLD, SIGWINCH, SIGURG, SIGINT, SIGQUIT};
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 8; i++) signal(all[i], tail), kill(getpid(), all[i]);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return 0;
}
