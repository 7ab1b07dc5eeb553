/* Shows: /proc/self/pagemap: what each page is before and after touch, fork, copy, exit; where it may be read. */
#include "mm.h"

int main(void) {
    plain_memory();
    char *private = lonely(8, RW, ANON), *shared = lonely(8, RW, MAP_SHARED | MAP_ANONYMOUS);
    int pipes[2];
    char byte = 0;
    uint64_t entries[3];
    pipe(pipes);
    pagemap("untouched", private - 2 * PAGE, 12);
    for (int i = 0; i < 3; i++) load(private + i * PAGE), load(shared + i * PAGE);
    for (int i = 2; i < 6; i++) private[i * PAGE] = 1, shared[i * PAGE] = 1;
    pagemap("private", private, 8);
    pagemap("shared", shared, 8);
    pid_t child = forked();
    if (child == 0) {
        pagemap("the child's private", private, 8);
        pagemap("the child's shared", shared, 8);
        private[3 * PAGE] = shared[3 * PAGE] = 2;
        private[7 * PAGE] = 2;
        pagemap("after writes, private", private, 8);
        pagemap("after writes, shared", shared, 8);
        fflush(stdout);
        write(pipes[1], &byte, 1);
        pause();
    }
    read(pipes[0], &byte, 1);
    pagemap("the parent's private", private, 8);
    pagemap("the parent's shared", shared, 8);
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/pagemap", child);
    pagemap_of(path, "the child's, seen by the parent", private, 8);
    kill(child, SIGKILL);
    reap(child);
    pagemap("alone again", private, 8);
    mprotect(private, 8 * PAGE, PROT_NONE);
    pagemap("PROT_NONE", private, 8);

    int fd = open("/proc/self/pagemap", O_RDONLY);
    off_t offset = (uintptr_t)private / PAGE * 8;
    show(pread(fd, entries, 24, offset));
    show(pread(fd, entries, 0, offset));
    try(pread(fd, entries, 7, offset));
    try(pread(fd, entries, 12, offset));
    try(pread(fd, entries, 8, offset + 4));
    try(pread(fd, (char *)8, 8, offset));
    show(lseek(fd, offset, SEEK_SET) == offset);
    show(read(fd, entries, 16));
    show(lseek(fd, 0, SEEK_CUR) == offset + 16);
    try(lseek(fd, 0, SEEK_END));
    try(pread(fd, entries, 8, 0x7ffffffffff8));
    return 0;
}
