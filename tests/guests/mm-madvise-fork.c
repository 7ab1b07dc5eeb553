/* Shows: MADV_DONTFORK, MADV_WIPEONFORK and their opposites: what a child finds, and a grandchild. */
#include "mm.h"

static char *area;

static void look(const char *who) {
    printf("%s:", who);
    for (int i = 0; i < 6; i++) {
        unsigned char in;
        if (mincore(area + i * PAGE, PAGE, &in)) printf(" gone");
        else printf(" %d", area[i * PAGE]);
    }
    printf("\n");
}

int main(void) {
    area = lonely(6, RW, ANON);
    for (int i = 0; i < 6; i++) area[i * PAGE] = i + 1;
    show(madvise(area + PAGE, PAGE, MADV_DONTFORK));
    show(madvise(area + 3 * PAGE, PAGE, MADV_WIPEONFORK));
    look("the parent");
    pid_t child = forked();
    if (child == 0) {
        look("the child");
        area[3 * PAGE] = 99;
        smaps("wiped", area + 3 * PAGE);
        pid_t grandchild = forked();
        if (grandchild == 0) {
            look("the grandchild");
            leave(0);
        }
        reap(grandchild);
        look("the child");
        show(madvise(area + 3 * PAGE, PAGE, MADV_KEEPONFORK));
        grandchild = forked();
        if (grandchild == 0) {
            look("the next grandchild");
            leave(0);
        }
        reap(grandchild);
        leave(0);
    }
    reap(child);
    look("the parent");
    show(madvise(area + PAGE, PAGE, MADV_DOFORK));
    show(madvise(area + 3 * PAGE, PAGE, MADV_KEEPONFORK));
    child = forked();
    if (child == 0) {
        look("all again");
        leave(0);
    }
    reap(child);
    char *shared = lonely(2, RW, MAP_SHARED | MAP_ANONYMOUS);
    try(madvise(shared, PAGE, MADV_WIPEONFORK));
    show(madvise(shared, PAGE, MADV_DONTFORK));
    child = forked();
    if (child == 0) {
        maps("shared", shared, 2);
        leave(0);
    }
    reap(child);
    return 0;
}
