/* Shows: how full a pipe gets, in slots; F_SETPIPE_SZ, poll, splice, tee, FIONREAD, O_DIRECT, SIGPIPE, FIFOs (root). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static char data[1 << 20];
static int in, out;

static void fresh(int flags) {
    int ends[2];
    close(in), close(out);
    pipe2(ends, flags);
    in = ends[0], out = ends[1];
}

static long fill(size_t piece) {
    long sum = 0, n;
    while ((n = write(out, data, piece)) > 0) sum += n;
    return sum;
}

static int events(int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI | POLLRDNORM | POLLWRNORM, 0};
    poll(&p, 1, 0);
    return p.revents;
}

static int unread(void) {
    int n = -1;
    ioctl(in, FIONREAD, &n);
    return n;
}

int main(void) {
    in = open("/dev/null", O_RDONLY), out = dup(in);
    static const int pieces[] = {1, 100, 3000, 4095, 4096, 4097, 5000, 8192, 65535, 65536, 65537, 100000};
    for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        fresh(O_NONBLOCK);
        long sum = fill(pieces[i]), after = write(out, data, 1);
        printf("pieces of %d: %ld bytes, one more: %ld, events %x %x\n", pieces[i], sum, after, events(in), events(out));
        long got = read(in, data, 10);
        printf("  read %ld, events %x", got, events(out));
        got = read(in, data, 4096);
        printf(", read %ld, events %x, unread %d\n", got, events(out), unread());
    }
    fresh(O_NONBLOCK);
    show(fcntl(in, F_SETPIPE_SZ, 1));
    show(fill(1000));
    show(fcntl(out, F_SETPIPE_SZ, 10000));
    try(fcntl(out, F_SETPIPE_SZ, 4096));
    try(fcntl(out, F_SETPIPE_SZ, -1));
    fresh(O_NONBLOCK | O_DIRECT);
    show(write(out, "packet", 6) + write(out, "next", 4));
    show(read(in, data, 3));
    show(read(in, data, 30));
    show(read(in, data, 30));

    fresh(0);
    int from_in = in, from_out = out;
    in = out = -1;
    fresh(O_NONBLOCK);
    write(from_out, "to be teed", 10);
    show(tee(from_in, out, 5, 0));
    show(unread());
    show(splice(from_in, NULL, out, NULL, 100, 0));
    show(unread());
    try(splice(from_in, NULL, out, NULL, 100, SPLICE_F_NONBLOCK));
    int file = open("file", O_CREAT | O_RDWR, 0644);
    off64_t at = 3;
    show(splice(in, NULL, file, &at, 100, 0));
    show(lseek(file, 0, SEEK_END));
    at = 1;
    show(splice(file, &at, out, NULL, 4, 0));
    try(splice(file, NULL, file, NULL, 4, 0));
    try(splice(in, &at, file, NULL, 4, 0));
    struct iovec vector = {"vector", 6};
    show(vmsplice(out, &vector, 1, 0));
    show(unread());

    close(in);
    printf("reader gone: %x\n", events(out));
    signal(SIGPIPE, SIG_IGN);
    try(write(out, "x", 1));
    in = open("/dev/null", O_RDONLY);
    fresh(0);
    signal(SIGPIPE, SIG_DFL);
    fflush(stdout);
    if (fork() == 0) {
        close(in);
        write(out, "x", 1);
        _exit(0);
    }
    int status;
    wait(&status);
    show(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);

    /* A reader and a writer meet at a FIFO; more than fits goes through it. */
    show(mkfifo("fifo", 0600));
    if (fork() == 0) {
        int fd = open("fifo", O_WRONLY);
        _exit(write(fd, data, 300000) != 300000);
    }
    int fd = open("fifo", O_RDONLY);
    long sum = 0, n;
    while ((n = read(fd, data, 10000)) > 0) sum += n;
    show(sum);
    wait(&status);
    show(status);
    printf("writer gone: %x\n", events(fd));
    return 0;
}
