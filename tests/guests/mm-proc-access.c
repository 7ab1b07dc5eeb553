/* Shows: (Linux 6.14) (as root) files of /proc/PID: modes, owners and who may read them: oneself, root, another user, of a zombie. */
#include "mm.h"
#include <dirent.h>

static const char *const names[] = {
    "task", "fd", "map_files", "fdinfo", "environ", "auxv", "status", "personality", "limits", "comm", "cmdline", "stat",
    "statm", "maps", "mem", "cwd", "root", "exe", "clear_refs", "smaps", "smaps_rollup", "pagemap", "oom_score", "oom_adj",
    "oom_score_adj", "io", "wchan"};

static void all(const char *what, int pid) {
    printf("%s\n", what);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], text[64];
        struct stat status;
        snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
        if (lstat(path, &status)) {
            printf("  %s: %s\n", names[i], strerror(errno));
            continue;
        }
        printf("  %s %o %d", names[i], status.st_mode, status.st_uid);
        errno = 0;
        if (S_ISLNK(status.st_mode)) printf(" %d", readlink(path, text, sizeof text) > 0);
        else {
            int fd = open(path, O_RDONLY);
            if (fd >= 0 && S_ISREG(status.st_mode) && strcmp(names[i], "mem") && strcmp(names[i], "environ")) printf(" %d", read(fd, text, sizeof text) > 0);
            else printf(" %d", fd >= 0);
            close(fd);
        }
        printf(" %s\n", errno && errno != EBADF ? strerror(errno) : "");
    }
}

static int sleeper(int dumpable) {
    int ready[2];
    char byte;
    pipe(ready);
    pid_t child = forked();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, dumpable);
        write(ready[1], "", 1);
        for (;;) pause();
    }
    read(ready[0], &byte, 1);
    return child;
}

static void finish(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(void) {
    pid_t child = sleeper(1);
    all("root's child", child);
    pid_t zombie = forked();
    if (zombie == 0) _exit(0);
    siginfo_t info;
    waitid(P_PID, zombie, &info, WEXITED | WNOWAIT);
    all("a zombie", zombie);
    reap(zombie);
    pid_t user = forked();
    if (user == 0) {
        if (setgid(5) || setuid(5)) leave(1);
        all("oneself after setuid", getpid());
        all("root's, for another user", child);
        prctl(PR_SET_DUMPABLE, 1);
        pid_t own = sleeper(1), secret = sleeper(0);
        all("one's own child", own);
        all("one's own child that must not be dumped", secret);
        finish(own), finish(secret);
        leave(0);
    }
    reap(user);
    finish(child);
    return 0;
}
