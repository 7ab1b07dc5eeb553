/* Shows: sockets of AF_UNIX: pairs, datagrams, shutdown, descriptors in messages, abstract listeners; others are refused. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static char b[65536];

static int events(int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    return p.revents;
}

static void send_fd(int socket, int fd) {
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec iov = {"with a file", 11};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    show(sendmsg(socket, &m, 0));
}

static int receive_fd(int socket, int room) {
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec iov = {b, 20};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
    show(recvmsg(socket, &m, 0));
    printf("control %d, flags %x\n", (int)m.msg_controllen, m.msg_flags);
    int fd = -1;
    if (m.msg_controllen) memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

int main(void) {
    int s[2], d[2], p[2], value = 0;
    socklen_t length = sizeof value;
    show(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    show(write(s[0], "one", 3) + write(s[0], "two", 3));
    show(ioctl(s[1], FIONREAD, &value) + value);
    show(recv(s[1], b, 4, MSG_PEEK));
    show(read(s[1], b, 5));
    show(recv(s[1], b, 5, MSG_DONTWAIT));
    printf("events %x %x\n", events(s[0]), events(s[1]));
    pipe(p);
    send_fd(s[0], p[1]);
    int passed = receive_fd(s[1], CMSG_SPACE(sizeof(int)));
    show(write(passed, "through", 7));
    show(read(p[0], b, 20));
    send_fd(s[0], p[1]);
    show(receive_fd(s[1], 0));
    send_fd(s[0], p[1]);
    show(read(s[1], b, 4));
    show(receive_fd(s[1], CMSG_SPACE(sizeof(int))));
    show(shutdown(s[0], SHUT_WR));
    show(read(s[1], b, 10));
    printf("events %x %x\n", events(s[0]), events(s[1]));
    signal(SIGPIPE, SIG_IGN);
    try(write(s[0], "x", 1));
    show(write(s[1], "back", 4));
    show(read(s[0], b, 10));
    close(s[1]);
    printf("events %x\n", events(s[0]));
    show(read(s[0], b, 10));
    try(send(s[0], "x", 1, MSG_NOSIGNAL));

    show(socketpair(AF_UNIX, SOCK_DGRAM, 0, d));
    show(write(d[0], "first", 5) + write(d[0], "", 0) + write(d[0], "third", 5));
    show(recv(d[1], b, 3, MSG_TRUNC));
    show(read(d[1], b, 10) * 10 + read(d[1], b, 10));
    show(getsockopt(d[0], SOL_SOCKET, SO_TYPE, &value, &length));
    show(value);
    struct ucred peer;
    length = sizeof peer;
    getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &peer, &length);
    show(peer.pid == getpid());
    show(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, d));
    show(fcntl(d[0], F_GETFD) * 10 + !!(fcntl(d[1], F_GETFL) & O_NONBLOCK));
    show(write(d[0], "packet", 6) * 10 + read(d[1], b, 2));
    try(read(d[1], b, 10));

    struct sockaddr_un name = {AF_UNIX, "\0pagewalk-guest"}, got;
    length = offsetof(struct sockaddr_un, sun_path) + 15;
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client;
    try(listen(listener, 5));
    show(bind(listener, (struct sockaddr *)&name, length));
    try(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, length));
    show(listen(listener, 5));
    fflush(stdout);
    if (fork() == 0) {
        client = socket(AF_UNIX, SOCK_STREAM, 0);
        connect(client, (struct sockaddr *)&name, length);
        for (int i = 0; i < 10; i++) write(client, b, 50000);
        _exit(read(client, b, 100));
    }
    int end = accept(listener, NULL, NULL), status;
    long sum = 0, n;
    while (sum < 500000 && (n = read(end, b, 7000)) > 0) sum += n;
    show(sum);
    write(end, "bye", 3);
    wait(&status);
    show(WEXITSTATUS(status));
    length = sizeof got;
    show(getsockname(end, (struct sockaddr *)&got, &length) * 100 + length);
    try(socket(AF_UNIX, 77, 0));
    try(read(socket(AF_UNIX, SOCK_STREAM, 0), b, 1));
    try(write(socket(AF_UNIX, SOCK_STREAM, 0), b, 1));
    try(send(open("/dev/null", O_RDONLY), b, 1, 0));
    try(accept(d[0], NULL, NULL));
    return 0;
}
