/* Shows: /proc/self/mem: reads and writes at addresses, past protections, and where it refuses. */
#include "mm.h"

static int fd;
static char buffer[4 * 4096];

int main(void) {
    char *area = lonely(8, RW, ANON);
    memset(area, 'a', 8 * PAGE);
    fd = open("/proc/self/mem", O_RDWR);
    show(pread64(fd, buffer, 10, (uintptr_t)area));
    printf("%.3s\n", buffer);
    show(pwrite64(fd, "xyz", 3, (uintptr_t)area + PAGE - 1));
    printf("%.5s\n", area + PAGE - 2);
    mprotect(area + PAGE, PAGE, PROT_READ);
    mprotect(area + 2 * PAGE, PAGE, PROT_NONE);
    munmap(area + 4 * PAGE, PAGE);
    show(pwrite64(fd, "read-only", 9, (uintptr_t)area + PAGE));
    printf("%.9s\n", area + PAGE);
    show(pread64(fd, buffer, 5, (uintptr_t)area + 2 * PAGE));
    show(pwrite64(fd, "none!", 5, (uintptr_t)area + 2 * PAGE));
    mprotect(area + 2 * PAGE, PAGE, PROT_READ);
    printf("%.5s\n", area + 2 * PAGE);
    show(pread64(fd, buffer, 3 * PAGE, (uintptr_t)area + 2 * PAGE + 100));
    try(pread64(fd, buffer, 10, (uintptr_t)area + 4 * PAGE));
    try(pwrite64(fd, buffer, 10, (uintptr_t)area + 4 * PAGE));
    show(pwrite64(fd, buffer, 10, (uintptr_t)area + 4 * PAGE - 4));
    try(pread64(fd, buffer, 10, 0));
    try(pread64(fd, buffer, 10, 0xffffe000u));
    try(pread64(fd, buffer, 0, 0));
    show(lseek64(fd, (uintptr_t)area, SEEK_SET) == (long long)(uintptr_t)area);
    show(read(fd, buffer, 4));
    show(lseek64(fd, 0, SEEK_CUR) == (long long)(uintptr_t)area + 4);
    try(lseek64(fd, 0, SEEK_END));
    show(lseek64(fd, 0xfffffffffll, SEEK_SET) == 0xfffffffffll);
    char *shared = lonely(1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS);
    try(pwrite64(fd, "shared", 6, (uintptr_t)shared));
    /* A forced write into program text is a private copy. */
    static const char constant[] = "constant";
    show(pwrite64(fd, "C", 1, (uintptr_t)constant));
    printf("%s\n", (const char *)*(const char *const volatile[]){constant});
    catch_faults(constant);
    attempt(store(constant, 'D'));
    int child = forked();
    if (child == 0) {
        show(pread64(fd, buffer, 1, (uintptr_t)area));
        area[0] = 'c';
        show(pread64(fd, buffer, 1, (uintptr_t)area));
        printf("the parent's: %c\n", buffer[0]);
        leave(0);
    }
    reap(child);
    return 0;
}
