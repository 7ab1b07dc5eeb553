/* Shows: MADV_REMOVE punches holes into shared memory and files in memory, for everybody. */
#include "mm.h"

int main(void) {
    int fd = memfd_create("file", 0);
    ftruncate(fd, 4 * PAGE);
    char *file = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), *view = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0), *shared = lonely(4, RW, MAP_SHARED | MAP_ANONYMOUS);
    for (int i = 0; i < 4; i++) file[i * PAGE] = shared[i * PAGE] = i + 1;
    private[PAGE] = 9;
    show(madvise(file + PAGE, 2 * PAGE, MADV_REMOVE));
    show(madvise(shared, PAGE, MADV_REMOVE));
    for (int i = 0; i < 4; i++) printf("%d %d %d %d\n", file[i * PAGE], view[i * PAGE], private[i * PAGE], shared[i * PAGE]);
    struct stat status;
    fstat(fd, &status);
    printf("size %lld, blocks %lld\n", (long long)status.st_size, (long long)status.st_blocks);
    try(madvise(view, PAGE, MADV_REMOVE));
    try(madvise(private, PAGE, MADV_REMOVE));
    try(madvise(lonely(1, RW, ANON), PAGE, MADV_REMOVE));
    mprotect(file, PAGE, PROT_READ);
    try(madvise(file, PAGE, MADV_REMOVE));
    mlock(file + 3 * PAGE, PAGE);
    try(madvise(file + 3 * PAGE, PAGE, MADV_REMOVE));
    pid_t child = forked();
    if (child == 0) {
        try(madvise(shared + 3 * PAGE, PAGE, MADV_REMOVE));
        leave(0);
    }
    reap(child);
    printf("%d\n", shared[3 * PAGE]);
    return 0;
}
