/* Shows: MAP_GROWSDOWN: growth by a touch, the guard gap to what is below, the limit, and that it is no stack of ours. */
#include "mm.h"

int main(void) {
    char *area = place(1200);
    char *top = area + 1100 * PAGE;
    catch_faults(top);
    mmap(top, 4 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    maps("at first", top - 8 * PAGE, 12);
    attempt(store(top - 1, 1));
    maps("one page more", top - 8 * PAGE, 12);
    attempt(store(top - 5 * PAGE, 1));
    maps("five pages", top - 8 * PAGE, 12);
    smaps("flags", top);
    munmap(top - 5 * PAGE, 5 * PAGE);
    mmap(top - 300 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
    attempt(store(top - 40 * PAGE, 1));
    attempt(store(top - 43 * PAGE, 1));
    attempt(store(top - 44 * PAGE, 1));
    munmap(top - 300 * PAGE, 300 * PAGE);
    mmap(top - 300 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
    attempt(store(top - 60 * PAGE, 1));
    attempt(store(top - 299 * PAGE, 1));
    attempt(store(top - 300 * PAGE, 1));
    munmap(area, 1100 * PAGE);
    struct rlimit limit = {64 * PAGE, RLIM_INFINITY};
    setrlimit(RLIMIT_STACK, &limit);
    attempt(store(top - 59 * PAGE, 1));
    attempt(store(top - 61 * PAGE, 1));
    maps("at the limit", top - 64 * PAGE, 68);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_STACK, &limit);
    attempt(store(top - 200 * PAGE, 1));
    show(mprotect(top - 10 * PAGE, PAGE, PROT_READ));
    attempt(store(top - 10 * PAGE, 1));
    attempt(load(top - 201 * PAGE));
    maps("grown by a read", top - 202 * PAGE, 206);
    /* A hint that lies within the guard gap is not taken. */
    char *hint = mmap(top - 250 * PAGE, PAGE, RW, ANON, -1, 0);
    show(hint == top - 250 * PAGE);
    return 0;
}
