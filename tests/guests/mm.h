/* What the guests about memory have in common. Addresses are the system's choice: they are shown relative to a base. */
#ifndef MM_H
#define MM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "show.h"

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS, PAGE = 4096 };

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-result"

/* The host may have transparent huge pages: not for this process. */
static void plain_memory(void) { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }

/* fork() that does not double what is still to be printed. */
static pid_t forked(void) {
    fflush(stdout);
    return fork();
}

/* Ends a child that forked() has made. */
static void leave(int status) {
    fflush(stdout);
    _exit(status);
}

/* Waits for the child and tells how it ended. */
static void reap(pid_t child) {
    int status;
    fflush(stdout);
    if (waitpid(child, &status, 0) != child) perror("waitpid"), exit(99);
    if (WIFSIGNALED(status)) printf("  ended by signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status)) printf("  ended with %d\n", WEXITSTATUS(status));
}

/* A place for `pages` with free pages on both sides, so that nothing merges with it. */
static char *place(int pages) {
    char *room = mmap(NULL, (pages + 32) * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) perror("place"), exit(99);
    munmap(room, (pages + 32) * PAGE);
    return room + 16 * PAGE;
}

/* A mapping without neighbours. */
static char *lonely(int pages, int prot, int flags) {
    char *at = mmap(place(pages), pages * PAGE, prot, flags | MAP_FIXED, -1, 0);
    if (at == MAP_FAILED) perror("lonely"), exit(99);
    return at;
}

/* The mappings in [from, from + pages), in pages relative to `from`, with rights and the last part of the name. */
static void maps(const char *what, const char *from, int pages) {
    static char line[4400];
    uintptr_t low = (uintptr_t)from, high = low + pages * PAGE;
    FILE *file = fopen("/proc/self/maps", "r");
    printf("%s:", what);
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end;
        unsigned long long offset;
        char rights[5], name[4097] = "";
        sscanf(line, "%lx-%lx %4s %llx %*s %*s %4096[^\n]", &start, &end, rights, &offset, name);
        if (end <= low || start >= high) continue;
        char *base = strrchr(name, '/');
        printf(" %ld-%ld %s", ((long)start - (long)low) / PAGE, ((long)end - (long)low) / PAGE, rights);
        if (*name) printf(" %s+%llu", base ? base + 1 : name, offset / PAGE);
    }
    printf("\n");
    fclose(file);
}

/* All fields of smaps for the mapping that holds the address; zero ones are left out. */
static void smaps_of(const char *path, const char *what, const void *address) {
    static char line[4400];
    FILE *file = fopen(path, "r");
    int found = 0;
    if (!file) {
        printf("%s: %s\n", what, strerror(errno));
        return;
    }
    printf("  %s:", what);
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end, kib;
        char name[40], unit[3];
        if (*line < 'A' || *line > 'Z') {
            if (found) break;
            found = sscanf(line, "%lx-%lx ", &start, &end) == 2 && start <= (uintptr_t)address && (uintptr_t)address < end;
        } else if (!found) continue;
        else if (!strncmp(line, "VmFlags:", 8)) {
            /* Only a system with transparent huge pages says where there shall be none. */
            char *none = strstr(line, " nh ");
            if (none) memmove(none, none + 3, strlen(none + 3) + 1);
            printf(" %.*s", (int)strcspn(line, "\n"), line);
        }
        else if (sscanf(line, "%39[^:]: %lu %2s", name, &kib, unit) == 3 && kib) printf(" %s %lu", name, kib);
    }
    printf("\n");
    fclose(file);
}

static void smaps(const char *what, const void *address) { smaps_of("/proc/self/smaps", what, address); }

/* One character per page as pagemap has it: . nothing, p private alone, s private shared, f file alone, F file shared. */
static void pagemap_of(const char *path, const char *what, const char *from, int pages) {
    int fd = open(path, O_RDONLY);
    printf("  %s: ", what);
    for (int i = 0; i < pages; i++) {
        uint64_t entry = 0;
        pread(fd, &entry, 8, ((uintptr_t)from / PAGE + i) * 8ll);
        int alone = entry >> 56 & 1, file = entry >> 61 & 1;
        putchar(!(entry >> 63) ? '.' : file ? (alone ? 'f' : 'F') : alone ? 'p' : 's');
    }
    printf("\n");
    close(fd);
}

static void pagemap(const char *what, const char *from, int pages) { pagemap_of("/proc/self/pagemap", what, from, pages); }

/* Minor faults so far. */
static long faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* What a fault was; `base` is what its address is relative to. */
static sigjmp_buf back;
static volatile uintptr_t base;

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    /* Bit 4 of the error code tells a fetch, where the no-execute bit exists. */
    printf("  signal %d code %d at %ld, trap %d error %d\n", number, info->si_code,
           (long)((uintptr_t)info->si_addr - base), (int)registers[REG_TRAPNO], (int)registers[REG_ERR] & ~0x10);
    siglongjmp(back, 1);
}

static void catch_faults(const void *from) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    base = (uintptr_t)from;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* A statement that may fault. */
#define attempt(what)                                    \
    do {                                                 \
        printf("%s\n", #what);                           \
        if (!sigsetjmp(back, 1)) { what; }               \
    } while (0)

#define load(address) ((void)*(volatile char *)(address))
#define store(address, value) ((void)(*(volatile char *)(address) = (value)))

#endif
