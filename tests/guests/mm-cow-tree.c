/* Shows: a tree of forks: every process writes its own pages, ends in any order, and the others keep theirs. */
#include "mm.h"

enum { PAGES = 8, DEPTH = 3 };
static char *area;

static unsigned sum(void) {
    unsigned total = 0;
    for (int i = 0; i < PAGES; i++) total = total * 31 + (unsigned char)area[i * PAGE];
    return total;
}

static void grow(int depth, int name) {
    printf("%*s%d: %08x\n", depth * 2, "", name, sum());
    if (depth == DEPTH) return;
    for (int i = 0; i < 2; i++) {
        pid_t child = forked();
        if (child == 0) {
            area[(name + i) % PAGES * PAGE] = depth * 10 + i;
            area[7 * PAGE + depth] = i;
            grow(depth + 1, name * 2 + i);
            leave(depth);
        }
        area[(name + i + 3) % PAGES * PAGE] += 1;
        int status;
        waitpid(child, &status, 0);
        printf("%*s%d after %d: %08x, %d\n", depth * 2, "", name, i, sum(), WEXITSTATUS(status));
    }
}

int main(void) {
    plain_memory();
    area = lonely(PAGES, RW, ANON);
    for (int i = 0; i < PAGES; i++) area[i * PAGE] = i;
    grow(0, 1);
    pagemap("in the end", area, PAGES);
    /* A chain: each process leaves its parent's pages to its child. */
    pid_t first = forked();
    if (first == 0) {
        int pipes[2];
        pipe(pipes);
        pid_t second = forked();
        if (second == 0) {
            char byte;
            close(pipes[1]);
            read(pipes[0], &byte, 1);
            pagemap("the orphan", area, PAGES);
            printf("%08x\n", sum());
            area[0] = 'o';
            pagemap("has written one", area, PAGES);
            leave(0);
        }
        close(pipes[1]);
        close(pipes[0]);
        waitpid(second, NULL, 0);
        leave(0);
    }
    reap(first);
    pagemap("the first", area, PAGES);
    return 0;
}
