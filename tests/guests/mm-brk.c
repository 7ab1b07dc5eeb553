/* Shows: brk: within a page, growth, shrinking, contents afterwards, limits, what lies in its way. */
#include "mm.h"

static char *start;

/* The raw call answers the break that is in force. */
static void move(const char *what, long offset) {
    char *wanted = start + offset, *now = (char *)syscall(SYS_brk, wanted);
    printf("%s: %s\n", what, now == wanted ? "moved" : "refused");
}

int main(void) {
    start = (char *)(((long)syscall(SYS_brk, 0) + 4 * PAGE) & ~(PAGE - 1l));
    /* Nothing else may use the heap. */
    setvbuf(stdout, mmap(NULL, 65536, RW, ANON, -1, 0), _IOFBF, 65536);
    move("start", 0);
    move("within the page", 100);
    catch_faults(start);
    attempt(store(start + 99, 1));
    attempt(store(start + PAGE - 1, 1));
    attempt(store(start + PAGE, 1));
    move("two pages", PAGE + 1);
    attempt(store(start + PAGE + 5, 2));
    move("back into the first", 1);
    attempt(load(start + PAGE + 5));
    printf("%d\n", start[99]);
    move("again two pages", 2 * PAGE);
    printf("%d\n", start[PAGE + 5]);
    move("the same", 2 * PAGE);
    move("far below", -0x7000000);
    show((char *)syscall(SYS_brk, 0) == start + 2 * PAGE);
    move("into the kernel", 0xfffff000u - (unsigned long)start);
    show((char *)syscall(SYS_brk, NULL) == start + 2 * PAGE);
    mmap(start + 8 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    move("up to one page before another", 7 * PAGE);
    move("next to another", 8 * PAGE);
    move("over another", 10 * PAGE);
    munmap(start + 8 * PAGE, PAGE);
    move("free again", 10 * PAGE);
    munmap(start + 3 * PAGE, PAGE);
    attempt(load(start + 3 * PAGE));
    move("shrinks over a hole", PAGE);
    move("grows over it", 4 * PAGE);
    printf("%d\n", start[3 * PAGE]);
    struct rlimit limit = {0, RLIM_INFINITY};
    limit.rlim_cur = 16 * PAGE;
    setrlimit(RLIMIT_DATA, &limit);
    move("beyond RLIMIT_DATA", 64 * PAGE);
    move("down is always allowed", 2 * PAGE);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = 1 << 20;
    setrlimit(RLIMIT_AS, &limit);
    move("beyond RLIMIT_AS", 4 << 20);
    pid_t child = forked();
    if (child == 0) {
        show((char *)syscall(SYS_brk, NULL) == start + 2 * PAGE);
        move("the child's", PAGE);
        leave(0);
    }
    reap(child);
    show((char *)syscall(SYS_brk, NULL) == start + 2 * PAGE);
    return 0;
}
