/* Entering a case at its privilege level, and catching what becomes of it. The tables of the cases lie at 0x1000. */
        .file   "tests/kernels/system.S"
        .set    KERNEL_DS, 0x10

/* void enter_case(void): returns when a handler of the case's IDT has been entered. */
        .text
        .globl  enter_case
enter_case:
        pushal
        movl    %esp, runner_esp
        lgdt    case_gdt
        lidt    case_idt
        movl    $0x30, %eax
        lldt    %ax
        movl    $0x28, %eax
        ltr     %ax
        call    after_ltr
        movl    state_cr3, %eax
        movl    %eax, %cr3
        xorl    %eax, %eax
        movl    %eax, %cr2
        movl    %eax, %dr6
        movl    %eax, %dr7
        movl    state_cr0, %eax
        movl    %eax, %cr0
        movl    $state_words, %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popl    %edi
        popl    %esi
        popl    %ebp
        popl    %ebx
        popl    %edx
        popl    %ecx
        popl    %eax
        cmpl    $8, %cs:state_cs
        je      1f
        iret                                    /* EIP CS EFLAGS ESP SS follow */
1:      addl    $8, %esp
        popfl                                   /* the segments of level 0 are loaded already */
        movl    %cs:state_esp, %esp
        jmp     *%cs:state_eip

/* Handlers have left EAX in DR0 and the vector in EAX. */
        .globl  capture
capture:
        movl    %eax, %dr1
        movl    %ds, %eax
        movl    %eax, %dr2
        movl    $KERNEL_DS, %eax
        movl    %eax, %ds
        movl    %ecx, outcome+2*4
        movl    %edx, outcome+3*4
        movl    %ebx, outcome+4*4
        movl    %esp, outcome+5*4
        movl    %ebp, outcome+6*4
        movl    %esi, outcome+7*4
        movl    %edi, outcome+8*4
        movl    %dr1, %eax
        movl    %eax, outcome+0*4
        movl    %dr0, %eax
        movl    %eax, outcome+1*4
        movl    %es, %eax
        movl    %eax, outcome+9*4
        movl    %cs, %eax
        movl    %eax, outcome+10*4
        movl    %ss, %eax
        movl    %eax, outcome+11*4
        movl    %dr2, %eax
        movl    %eax, outcome+12*4
        movl    %fs, %eax
        movl    %eax, outcome+13*4
        movl    %gs, %eax
        movl    %eax, outcome+14*4
        movl    $KERNEL_DS, %eax
        movl    %eax, %ss
        movl    runner_esp, %esp
        pushfl
        popl    outcome+15*4
        pushl   $2
        popfl
        movl    %cr0, %eax
        movl    %eax, outcome+16*4
        movl    $0x11, %eax
        movl    %eax, %cr0
        movl    %cr2, %eax
        movl    %eax, outcome+17*4
        movl    %dr6, %eax
        movl    %eax, outcome+18*4
        xorl    %eax, %eax
        sldt    %ax
        movl    %eax, outcome+19*4
        str     %ax
        movl    %eax, outcome+20*4
        movl    $KERNEL_DS, %eax
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        lgdt    runner_gdt
        popal
        ret

        .data
        .align  4
        .word   0
case_gdt:
        .word   0xff
        .long   0x1000
        .word   0
case_idt:
        .word   0x7ff
        .long   0x2000
        .word   0
runner_gdt:
        .word   23
        .long   gdt_copy
        .align  8
gdt_copy:
        .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff

        .bss
        .align  4
        .globl  state_words, state_cr0, state_cr3, outcome
state_words:                                    /* GS FS ES DS, EDI ESI EBP EBX EDX ECX EAX */
        .skip   11 * 4
state_eip:
        .skip   4
state_cs:
        .skip   4
        .skip   4
state_esp:
        .skip   4
        .skip   4
state_cr0:
        .skip   4
state_cr3:
        .skip   4
outcome:
        .skip   21 * 4
runner_esp:
        .skip   4

        .section .note.GNU-stack, "", @progbits
