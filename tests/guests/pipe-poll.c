/* Shows: pipe capacity, short reads, end of file, EPIPE, O_NONBLOCK and poll on both ends. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static int ends[2];

static void look(const char *when) {
    struct pollfd fds[3] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {-1, POLLIN, 99}};
    int ready = poll(fds, 3, 0);
    printf("%s: %d ready, read end %x, write end %x, none %x\n", when, ready, fds[0].revents, fds[1].revents, fds[2].revents);
}

static void on_pipe(int number) { printf("signal %d\n", number); }

int main(void) {
    char *block = calloc(1, 200000);
    int available;
    show(pipe2(ends, O_NONBLOCK));
    look("empty");
    try(read(ends[0], block, 10));
    show(write(ends[1], "hello world", 11));
    look("some");
    ioctl(ends[0], FIONREAD, &available);
    show(available);
    show(read(ends[0], block, 5));
    show(read(ends[0], block, 100));
    show(write(ends[1], block, 200000));
    look("full");
    try(write(ends[1], block, 1));
    show(read(ends[0], block, 4096));
    look("a page free");
    show(write(ends[1], block, 4096));
    show(read(ends[0], block, 100));
    try(write(ends[1], block, 100));
    show(fcntl(ends[1], F_GETPIPE_SZ));
    while (read(ends[0], block, 200000) > 0) {}
    close(ends[1]);
    ends[1] = -1;
    look("no writer");
    show(read(ends[0], block, 10));
    close(ends[0]);

    show(pipe(ends));
    close(ends[0]);
    ends[0] = -1;
    look("no reader");
    signal(SIGPIPE, on_pipe);
    try(write(ends[1], "x", 1));
    signal(SIGPIPE, SIG_IGN);
    try(write(ends[1], "x", 1));
    close(ends[1]);

    show(pipe(ends));
    int child = fork();
    if (child == 0) {
        close(ends[0]);
        for (int i = 0; i < 50; i++) {
            memset(block, i, 5000);
            if (write(ends[1], block, 5000) != 5000) _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    ends[1] = -1;
    unsigned total = 0, sum = 0;
    struct pollfd fd = {ends[0], POLLIN, 0};
    while (poll(&fd, 1, -1) == 1) {
        int got = read(ends[0], block, 3000);
        if (got <= 0) break;
        for (int i = 0; i < got; i++) sum = sum * 31 + block[i];
        total += got;
    }
    int status;
    waitpid(child, &status, 0);
    printf("%u bytes, sum %u, status %d\n", total, sum, status);
    fd.fd = 77;
    show(poll(&fd, 1, 0));
    show(fd.revents == POLLNVAL);
    show(poll(NULL, 0, 5));
    try(read(ends[0], (void *)8, 0));
    try(lseek(ends[0], 0, SEEK_CUR));
    return 0;
}
