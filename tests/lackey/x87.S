/* x87 loads and stores of every format, arithmetic with memory operands, environments. */
#include "start.h"

traced:
        fninit
        fildl buf
        fildll buf
        filds edge + 15
        fld1
        fsts buf
        fstl edge + 12
        fstps buf + 8
        fstpl buf + 16
        fld1
        fstpt edge + 10
        fldt edge + 10
        flds buf
        fldl edge + 12
        .irp op, fadd, fmul, fsub, fsubr, fdiv, fdivr, fcom, fcomp
        fld1
        \op\()s buf
        \op\()l edge + 12
        fninit
        .endr
        .irp op, fiadd, fimul, fisub, fisubr, fidiv, fidivr, ficom, ficomp
        fld1
        movw $3, buf
        movl $3, edge + 14
        \op\()s buf
        \op\()l edge + 14
        fninit
        .endr
        fld1
        fists buf
        fistl edge + 14
        fistps edge + 15
        fld1
        fistpl buf
        fld1
        fistpll edge + 12
        fnstcw buf
        fldcw buf
        fnstsw edge + 15
        fnstsw %ax
        fnstenv edge + 4
        fldenv edge + 4
        fld1
        fldpi
        fnsave buf + 4000
        frstor buf + 4000
        ret
