/* Does what it is told on standard input (six words per step) and prints results and the mappings of a window. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOW 0x20000000u
#define HIGH 0x21000000u

static sigjmp_buf back;
static volatile int signal_number, signal_code;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    signal_number = signal;
    signal_code = info->si_code;
    siglongjmp(back, 1);
}

/* The mappings of the window with their flags, and how much is in memory of those without a page cache (from which Linux maps
   pages around the one that is touched). */
static void maps(void) {
    char line[512];
    int inside = 0, sizes = 0;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end;
        char rights[8], offset[16], device[16], inode[16], name[256] = "";
        if (*line >= 'A' && *line <= 'Z') {
            if (!inside) continue;
            if (!strncmp(line, "VmFlags:", 8)) printf("%s", line);
            else if (sizes && strchr("RPSLA", *line) && strncmp(line, "LazyFree", 8) && strncmp(line, "Ref", 3) && !strstr(line, " 0 kB"))
                printf("%s", line);
            continue;
        }
        sscanf(line, "%lx-%lx %s %s %s %s %255[^\n]", &start, &end, rights, offset, device, inode, name);
        if (start >= HIGH) break;
        inside = end > LOW;
        if (!inside) continue;
        char *base = strrchr(name, '/');
        sizes = !*name;
        printf("%lx-%lx %s %s %s\n", start, end, rights, offset, base ? base + 1 : name);
    }
    fclose(file);
}

static void report(long result) {
    if (result < 0 && result >= -4095) printf("= -%ld\n", -result);
    else if ((unsigned long)result >= LOW && (unsigned long)result < HIGH) printf("= %lx\n", result);
    else printf("= %s\n", result ? "elsewhere" : "0");
}

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result = syscall(number, a, b, c, d, e, f);
    return result == -1 ? -errno : result;
}

int main(int argc, char **argv) {
    int fds[2];
    unsigned step[6];
    (void)argc;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    fds[0] = open(argv[1], O_RDWR);
    fds[1] = open(argv[1], O_RDONLY);
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    while (fread(step, sizeof step, 1, stdin) == 1) {
        unsigned a = step[1], b = step[2], c = step[3], d = step[4], e = step[5];
        switch (step[0]) {
        case 0: /* mmap: address, length, prot, flags, fd | pgoff << 8 */
            report(call(SYS_mmap2, a, b, c, d, e & 255 ? fds[(e & 255) - 1] : -1, e >> 8));
            break;
        case 1: report(call(SYS_munmap, a, b, 0, 0, 0, 0)); break;
        case 2: report(call(SYS_mprotect, a, b, c, 0, 0, 0)); break;
        case 3: report(call(SYS_mremap, a, b, c, d, e, 0)); break;
        case 4: report(call(SYS_madvise, a, b, c, 0, 0, 0)); break;
        case 5: /* touch: address, kind 0 read 1 write, value */
            if (sigsetjmp(back, 1)) printf("signal %d code %d\n", signal_number, signal_code);
            else if (b) *(volatile unsigned char *)a = c, printf("written\n");
            else printf("read %d\n", *(volatile unsigned char *)a);
            break;
        case 6: report(call(SYS_msync, a, b, c, 0, 0, 0)); break;
        case 7: {
            unsigned char vector[256];
            long result = call(SYS_mincore, a, b, (long)vector, 0, 0, 0);
            report(result);
            break;
        }
        case 8: /* mlock2, munlock: address, length, 0 unlock, 1 lock, 2 lock on fault */
            report(call(c ? SYS_mlock2 : SYS_munlock, a, b, c - 1, 0, 0, 0));
            break;
        case 9: {
            fflush(stdout);
            pid_t child = fork();
            int status;
            if (child == 0) break;
            waitpid(child, &status, 0);
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
        }
        case 11: report(call(a ? SYS_mlockall : SYS_munlockall, a, 0, 0, 0, 0, 0)); break;
        case 10: report(call(SYS_remap_file_pages, a, b, c, d, e, 0)); break;
        }
        maps();
        printf(".\n");
    }
    fflush(stdout);
    _exit(0);
}
