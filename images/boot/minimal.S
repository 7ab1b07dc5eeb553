/* Lesson: the smallest kernel: a multiboot header, a line on the serial port, an exit status. */
        .file   "images/boot/minimal.S"

        .section .multiboot, "a"
        .align  4
        .long   0x1badb002, 0, -0x1badb002      /* magic, flags, checksum */

        .text
        .globl  _start
_start: movl    $text, %esi
        movl    $length, %ecx
next:   movl    $0x3fd, %edx                    /* COM1 line status */
wait:   inb     %dx, %al
        testb   $0x20, %al                      /* transmitter empty? */
        jz      wait
        movl    $0x3f8, %edx                    /* COM1 data */
        lodsb
        outb    %al, %dx
        loop    next
        movl    $0x10, %eax
        outl    %eax, $0xf4                     /* debug exit: status (0x10 << 1) | 1 = 33 */
        hlt

        .section .rodata
text:   .ascii  "hello from CPL 0\n"
        .set    length, . - text

        .section .note.GNU-stack, "", @progbits
