/* Shows: the kernel at addresses of the program: pages it brings in and copies itself, EFAULT, transfers cut short. */
#include "mm.h"
#include <sys/uio.h>

int main(void) {
    plain_memory();
    int ends[2], file = memfd_create("file", 0), zero = open("/dev/zero", O_RDONLY);
    pipe(ends);
    char *area = lonely(8, RW, ANON);
    munmap(area + 4 * PAGE, PAGE);
    mprotect(area + 6 * PAGE, PAGE, PROT_READ);
    mprotect(area + 7 * PAGE, PAGE, PROT_NONE);
    show(read(zero, area, 2 * PAGE));
    pagemap("read into", area, 8);
    show(write(ends[1], area + 2 * PAGE, PAGE));
    pagemap("written from", area, 8);
    show(read(ends[0], area + 3 * PAGE, PAGE));
    pagemap("and into", area, 8);
    ftruncate(file, 8 * PAGE);
    show(pread(file, area + 3 * PAGE + 100, 2 * PAGE, 0));
    try(pread(file, area + 4 * PAGE, PAGE, 0));
    try(pread(file, area + 6 * PAGE, PAGE, 0));
    try(pread(file, area + 7 * PAGE, PAGE, 0));
    show(pread(file, area + 5 * PAGE + 10, 2 * PAGE, 0));
    show(pwrite(file, area + 3 * PAGE + 50, 2 * PAGE, 0));
    show(pwrite(file, area + 5 * PAGE, 3 * PAGE, 0));
    try(pwrite(file, area + 4 * PAGE + 5, 10, 0));
    try(pwrite(file, area + 7 * PAGE, 10, 0));
    try(pwrite(file, (char *)0xfffff000u, 10, 0));
    try(pread(file, (char *)0xfffff000u, 10, 0));
    try(pread(file, NULL, 10, 0));
    struct iovec pieces[3] = {{area, 10}, {area + 4 * PAGE, 10}, {area, 10}}, bad[1] = {{area + 4 * PAGE - 5, 10}};
    show(readv(file, pieces, 3));
    show(writev(file, pieces, 3));
    show(readv(file, bad, 1));
    try(readv(file, (struct iovec *)(area + 4 * PAGE), 1));
    try(readv(file, (struct iovec *)(area + 4 * PAGE - 4), 1));
    try(open(area + 4 * PAGE, O_RDONLY));
    memset(area + 4 * PAGE - 4, '/', 4);
    try(open(area + 4 * PAGE - 4, O_RDONLY));
    strcpy(area + 4 * PAGE - 10, "/dev/null");
    show(open(area + 4 * PAGE - 10, O_RDONLY) >= 0);
    try(pipe((int *)(area + 6 * PAGE)));
    try(pipe((int *)(area + 4 * PAGE - 4)));
    try(waitpid(-1, (int *)8, WNOHANG));
    try(getcwd(area + 6 * PAGE, 100) ? 0 : -1);
    /* A private page that a child shares is copied for the kernel as well. */
    area[0] = 'p';
    pid_t child = forked();
    if (child == 0) {
        pread(zero, area, 1, 0);
        printf("%d\n", area[0]);
        leave(0);
    }
    reap(child);
    printf("%c\n", area[0]);
    return 0;
}
