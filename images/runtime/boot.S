/* Entry of a flat kernel. The multiboot loader (Multiboot 0.6.96, 3.2) leaves EAX = 0x2BADB002, EBX = information,
   flat CS and DS, paging and interrupts off; GDTR, IDTR and ESP are not to be trusted. */
        .file   "images/runtime/boot.S"

        .section .multiboot, "a"
        .align  4
        .long   0x1badb002, 0, -0x1badb002      /* magic, flags, checksum */

        .text
        .globl  _start
        .type   _start, @function
_start: movl    $stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $0x08, $1f
1:      movl    $0x10, %ecx
        movl    %ecx, %ds
        movl    %ecx, %es
        movl    %ecx, %fs
        movl    %ecx, %gs
        movl    %ecx, %ss
        xorl    %ebp, %ebp
        pushl   %ebx
        pushl   %eax
        call    kernel_main                     /* kernel_main(magic, information) */
        pushl   %eax
        call    leave
        .size   _start, . - _start

/* void leave(unsigned value): the debug-exit port; the exit status of the machine is (value << 1) | 1. */
        .globl  leave
        .type   leave, @function
leave:  movl    4(%esp), %eax
        outl    %eax, $0xf4
1:      cli
        hlt
        jmp     1b
        .size   leave, . - leave

/* void put(const char *text, unsigned size): COM1, waiting for bit 5 (transmitter empty) of its line status. */
        .globl  put
        .type   put, @function
put:    pushl   %esi
        movl    8(%esp), %esi
        movl    12(%esp), %ecx
1:      jecxz   3f
        movl    $0x3fd, %edx
2:      inb     %dx, %al
        testb   $0x20, %al
        jz      2b
        movl    $0x3f8, %edx
        lodsb
        outb    %al, %dx
        decl    %ecx
        jmp     1b
3:      popl    %esi
        ret
        .size   put, . - put

        .section .rodata
        .align  8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff              /* 0x08: code, base 0, 4 GiB, ring 0 */
        .quad   0x00cf92000000ffff              /* 0x10: data, base 0, 4 GiB, ring 0 */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .bss
        .align  4096
        .skip   8192
stack_top:

        .section .note.GNU-stack, "", @progbits
