/* Shows: copy-on-write: who sees what after writes on either side, and how many pages each has for itself. */
#include "mm.h"

static char *area;
static int to_child[2], to_parent[2];

static void look(const char *who) {
    printf("%s: ", who);
    for (int i = 0; i < 6; i++) putchar(area[i * PAGE]);
    printf("\n");
    pagemap("pages", area, 6);
    fflush(stdout);
}

static void pass(int fd) { write(fd, "", 1); }
static void await(int fd) {
    char byte;
    read(fd, &byte, 1);
}

int main(void) {
    plain_memory();
    pipe(to_child), pipe(to_parent);
    area = lonely(6, RW, ANON);
    for (int i = 0; i < 5; i++) area[i * PAGE] = 'a' + i;
    load(area + 5 * PAGE);
    pid_t child = forked();
    if (child == 0) {
        look("the child at first");
        area[0] = 'C', area[5 * PAGE] = 'C';
        look("the child after two writes");
        pass(to_parent[1]), await(to_child[0]);
        look("the child after the parent's writes");
        area[2 * PAGE] = 'K';
        look("the child, a page the parent has left");
        pass(to_parent[1]), await(to_child[0]);
        leave(0);
    }
    await(to_parent[0]);
    look("the parent");
    area[PAGE] = 'P', area[2 * PAGE] = 'P';
    look("the parent after two writes");
    pass(to_child[1]), await(to_parent[0]);
    look("the parent in the end");
    pass(to_child[1]);
    reap(child);
    look("the parent alone");
    for (int i = 0; i < 6; i++) area[i * PAGE] = 'z';
    look("all written");
    return 0;
}
