/* Shows: process_vm_readv and process_vm_writev: pieces that do not match, partial transfers, errors, rights. */
#include "mm.h"
#include <sys/uio.h>

int main(void) {
    char *area = lonely(8, RW, ANON), buffer[100] = "";
    int pipes[2];
    char byte;
    pipe(pipes);
    strcpy(area, "the parent's memory");
    pid_t child = forked();
    if (child == 0) {
        strcpy(area, "the child's memory, page one");
        memcpy(area + PAGE - 4, "across the border", 17);
        mprotect(area + 3 * PAGE, PAGE, PROT_READ);
        mprotect(area + 4 * PAGE, PAGE, PROT_NONE);
        munmap(area + 6 * PAGE, PAGE);
        write(pipes[1], "", 1);
        for (;;) pause();
    }
    read(pipes[0], &byte, 1);
    struct iovec local[2] = {{buffer, 20}, {buffer + 20, 30}}, remote[2] = {{area, 10}, {area + PAGE - 4, 17}};
    show(process_vm_readv(child, local, 2, remote, 2, 0));
    printf("%s\n", buffer);
    strcpy(buffer, "written by the parent, in pieces");
    show(process_vm_writev(child, local, 1, remote, 2, 0));
    memset(buffer, 0, sizeof buffer);
    show(process_vm_readv(child, local, 1, remote, 1, 0));
    printf("%s\n", buffer);
    static char big[16 * 4096];
    struct iovec wide = {big, sizeof big}, all = {area, 8 * PAGE}, half = {area + 5 * PAGE + 100, 2 * PAGE};
    show(process_vm_readv(child, &wide, 1, &all, 1, 0));
    show(process_vm_writev(child, &wide, 1, &all, 1, 0));
    show(process_vm_readv(child, &wide, 1, &half, 1, 0));
    struct iovec none = {area + 4 * PAGE, 10}, gap = {area + 6 * PAGE, 10}, ro = {area + 3 * PAGE, 10}, empty = {area, 0}, null = {NULL, 10};
    try(process_vm_readv(child, local, 1, &none, 1, 0));
    try(process_vm_readv(child, local, 1, &gap, 1, 0));
    show(process_vm_readv(child, local, 1, &ro, 1, 0));
    try(process_vm_writev(child, local, 1, &ro, 1, 0));
    show(process_vm_readv(child, local, 1, &empty, 1, 0));
    show(process_vm_readv(child, &empty, 1, remote, 1, 0));
    show(process_vm_readv(child, NULL, 0, NULL, 0, 0));
    try(process_vm_readv(child, &null, 1, remote, 1, 0));
    try(process_vm_readv(child, local, 1, (struct iovec *)8, 1, 0));
    try(process_vm_readv(child, (struct iovec *)8, 1, remote, 1, 0));
    try(process_vm_readv(child, local, 1, remote, 1, 1));
    try(process_vm_readv(child, local, 1025, remote, 1, 0));
    try(process_vm_readv(child, local, 1, remote, 1025, 0));
    try(process_vm_readv(0x7fffffff, local, 1, remote, 1, 0));
    try(process_vm_readv(-1, local, 1, remote, 1, 0));
    struct iovec negative = {area, 0x80000000};
    try(process_vm_readv(child, local, 1, &negative, 1, 0));
    show(process_vm_readv(getpid(), local, 1, remote, 1, 0));
    printf("%.10s\n", buffer);
    if (geteuid() == 0) {
        pid_t other = forked();
        if (other == 0) _exit(setgid(5) || setuid(5) || process_vm_readv(child, local, 1, remote, 1, 0) != -1 || errno != EPERM);
        reap(other);
    }
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    try(process_vm_readv(child, local, 1, remote, 1, 0));
    reap(child);
    return 0;
}
