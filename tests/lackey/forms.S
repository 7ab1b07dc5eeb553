/* Integer instructions with memory operands of every size, aligned and across a page, stack and control transfers. */
#include "start.h"

.macro alu op
        \op\()b $3, buf
        \op\()w $3, buf + 2
        \op\()l $3, edge + 14
        \op\()b %al, buf(%esi)
        \op\()w %ax, edge + 15
        \op\()l %eax, 4(%ebx, %esi, 4)
        \op\()b buf, %dl
        \op\()w 2(%ebx), %dx
        \op\()l edge + 13, %edx
.endm

.macro unary op
        \op\()b buf + 5
        \op\()w edge + 15
        \op\()l buf + 7
.endm

.macro shift op
        \op\()b buf
        \op\()w $3, buf + 2
        \op\()l %cl, edge + 14
        \op\()l $31, (%ebx)
.endm

.macro bit op
        \op\()l %edi, buf
        \op\()w %di, buf
        \op\()l $7, edge + 14
.endm

traced:
        mov $buf, %ebx
        mov $3, %esi
        mov $37, %edi
        mov $5, %ecx
        mov $0x12345678, %eax
        .irp op, add, or, adc, sbb, and, sub, xor, cmp
        alu \op
        .endr
        .irp op, inc, dec, not, neg
        unary \op
        .endr
        .irp op, rol, ror, rcl, rcr, shl, shr, sar
        shift \op
        .endr
        shldl $4, %eax, buf
        shldw %cl, %ax, edge + 15
        shrdl %cl, %eax, edge + 14
        shrdw $4, %ax, buf + 2

        /* Moves. */
        movb $1, buf
        movw $2, edge + 15
        movl $3, edge + 13
        movb buf, %al
        movb %al, edge
        movw %ax, edge + 15
        movl %eax, edge + 13
        movw edge + 15, %ax
        movl edge + 13, %eax
        movl edge + 13, %edx
        movb %dl, (%ebx, %esi)
        movzbl buf + 1, %edx
        movzwl edge + 15, %edx
        movsbl buf + 1, %edx
        movswl edge + 15, %edx
        movzbw buf, %dx
        movsbw buf, %dx
        cmp %eax, %eax
        cmovel edge + 14, %edx
        cmovnel edge + 14, %edx
        sete buf
        setne edge
        xlat
        lea 8(%ebx, %esi, 8), %edx
        mov %ds, buf

        /* Tests, products, quotients, scans. */
        testb $1, buf
        testw %ax, edge + 15
        testl %eax, edge + 13
        mulb buf
        mulw buf + 2
        mull edge + 14
        imulb buf
        imull edge + 14
        imull edge + 14, %edx
        imull $3, edge + 14, %edx
        imulw $3, edge + 15, %dx
        movl $7, edge + 14
        movb $7, buf
        movw $7, buf + 2
        xor %edx, %edx
        mov $21, %eax
        divb buf
        mov $21, %eax
        divw buf + 2
        xor %edx, %edx
        divl edge + 14
        idivl edge + 14
        bsfl edge + 14, %edx
        bsrw edge + 15, %dx

        /* Bits, also outside of the operand. */
        .irp op, bt, bts, btr, btc
        bit \op
        .endr
        mov $-9, %edi
        btl %edi, buf + 8
        lock btsl %edi, buf + 8

        /* Exchanges, locked and not. */
        xchg %eax, buf
        xchg %ax, edge + 15
        xchg %al, buf
        xadd %eax, edge + 14
        lock xadd %eax, buf
        mov buf, %eax
        cmpxchg %edx, buf
        cmpxchg %ecx, buf
        lock cmpxchg %ecx, buf + 4
        lock cmpxchg8b buf
        cmpxchg8b edge + 12
        lock addl $1, buf
        lock incl buf
        lock notl buf
        lock subw %ax, buf + 2
        lock orb $1, buf

        /* The stack. */
        push %eax
        pushw %ax
        pushl $5
        push $0x12345
        pushl edge + 14
        popl edge + 14
        popl 4(%esp)
        pushl 4(%esp)
        push %esp
        pop %edx
        pop %edx
        popw %dx
        pushf
        popf
        pushfw
        popfw
        add $8, %esp
        pusha
        popa
        push %ebp
        mov %esp, %ebp
        sub $24, %esp
        movl $9, -8(%ebp)
        addl $9, -8(%ebp)
        leave

        /* Calls, also through memory and with arguments. */
        movl $callee, edge + 14
        push $1
        push $2
        call *edge + 14
        mov $plain, %edx
        call *%edx
        call plain
        movl $1f, buf
        jmp *buf
1:      mov $4, %ecx
2:      loop 2b
        ret

callee: mov 4(%esp), %eax
        add 8(%esp), %eax
        ret $8
plain:  ret
