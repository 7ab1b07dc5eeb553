/* Entry, system call gate and signal return for guest programs without a libc. */
        .file   "images/runtime/start.S"

/* The kernel leaves argc at 0(%esp), argv[] above it, then envp[] and auxv[] (System V i386 ABI, figure 3-31).
   guest_main gets a stack page of its own: fault counts then do not depend on the size of the environment. */
        .globl  _start
        .type   _start, @function
_start: xorl    %ebp, %ebp
        movl    %esp, %eax
        andl    $-4096, %esp
        subl    $12, %esp
        pushl   %eax
        call    guest_main
        movl    %eax, %ebx
        movl    $1, %eax                /* exit(status) */
        int     $0x80
        .size   _start, . - _start

/* long syscall(long number, long a, long b, long c, long d, long e, long f): i386 order ebx ecx edx esi edi ebp. */
        .globl  syscall
        .type   syscall, @function
syscall:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        movl    20(%esp), %eax
        movl    24(%esp), %ebx
        movl    28(%esp), %ecx
        movl    32(%esp), %edx
        movl    36(%esp), %esi
        movl    40(%esp), %edi
        movl    44(%esp), %ebp
        int     $0x80
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
        .size   syscall, . - syscall

/* void put(const char *text, unsigned size): write(1, text, size) */
        .globl  put
        .type   put, @function
put:    pushl   8(%esp)
        pushl   8(%esp)
        pushl   $1
        pushl   $4
        call    syscall
        addl    $16, %esp
        ret
        .size   put, . - put

/* sa_restorer of every handler: rt_sigreturn takes no argument, the frame is at %esp. */
        .globl  sigreturn
        .type   sigreturn, @function
sigreturn:
        movl    $173, %eax
        int     $0x80
        .size   sigreturn, . - sigreturn

        .section .note.GNU-stack, "", @progbits
