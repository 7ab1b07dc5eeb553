/* Shows: a storm of 100,000 events in processes that map, unmap, protect, move, write, advise and fork; every word is checked. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

enum { PAGE = 4096, PAGES = 96, SHARED = 64, WORKERS = 4, DEPTH = 3, WORKER_EVENTS = 10400, CHILD_EVENTS = 400 };

/* What one page should hold: its first and its last word, and what may be done to it; -1 = nothing is mapped. */
struct page { int prot; unsigned first, last; };

/* Word [page][slot] is written by one process at a time. */
static struct shared {
    unsigned events, failures, processes;
    unsigned words[SHARED][WORKERS * (DEPTH + 1)];
} *shared;

static struct page model[PAGES];
static unsigned mine[SHARED], state, slot;
static char *arena;

/* xorshift32 of Marsaglia. */
static unsigned next(unsigned limit) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (state >> 3) % limit;
}

static void check(int right) {
    if (!right) __sync_fetch_and_add(&shared->failures, 1);
}

static volatile unsigned *word(int page, int last) { return (unsigned *)(arena + page * PAGE + (last ? PAGE - 4 : 0)); }

static void verify(int page) {
    if (model[page].prot < 0 || !(model[page].prot & PROT_READ)) return;
    check(*word(page, 0) == model[page].first && *word(page, 1) == model[page].last);
}

static int whole(int page, int pages) {
    while (pages-- > 0)
        if (model[page + pages].prot < 0) return 0;
    return 1;
}

static void event(void) {
    static const int protections[] = {PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE};
    int kind = next(100), page = next(PAGES), pages = 1 + next(6), to = next(PAGES), prot = protections[next(4)];
    if (pages > PAGES - page) pages = PAGES - page;
    char *at = arena + page * PAGE, *place = arena + to * PAGE;
    if (kind < 40) {
        if (model[page].prot < 0 || !(model[page].prot & PROT_WRITE)) return;
        *word(page, 0) = model[page].first = next(~0u);
        *word(page, 1) = model[page].last = next(~0u);
    } else if (kind < 60) {
        int index = next(SHARED);
        check(shared->words[index][slot] == mine[index]);
        shared->words[index][slot] = mine[index] = next(~0u);
    } else if (kind < 72) {
        check(mmap(at, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
        for (int i = page; i < page + pages; i++) model[i] = (struct page){prot, 0, 0};
    } else if (kind < 78) {
        check(munmap(at, pages * PAGE) == 0);
        for (int i = page; i < page + pages; i++) model[i].prot = -1;
    } else if (kind < 88) {
        if (!whole(page, pages)) return;
        check(mprotect(at, pages * PAGE, prot) == 0);
        for (int i = page; i < page + pages; i++) model[i].prot = prot;
    } else if (kind < 94) {
        if (model[page].prot < 0 || page == to) return;
        check(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
        model[to] = model[page];
        model[page].prot = -1;
    } else if (whole(page, pages)) {
        check(madvise(at, pages * PAGE, MADV_DONTNEED) == 0);
        for (int i = page; i < page + pages; i++) model[i].first = model[i].last = 0;
    }
    verify(to);
}

/* At most one child runs beside its parent, on a slot that depends on the depth alone. */
static void storm(int events, int depth) {
    int child = 0, status;
    for (int done = 0; done < events; done++) {
        event();
        if (depth == DEPTH || next(1000) >= 2) continue;
        if (child) waitpid(child, &status, 0), check(status == 0);
        fflush(stdout);
        child = fork();
        if (child == 0) {
            slot += WORKERS;
            state = (state ^ slot * 2654435761u) | 1;
            for (int i = 0; i < SHARED; i++) mine[i] = shared->words[i][slot];
            storm(CHILD_EVENTS, depth + 1);
            _exit(0);
        }
    }
    if (child) waitpid(child, &status, 0), check(status == 0);
    for (int i = 0; i < PAGES; i++) verify(i);
    __sync_fetch_and_add(&shared->events, events);
    __sync_fetch_and_add(&shared->processes, 1);
}

int main(void) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    arena = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (slot = 0; slot < WORKERS; slot++) {
        state = 88172645 + slot;
        if (fork() == 0) storm(WORKER_EVENTS, 0), _exit(0);
    }
    for (int i = 0, status; i < WORKERS; i++) wait(&status), check(status == 0);
    unsigned sum = 0;
    for (unsigned i = 0; i < sizeof shared->words / 4; i++) sum = sum * 31 + ((unsigned *)shared->words)[i];
    printf("%u events, %u processes, %u failures, sum %08x\n", shared->events, shared->processes, shared->failures, sum);
    return 0;
}
