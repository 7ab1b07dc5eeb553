/* Shows: ru_minflt and ru_maxrss of fresh pages, zero pages, copies, populated and locked memory, a shrunk and a regrown set. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

enum { PAGE = 4096 };

static struct rusage usage(int who) {
    struct rusage now;
    getrusage(who, &now);
    return now;
}

/* Faults of the statement. */
#define faults(statement)                                                                \
    do {                                                                                 \
        long before_ = usage(RUSAGE_SELF).ru_minflt;                                     \
        statement;                                                                       \
        printf("%s: %ld faults\n", #statement, usage(RUSAGE_SELF).ru_minflt - before_); \
    } while (0)

static void touch(volatile char *area, int pages) {
    for (int i = 0; i < pages; i++) area[i * PAGE] = 1;
}

static int look(volatile char *area, int pages) {
    int sum = 0;
    for (int i = 0; i < pages; i++) sum += area[i * PAGE];
    return sum;
}

static char *map(int pages, int flags) {
    char *area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    madvise(area, pages * PAGE, MADV_NOHUGEPAGE);
    return area;
}

int main(void) {
    usage(RUSAGE_SELF);
    printf("warm\n");
    fflush(stdout);
    char *area = map(50, MAP_PRIVATE), *shared = map(20, MAP_SHARED), *zero = map(30, MAP_PRIVATE);
    faults(touch(area, 50));
    faults(touch(area, 50));
    faults(touch(shared, 20));
    faults(look(zero, 30));
    faults(touch(zero, 30));
    faults(mprotect(area, 50 * PAGE, PROT_READ); mprotect(area, 50 * PAGE, PROT_READ | PROT_WRITE); touch(area, 50));
    faults(madvise(area, 10 * PAGE, MADV_DONTNEED); touch(area, 10));
    faults(area = mremap(area, 50 * PAGE, 70 * PAGE, MREMAP_MAYMOVE); touch(area, 50));
    faults(touch(area + 50 * PAGE, 20));
    char *more = NULL;
    faults(more = map(25, MAP_PRIVATE | MAP_POPULATE));
    faults(touch(more, 25));
    faults(mlock(zero, 30 * PAGE); touch(zero, 30));
    fflush(stdout);
    int status;
    if (fork() == 0) {
        struct rusage before = usage(RUSAGE_SELF);
        touch(area, 70);
        long after = usage(RUSAGE_SELF).ru_minflt - before.ru_minflt;
        _exit(after);
    }
    wait(&status);
    /* A page or two of the stack and of the data come with them. */
    show(WEXITSTATUS(status) >= 70 && WEXITSTATUS(status) < 75);
    long copied = -usage(RUSAGE_SELF).ru_minflt;
    touch(area, 70);
    copied += usage(RUSAGE_SELF).ru_minflt;
    show(copied >= 70 && copied < 75);
    show(usage(RUSAGE_CHILDREN).ru_minflt > 70);

    /* In a child: what was executed before the program does not count there. */
    fflush(stdout);
    if (fork() == 0) {
        long before = usage(RUSAGE_SELF).ru_maxrss;
        char *large = map(2000, MAP_PRIVATE);
        touch(large, 2000);
        long high = usage(RUSAGE_SELF).ru_maxrss;
        show(labs(high - before - 8000) < 300);
        munmap(large, 2000 * PAGE);
        show(labs(usage(RUSAGE_SELF).ru_maxrss - high) < 300);
        large = map(1000, MAP_PRIVATE);
        touch(large, 1000);
        show(labs(usage(RUSAGE_SELF).ru_maxrss - high) < 300);
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    return 0;
}
