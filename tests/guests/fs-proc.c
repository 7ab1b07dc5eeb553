/* Shows: what /proc says about the process that asks: status, stat, limits, links, descriptors, arguments, names. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "show.h"

static char b[65536];

static int slurp(const char *path) {
    int fd = open(path, O_RDONLY), n = 0, got;
    if (fd < 0) return -1;
    while ((got = read(fd, b + n, 700)) > 0) n += got;
    b[n] = 0;
    close(fd);
    return n;
}

/* The value of a line "name:\tvalue" of status. */
static const char *status(const char *name) {
    static char value[200];
    slurp("/proc/self/status");
    size_t length = strlen(name);
    for (char *line = strtok(b, "\n"); line; line = strtok(NULL, "\n"))
        if (!strncmp(line, name, length) && line[length] == ':') return strcpy(value, line + length + 1);
    return "none";
}

int main(int argc, char **argv) {
    (void)argc;
    prctl(PR_SET_NAME, "a (odd) name of more than fifteen");
    slurp("/proc/self/comm");
    printf("comm: %s", b);
    static const char *const names[] = {"Name", "State", "TracerPid", "Threads", "SigBlk", "SigCgt", "NoNewPrivs", "Seccomp", "VmLck", "VmSwap"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) printf("%s:%s\n", names[i], status(names[i]));
    show(atoi(status("Pid")) == getpid() && atoi(status("Tgid")) == getpid() && atoi(status("PPid")) == getppid());
    show(atoi(status("Uid")) == (int)getuid());
    show(atoi(status("VmRSS")) > 0 && atoi(status("VmSize")) >= atoi(status("VmRSS")));

    slurp("/proc/self/stat");
    int pid, ppid, group, session;
    char state;
    show(sscanf(b, "%d (a (odd) name o) %c %d %d %d", &pid, &state, &ppid, &group, &session));
    show(pid == getpid() && state == 'R' && ppid == getppid() && group == getpgrp() && session == getsid(0));
    int fields = 1;
    for (char *at = strrchr(b, ')'); *at; at++) fields += *at == ' ';
    show(fields + 1);
    slurp("/proc/self/statm");
    fields = 0;
    for (char *at = b; *at; at++) fields += *at == ' ';
    show(fields);

    struct rlimit limit = {100, 200};
    setrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max = limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_CPU, &limit);
    slurp("/proc/self/limits");
    for (char *line = strtok(b, "\n"); line; line = strtok(NULL, "\n"))
        if (!strncmp(line, "Limit", 5) || !strncmp(line, "Max open", 8) || !strncmp(line, "Max cpu", 7)) printf("%s|\n", line);

    int n = slurp("/proc/self/cmdline");
    show(n == (int)strlen(argv[0]) + 1 && !strcmp(b, argv[0]));
    argv[0][0] = 'X';
    slurp("/proc/self/cmdline");
    show(b[0]);
    char path[4096], link[4096];
    show(getcwd(path, sizeof path) != NULL);
    show((link[readlink("/proc/self/cwd", link, sizeof link - 1)] = 0, !strcmp(link, path)));
    struct stat exe, self;
    show(stat("/proc/self/exe", &exe));
    show(S_ISREG(exe.st_mode));
    show(lstat("/proc/self/exe", &self));
    printf("exe is %o\n", self.st_mode);
    show(access("/proc/self/cwd/..", F_OK));
    snprintf(path, sizeof path, "%d", getpid());
    show((link[readlink("/proc/self", link, sizeof link - 1)] = 0, !strcmp(link, path)));

    int p[2], null = open("/dev/null", O_WRONLY);
    pipe(p);
    dup2(p[0], 50), dup2(p[1], 51), dup2(null, 52);
    show(readlink("/proc/self/fd/50", link, 5));
    printf("%.5s\n", link);
    show((link[readlink("/proc/self/fd/52", link, sizeof link - 1)] = 0, !strcmp(link, "/dev/null")));
    for (int fd = 50; fd < 53; fd++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        lstat(path, &self);
        printf("%d is %o\n", fd, self.st_mode);
    }
    int again = open("/proc/self/fd/51", O_WRONLY);
    show(write(again, "reopened", 8));
    show(read(50, link, 20));
    try(open("/proc/self/fd/53", O_RDONLY));
    try(open("/proc/self/nothing", O_RDONLY));
    try(open("/proc/999999", O_RDONLY));
    try(mkdir("/proc/new", 0755) == -1 ? -1 : 0);
    slurp("/proc/self/fdinfo/50");
    printf("fdinfo %.20s", b);
    int count = 0, here = 0;
    struct dirent *entry;
    DIR *fds = opendir("/proc/self/fd");
    while ((entry = readdir(fds))) count += entry->d_name[0] == '5', here += atoi(entry->d_name) == dirfd(fds);
    printf("%d descriptors from 5 on, the directory itself %d\n", count, here);
    try(readlink("/proc/self/root", link, sizeof link));
    printf("%.1s\n", link);
    slurp("/proc/sys/kernel/ostype");
    printf("%s", b);
    show(slurp("/proc/uptime") > 0 && strchr(b, ' ') != NULL);
    show(slurp("/proc/meminfo") > 0 && !strncmp(b, "MemTotal:", 9) && strstr(b, " kB\n") != NULL);
    return 0;
}
