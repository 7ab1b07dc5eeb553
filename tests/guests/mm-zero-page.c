/* Shows: pages that are only read are the one page of zeroes: nothing of one's own, until they are written or locked. */
#include "mm.h"

int main(void) {
    plain_memory();
    char *area = lonely(16, RW, ANON);
    unsigned sum = 0;
    for (int i = 0; i < 16; i++) sum += area[i * PAGE + i];
    show(sum);
    pagemap("read", area, 16);
    smaps("read", area);
    pid_t child = forked();
    if (child == 0) {
        pagemap("the child", area, 16);
        area[PAGE] = 1;
        pagemap("has written", area, 16);
        leave(0);
    }
    reap(child);
    for (int i = 0; i < 4; i++) area[i * PAGE] = i;
    pagemap("four written", area, 16);
    smaps("four written", area);
    show(mprotect(area, 16 * PAGE, PROT_READ));
    show(mprotect(area, 16 * PAGE, RW));
    area[5 * PAGE] = 1;
    pagemap("five written", area, 16);
    show(mlock(area + 8 * PAGE, 2 * PAGE));
    pagemap("two locked", area, 16);
    show(munlock(area + 8 * PAGE, 2 * PAGE));
    char *moved = mremap(area, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place(16));
    pagemap("moved", moved, 16);
    for (int i = 0; i < 16; i++) sum += moved[i * PAGE];
    show(sum);
    show(madvise(moved, 16 * PAGE, MADV_POPULATE_READ));
    pagemap("populated for reading", moved, 16);
    show(madvise(moved, 16 * PAGE, MADV_POPULATE_WRITE));
    pagemap("populated for writing", moved, 16);
    return 0;
}
