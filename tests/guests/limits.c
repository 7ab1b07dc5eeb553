/* Shows: resource limits: address space, data, stack, file size, descriptors, processes, and what exceeding them does. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static void set(int which, rlim_t value) {
    struct rlimit limit = {value, value};
    printf("limit %d: %d\n", which, setrlimit(which, &limit));
}

static int map(size_t size) {
    void *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return area == MAP_FAILED ? -errno : munmap(area, size);
}

static int child(void (*body)(void)) {
    int status;
    fflush(stdout);
    if (fork() == 0) body(), fflush(stdout), _exit(0);
    wait(&status);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void address_space(void) {
    set(RLIMIT_AS, 64 << 20);
    show(map(40 << 20));
    show(map(70 << 20));
    errno = 0;
    void *volatile block = malloc(100 << 20);
    printf("malloc: %s\n", block ? "given" : strerror(errno));
    show(sbrk(80 << 20) == (void *)-1);
}

static void data(void) {
    set(RLIMIT_DATA, 16 << 20);
    show(sbrk(8 << 20) != (void *)-1);
    show(sbrk(20 << 20) == (void *)-1);
}

__attribute__((noinline)) static int deep(int n) {
    volatile char pad[10000];
    pad[n % 100] = n;
    return n ? deep(n - 1) + pad[n % 100] : 0;
}

static void stack_fits(void) { set(RLIMIT_STACK, 2 << 20), show(deep(100) != 0); }
static void stack_bursts(void) { set(RLIMIT_STACK, 2 << 20), deep(1000); }
static void core(void) { set(RLIMIT_CORE, 0), abort(); }

static void soft_and_hard(void) {
    struct rlimit limit = {5, 10}, now;
    show(setrlimit(RLIMIT_NOFILE, &limit));
    getrlimit(RLIMIT_NOFILE, &now);
    printf("%d %d\n", (int)now.rlim_cur, (int)now.rlim_max);
    int last = 0, fd;
    while ((fd = dup(1)) >= 0) last = fd;
    printf("%d %s\n", last, strerror(errno));
    limit.rlim_cur = 8;
    show(setrlimit(RLIMIT_NOFILE, &limit));
    show(dup(1) == last + 1);
    limit.rlim_cur = 11;
    try(setrlimit(RLIMIT_NOFILE, &limit));
    try(setrlimit(99, &limit));
    try(getrlimit(99, &limit));
}

int main(void) {
    show(child(address_space));
    show(child(data));
    show(child(stack_fits));
    show(child(stack_bursts));
    show(child(core));
    show(child(soft_and_hard));
    return 0;
}
