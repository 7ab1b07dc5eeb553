/* Shows: user and group ids in both widths, capabilities, who may signal whom, refusals; as root or not, in a child that is not. */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static void ids(const char *what) {
    uid_t u[3];
    gid_t g[3];
    getresuid(u, u + 1, u + 2);
    getresgid(g, g + 1, g + 2);
    printf("%s: uid %d %d %d gid %d %d %d fs %d %d\n", what, u[0], u[1], u[2], g[0], g[1], g[2], setfsuid(-1),
           setfsgid(-1));
}

static void capabilities(const char *what) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    syscall(SYS_capget, &header, data);
    printf("%s: effective %d permitted %d\n", what, data[0].effective != 0, data[0].permitted != 0);
}

int main(void) {
    if (getuid() != 0) return 0;
    int status;
    unsigned short small[3];
    gid_t list[3] = {70000, 5, 6}, back[3];
    ids("root");
    try(setgroups(3, list));
    show(getgroups(0, NULL));
    show(getgroups(3, back));
    printf("groups %d %d %d\n", back[0], back[1], back[2]);
    try(syscall(SYS_getgroups32, -1, back));
    unsigned short narrow[3];
    show(syscall(SYS_getgroups, 3, narrow));
    printf("narrow %u %u %u\n", narrow[0], narrow[1], narrow[2]);
    try(setgroups(70000, list));

    fflush(stdout);
    if (fork() == 0) {
        try(setresgid(100, 200, 300));
        try(setresuid(1000, 2000, 3000));
        ids("set");
        capabilities("set");
        show(syscall(SYS_getresuid, small, small + 1, small + 2));
        printf("small %u %u %u\n", small[0], small[1], small[2]);
        try(setuid(0));
        try(setuid(3000));
        ids("setuid saved");
        try(setreuid(2000, -1));
        try(setreuid(3000, 1000));
        ids("setreuid");
        try(setresuid(-1, 7, -1));
        try(setgid(300));
        try(setregid(300, 100));
        ids("setregid");
        try(setgroups(0, NULL));
        try(kill(1, SIGTERM));
        try(kill(getppid(), 0));
        try(nice(-1));
        try(setpriority(PRIO_PROCESS, 0, -5));
        try(sethostname("x", 1));
        try(prctl(PR_CAPBSET_DROP, 1));
        struct rlimit limit = {10, 10};
        try(setrlimit(RLIMIT_CORE, &limit));
        limit.rlim_max = 11;
        try(setrlimit(RLIMIT_CORE, &limit));
        limit.rlim_cur = 12;
        try(setrlimit(RLIMIT_CORE, &limit));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    show(status);
    fflush(stdout);
    if (fork() == 0) {
        try(seteuid(1000));
        ids("seteuid");
        capabilities("seteuid");
        try(seteuid(0));
        capabilities("back");
        try(syscall(SYS_setuid, 0xffff));
        try(syscall(SYS_setreuid, 0xffff, 42));
        ids("16 bits, -1");
        try(syscall(SYS_setfsuid, 43));
        ids("fsuid");
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    if (fork() == 0) {
        prctl(PR_SET_KEEPCAPS, 1);
        try(setuid(1000));
        printf("kept: ");
        struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_1, 0};
        struct __user_cap_data_struct data = {0};
        syscall(SYS_capget, &header, &data);
        printf("effective %x permitted %d\n", data.effective, data.permitted != 0);
        data.effective = 1 << CAP_KILL;
        try(syscall(SYS_capset, &header, &data));
        header.version = 7;
        try(syscall(SYS_capget, &header, &data));
        printf("version %x\n", header.version);
        try(syscall(SYS_capget, &header, (void *)8));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    return 0;
}
