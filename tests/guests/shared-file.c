/* Shows: files (root): shared and private mappings of a file, seen through read, by another process, and past its end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

enum { RW = PROT_READ | PROT_WRITE, PAGE = 4096 };

static sigjmp_buf back;
static volatile int code, offset;
static char *volatile base;

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    code = number * 100 + info->si_code;
    offset = (char *)info->si_addr - base;
    siglongjmp(back, 1);
}

/* Offsets are those of the fault from the address asked for. */
static void attempt(const char *what, char *address, int store) {
    base = address;
    if (sigsetjmp(back, 1)) {
        printf("%s: signal %d code %d offset %d\n", what, code / 100, code % 100, offset);
        return;
    }
    if (store) *(volatile char *)address = 'w';
    printf("%s: %d\n", what, *(volatile char *)address);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    int fd = open("data", O_RDWR | O_CREAT, 0644);
    char text[10] = "";
    show(ftruncate(fd, PAGE + 100));
    char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), *second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    char *private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    memcpy(shared + PAGE, "shared", 6);
    show(pread(fd, text, 6, PAGE));
    printf("%s %.6s %.6s\n", text, second, private + PAGE);
    memcpy(private + PAGE, "PRIV", 4);
    show(pwrite(fd, "written", 7, PAGE));
    printf("%.7s %.7s %.7s\n", shared + PAGE, second, private + PAGE);
    if (fork() == 0) {
        memcpy(shared, "from the child", 14);
        memcpy(private, "never seen", 10);
        _exit(0);
    }
    wait(NULL);
    printf("%.14s, private sees %.14s\n", shared, private);

    attempt("last page, past the end of the file", shared + PAGE + 200, 0);
    attempt("store there", shared + PAGE + 200, 1);
    attempt("page past the end", shared + 2 * PAGE + 5, 0);
    attempt("store there", shared + 3 * PAGE + 6, 1);
    show(write(fd, shared + 3 * PAGE, 5) == -1 && errno == EFAULT);
    struct stat s;
    fstat(fd, &s);
    show(s.st_size);
    show(ftruncate(fd, 3 * PAGE));
    attempt("after it grew", shared + 2 * PAGE + 5, 1);
    show(msync(shared, 3 * PAGE, MS_SYNC));
    show(ftruncate(fd, 10));
    attempt("after it shrank", shared + PAGE, 0);
    attempt("private copy after it shrank", private + PAGE, 0);
    attempt("kept page, cut off", shared + 12, 0);
    show(pread(fd, text, 10, 0));
    printf("%.10s\n", text);
    close(fd);
    attempt("descriptor closed", shared + 1, 1);
    fd = open("data", O_RDONLY);
    char *readonly = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    attempt("store to a read-only view", readonly + 3, 1);
    show(munmap(shared, 4 * PAGE));
    printf("%.10s\n", readonly);
    return 0;
}
