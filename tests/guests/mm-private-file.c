/* Shows: files (root): private mappings of a file and what later writes to it show, truncation, growth, other openings, unlink. */
#include "mm.h"

static char *private, *shared;

static void look(const char *what, int fd) {
    char text[3] = "";
    pread(fd, text, 1, 0), pread(fd, text + 1, 1, PAGE);
    printf("%s: private %c%c shared %c%c file %c%c\n", what, private[0], private[PAGE], shared[0], shared[PAGE], text[0], text[1]);
}

int main(void) {
    int fd = open("data", O_RDWR | O_CREAT, 0644);
    ftruncate(fd, 2 * PAGE);
    pwrite(fd, "a", 1, 0), pwrite(fd, "b", 1, PAGE);
    private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0), shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    look("at first", fd);
    pwrite(fd, "c", 1, 0);
    look("file written", fd);
    private[0] = 'P';
    look("private written", fd);
    pwrite(fd, "d", 1, 0);
    shared[PAGE] = 'e';
    look("both written", fd);
    int other = open("data", O_RDWR);
    pwrite(other, "f", 1, PAGE);
    look("by another opening", other);
    pid_t child = forked();
    if (child == 0) {
        private[PAGE] = 'q', shared[0] = 'g';
        look("the child", fd);
        leave(0);
    }
    reap(child);
    look("the parent", fd);
    madvise(private, PAGE, MADV_DONTNEED);
    look("private dropped", fd);
    ftruncate(fd, 3 * PAGE);
    shared[2 * PAGE] = 'h';
    printf("%c\n", private[2 * PAGE]);
    struct stat status;
    fstat(fd, &status);
    show(status.st_size);
    shared[PAGE + 1] = 'y';
    ftruncate(fd, PAGE + 1);
    ftruncate(fd, 2 * PAGE);
    printf("cut off: %d\n", shared[PAGE + 1]);
    write(open("data", O_WRONLY | O_APPEND), "appended", 8);
    printf("%.8s\n", shared + 2 * PAGE);
    unlink("data");
    look("unlinked", fd);
    shared[0] = 'u';
    close(fd), close(other);
    printf("%c%c\n", shared[0], private[0]);
    maps("maps", shared, 4);
    int readonly = open("/proc/self/exe", O_RDONLY);
    char *text = mmap(NULL, PAGE, RW, MAP_PRIVATE, readonly, 0);
    text[0] = 'X';
    printf("%.4s\n", text);
    pread(readonly, text + 10, 4, 0);
    printf("%.3s\n", text + 11);
    return 0;
}
