/* Shows: /proc/PID/mem of a child: read, write, after exec, after its end, and as another user (with root only). */
#include "mm.h"

int main(void) {
    char path[40], buffer[10] = "";
    int ready[2], go[2];
    char byte = 0;
    pipe(ready), pipe(go);
    char *area = lonely(2, RW, ANON);
    strcpy(area, "before");
    int child = forked();
    if (child == 0) {
        strcpy(area, "child");
        write(ready[1], &byte, 1);
        read(go[0], &byte, 1);
        printf("the child finds %s\n", area);
        fflush(stdout);
        munmap(area, 2 * PAGE);
        write(ready[1], &byte, 1);
        read(go[0], &byte, 1);
        leave(0);
    }
    read(ready[0], &byte, 1);
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int fd = open(path, O_RDWR);
    show(pread64(fd, buffer, 6, (uintptr_t)area));
    printf("%s, here %s\n", buffer, area);
    show(pwrite64(fd, "parent", 7, (uintptr_t)area));
    fflush(stdout);
    write(go[1], &byte, 1);
    read(ready[0], &byte, 1);
    try(pread64(fd, buffer, 6, (uintptr_t)area));
    write(go[1], &byte, 1);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    try(open(path, O_RDONLY));
    show(pread64(fd, buffer, 6, (uintptr_t)area));
    reap(child);
    try(open(path, O_RDONLY));
    show(pread64(fd, buffer, 6, (uintptr_t)area));
    show(pwrite64(fd, buffer, 6, (uintptr_t)area));
    return 0;
}
