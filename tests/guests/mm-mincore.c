/* Shows: mincore: what is in memory, of private, shared and file mappings, and its errors. */
#include "mm.h"

static void vector(const char *what, char *area, int pages) {
    unsigned char in[64];
    memset(in, 9, sizeof in);
    int result = mincore(area, pages * PAGE, in);
    printf("%s: %s ", what, result ? strerror(errno) : "");
    for (int i = 0; i < pages; i++) printf("%d", in[i]);
    printf("\n");
}

int main(void) {
    plain_memory();
    int fd = memfd_create("file", 0);
    ftruncate(fd, 4 * PAGE);
    char *private = lonely(6, RW, ANON), *shared = lonely(6, RW, MAP_SHARED | MAP_ANONYMOUS);
    char *file = mmap(NULL, 6 * PAGE, RW, MAP_SHARED, fd, 0), *copy = mmap(NULL, 6 * PAGE, RW, MAP_PRIVATE, fd, 0);
    vector("private", private, 6);
    vector("shared", shared, 6);
    vector("file", file, 6);
    private[PAGE] = shared[PAGE] = file[PAGE] = 1;
    load(private + 3 * PAGE);
    vector("private", private, 6);
    vector("shared", shared, 6);
    vector("file", file, 6);
    vector("a private view", copy, 6);
    copy[2 * PAGE] = 1;
    vector("copied", copy, 6);
    vector("the file", file, 6);
    pwrite(fd, "x", 1, 3 * PAGE);
    vector("written", file, 6);
    madvise(shared, 6 * PAGE, MADV_DONTNEED);
    vector("still in memory", shared, 6);
    madvise(private, 6 * PAGE, MADV_DONTNEED);
    vector("gone", private, 6);
    munmap(private + 4 * PAGE, PAGE);
    private[0] = 1;
    vector("a hole", private, 6);
    vector("from a hole", private + 4 * PAGE, 2);
    try(mincore(private + 1, PAGE, (unsigned char *)file));
    try(mincore(private, PAGE, (unsigned char *)8));
    show(mincore(private, 0, (unsigned char *)8));
    try(mincore(private + 4 * PAGE, 0, (unsigned char *)8));
    show(mincore(private, 1, (unsigned char *)file));
    try(mincore((void *)0xfffff000u, PAGE, (unsigned char *)file));
    try(mincore(NULL, PAGE, (unsigned char *)file));
    pid_t child = forked();
    if (child == 0) {
        vector("the child's private", private, 4);
        vector("the child's shared", shared, 4);
        leave(0);
    }
    reap(child);
    return 0;
}
