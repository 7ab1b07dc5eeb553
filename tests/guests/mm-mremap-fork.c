/* Shows: mremap across fork: a moved page is copied on write like any, parents and children keep what they had. */
#include "mm.h"

int main(void) {
    plain_memory();
    char *area = lonely(32, PROT_NONE, ANON);
    munmap(area, 32 * PAGE);
    mmap(area, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    for (int i = 0; i < 4; i++) area[i * PAGE] = 'a' + i;
    int pipes[2];
    char byte = 0;
    pipe(pipes);
    pid_t child = forked();
    if (child == 0) {
        char *moved = mremap(area, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 16 * PAGE);
        maps("the child", area, 32);
        pagemap("moved", moved, 6);
        moved[0] = 'x';
        pagemap("one written", moved, 6);
        printf("%c%c%c%c%d\n", moved[0], moved[PAGE], moved[2 * PAGE], moved[3 * PAGE], moved[4 * PAGE]);
        pid_t grandchild = forked();
        if (grandchild == 0) {
            moved = mremap(moved, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area);
            moved[PAGE] = 'y';
            printf("%c%c%c%c\n", moved[0], moved[PAGE], moved[2 * PAGE], moved[3 * PAGE]);
            maps("the grandchild", area, 32);
            leave(0);
        }
        reap(grandchild);
        printf("%c%c%c%c%d\n", moved[0], moved[PAGE], moved[2 * PAGE], moved[3 * PAGE], moved[4 * PAGE]);
        leave(0);
    }
    reap(child);
    pagemap("the parent", area, 4);
    printf("%c%c%c%c\n", area[0], area[PAGE], area[2 * PAGE], area[3 * PAGE]);
    child = forked();
    if (child == 0) {
        read(pipes[0], &byte, 1);
        printf("the child: %c%c%c%c\n", area[0], area[PAGE], area[2 * PAGE], area[3 * PAGE]);
        leave(0);
    }
    char *moved = mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 8 * PAGE);
    moved[0] = 'p';
    printf("the parent: %c%c%c%c\n", moved[0], moved[PAGE], moved[2 * PAGE], moved[3 * PAGE]);
    fflush(stdout);
    write(pipes[1], &byte, 1);
    reap(child);
    return 0;
}
