/* String instructions of every size, alone and repeated, both directions, across pages and onto themselves. */
#include "start.h"

.macro at source, target, count
        mov $(\source), %esi
        mov $(\target), %edi
        mov $\count, %ecx
.endm

.macro sizes op, source, target, count
        .irp size, b, w, l
        at \source, \target, \count
        \op\()\size
        rep \op\()\size
        .endr
.endm

.macro compares op, source, target, count
        .irp size, b, w, l
        at \source, \target, \count
        \op\()\size
        repe \op\()\size
        at \source, \target, \count
        repne \op\()\size
        .endr
.endm

traced:
        mov $0x61626364, %eax
        sizes movs, buf, buf + 300, 23
        sizes movs, edge + 3, buf + 1001, 17
        sizes movs, buf + 1, buf + 2, 19
        sizes stos, buf, edge + 5, 21
        sizes lods, edge + 1, buf, 18
        compares cmps, buf, buf + 300, 23
        compares cmps, edge + 3, buf + 1001, 17
        compares scas, buf, edge + 1, 30
        std
        sizes movs, buf + 200, edge + 33, 20
        sizes stos, buf, buf + 100, 20
        sizes lods, buf + 100, buf, 20
        compares cmps, buf + 200, edge + 33, 20
        compares scas, buf, buf + 100, 20
        cld
        at buf, buf + 64, 0
        rep movsl
        repe cmpsb
        rep stosw
        ret
