/* Shows: POSIX shared memory in /dev/shm: open, share between two processes, unlink, what is mapped afterwards. */
#include "mm.h"

int main(void) {
    char name[40], path[60];
    struct stat status;
    snprintf(name, sizeof name, "/pagewalk-%d", getpid());
    snprintf(path, sizeof path, "/dev/shm%s", name);
    try(shm_open(name, O_RDWR, 0));
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    show(fd >= 0);
    try(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    show(fcntl(fd, F_GETFD));
    show(ftruncate(fd, 2 * PAGE));
    char *area = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    show(stat(path, &status));
    printf("mode %o size %d\n", status.st_mode, (int)status.st_size);
    pid_t child = forked();
    if (child == 0) {
        int other = shm_open(name, O_RDWR, 0);
        char *view = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, other, 0);
        strcpy(view + PAGE, "from the child");
        show(view != area);
        leave(0);
    }
    reap(child);
    printf("%s\n", area + PAGE);
    smaps("shared memory", area);
    show(shm_unlink(name));
    try(shm_unlink(name));
    try(shm_open(name, O_RDONLY, 0));
    strcpy(area, "unlinked");
    char text[10] = "";
    show(pread(fd, text, 9, 0));
    printf("%s\n", text);
    close(fd);
    printf("%s\n", area);
    try(shm_open("/", O_RDWR, 0));
    return 0;
}
