/* Shows: accesses that cross into a page that forbids them: nothing is written, whatever the size and the half. */
#include "mm.h"

static char *area;

static void dump(void) {
    mprotect(area, 3 * PAGE, RW);
    printf("  ");
    for (int i = -12; i < 12; i++) printf("%02x", (unsigned char)area[PAGE + i]);
    printf("\n");
}

static void fresh(int closed) {
    mprotect(area, 3 * PAGE, RW);
    memset(area + PAGE - 16, 0xee, 32);
    mprotect(area + closed * PAGE, PAGE, PROT_READ);
}

#define split(what)                             \
    do {                                        \
        for (int half = 0; half < 2; half++) {  \
            fresh(half);                        \
            printf("page %d closed\n", half);   \
            attempt(what);                      \
            dump();                             \
        }                                       \
    } while (0)

#define on(code, offset) __asm__ volatile(code : : "r"(area + PAGE - (offset)), "a"(0x12345678), "d"(0x9abcdef0), "b"(1), "c"(2) : "memory", "cc")

int main(void) {
    area = lonely(3, RW, ANON);
    catch_faults(area + PAGE);
    split(on("movw %%ax, (%0)", 1));
    for (int offset = 1; offset < 4; offset++) split(on("movl %%eax, (%0)", offset));
    split(on("incl (%0)", 2));
    split(on("xchgl %%eax, (%0)", 2));
    split(on("lock; addl %%eax, (%0)", 3));
    split(on("movl %%eax, (%0)", 4));
    split(on("fld1; fstpl (%0)", 4));
    split(on("fld1; fstpt (%0)", 5));
    split(on("fld1; fistpll (%0)", 1));
    split(on("fldpi; fstps (%0)", 3));
    split(on("bts $35, (%0)", 6));
    split(on("shldl $8, %%edx, (%0)", 2));
    __asm__ volatile("fninit");
    return 0;
}
