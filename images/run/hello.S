/* Lesson: a program needs no libc, only two system calls. */
        .file   "images/run/hello.S"

        .globl  _start
_start: movl    $4, %eax                /* write(1, text, length) */
        movl    $1, %ebx
        movl    $text, %ecx
        movl    $length, %edx
        int     $0x80
        movl    $1, %eax                /* exit(0) */
        xorl    %ebx, %ebx
        int     $0x80

        .section .rodata
text:   .ascii  "hello, paged world\n"
        .set    length, . - text

        .section .note.GNU-stack, "", @progbits
