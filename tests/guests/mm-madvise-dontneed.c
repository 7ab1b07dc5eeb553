/* Shows: MADV_DONTNEED: what is read afterwards from private, shared and file memory, and by whom. */
#include "mm.h"

static char *private, *shared, *file, *copy;

static void values(const char *what) {
    printf("%s: private %d shared %d file %d copy %d\n", what, private[0], shared[0], file[0], copy[0]);
}

int main(void) {
    plain_memory();
    int fd = memfd_create("file", 0);
    ftruncate(fd, 4 * PAGE);
    pwrite(fd, "\1", 1, 0);
    private = lonely(4, RW, ANON), shared = lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS);
    file = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), copy = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    values("at first");
    private[0] = 2, shared[0] = 3, file[0] = 4;
    values("written");
    copy[0] = 5;
    values("copied");
    char *all[] = {private, shared, file, copy};
    for (int i = 0; i < 4; i++) show(madvise(all[i], 4 * PAGE, MADV_DONTNEED));
    pagemap("private", private, 4);
    pagemap("shared", shared, 4);
    pagemap("copy", copy, 4);
    values("not needed");
    private[0] = 6, copy[0] = 7;
    pid_t child = forked();
    if (child == 0) {
        for (int i = 0; i < 4; i++) madvise(all[i], PAGE, MADV_DONTNEED);
        values("the child");
        leave(0);
    }
    reap(child);
    values("the parent");
    mlock(private, PAGE);
    try(madvise(private, PAGE, MADV_DONTNEED));
    try(madvise(private + PAGE, PAGE, MADV_DONTNEED));
    try(madvise(private, PAGE, 24 /* MADV_DONTNEED_LOCKED */));
    values("locked");
    munlock(private, PAGE);
    mprotect(private, PAGE, PROT_READ);
    private = lonely(1, RW, ANON);
    return 0;
}
