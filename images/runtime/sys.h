/* The i386 Linux ABI as far as these programs need it; numbers from arch/x86/entry/syscalls/syscall_32.tbl. */
#ifndef SYS_H
#define SYS_H

#include "say.h"

#define PAGE 4096u

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 0x01, MAP_PRIVATE = 0x02, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20 };
enum { EBADF = 9, ENOMEM = 12, EFAULT = 14, EINVAL = 22 };
enum { SIGILL = 4, SIGFPE = 8, SIGUSR1 = 10, SIGSEGV = 11, SIGCHLD = 17 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000 };
enum { SEGV_MAPERR = 1, SEGV_ACCERR = 2 };

long syscall(long number, ...);
void sigreturn(void);

/* Each call returns the kernel's answer: a value, or -errno. */
static inline void exit_process(int status) { syscall(252, status); }
static inline int fork(void) { return syscall(2); }
static inline int read(int fd, void *buffer, unsigned size) { return syscall(3, fd, buffer, size); }
static inline int write(int fd, const void *buffer, unsigned size) { return syscall(4, fd, buffer, size); }
static inline int open(const char *path, int flags) { return syscall(5, path, flags, 0); }
static inline int close(int fd) { return syscall(6, fd); }
static inline int execve(const char *path, char **argv, char **envp) { return syscall(11, path, argv, envp); }
static inline int getpid(void) { return syscall(20); }
static inline int kill(int pid, int signal) { return syscall(37, pid, signal); }
static inline int pipe(int *ends) { return syscall(42, ends); }
static inline unsigned brk(unsigned end) { return syscall(45, end); }
static inline int dup2(int from, int to) { return syscall(63, from, to); }
static inline int munmap(void *start, unsigned size) { return syscall(91, start, size); }
static inline int waitpid(int pid, int *status) { return syscall(114, pid, status, 0, 0); }
static inline int mprotect(void *start, unsigned size, int prot) { return syscall(125, start, size, prot); }
static inline char *mmap(void *start, unsigned size, int prot, int flags, int fd) {
    return (char *)syscall(192, start, size, prot, flags, fd, 0);
}

/* mmap and mremap answer with an address or, in the last page of the address space, with -errno. */
static inline int is_error(const void *answer) { return (unsigned)answer >= -4095u; }

/* Minor faults of this process since it started: ru_minflt, long 8 of struct rusage. */
static inline long minor_faults(void) {
    long usage[18];
    syscall(77, 0, usage);
    return usage[8];
}

struct siginfo {
    int signo, error, code;
    char *addr;
};

/* struct ucontext with its sigcontext (arch/x86/include/uapi/asm/sigcontext.h) written out. */
struct ucontext {
    unsigned flags, link, stack[3];
    unsigned gs, fs, es, ds, edi, esi, ebp, esp, ebx, edx, ecx, eax, trapno, err, eip, cs, eflags, uesp, ss;
};

typedef void signal_handler(int signal, struct siginfo *info, struct ucontext *context);

struct sigaction {
    signal_handler *handler;
    unsigned flags;
    void (*restorer)(void);
    unsigned mask[2];
};

static inline int handle_signal(int signal, signal_handler *handler) {
    struct sigaction action = {handler, SA_SIGINFO | SA_RESTORER, sigreturn, {0, 0}};
    return syscall(174, signal, &action, 0, 8);
}

/* The stack as the kernel leaves it: argc, argv[], 0, envp[], 0, auxv[]. */
int guest_main(unsigned *stack);

#endif
