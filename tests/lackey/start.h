/*
 * Frame of a traced program: its own stack, so that addresses do not depend on who runs it, data pages touched beforehand, and
 * a store to `marker` before and behind what is compared. The linker puts .marker at 0x0a000000 (program.ts).
 */
.globl _start
.section .marker, "aw"
.balign 4096
marker: .long 0
.bss
.balign 4096
        .skip 8192
stack_top:
        .skip 4096
/* 0x10 bytes before the end of a page: what reaches further straddles. */
.balign 4096
        .skip 4096 - 16
edge:   .skip 4096 + 16
buf:    .skip 8192

.text
_start:
        mov $stack_top, %esp
        mov $stack_top - 8192, %edi
        mov $(28672 / 4), %ecx
        xor %eax, %eax
        cld
        rep stosl
        movl $1, marker
        call traced
        movl $2, marker
        mov $1, %eax
        xor %ebx, %ebx
        int $0x80
.section .note.GNU-stack, "", @progbits
.text
