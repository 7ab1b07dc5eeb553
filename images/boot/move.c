/* Lesson: a kernel may move a page to another frame under its user's feet: copy, change the PTE, INVLPG. */
#include "boot.h"

enum { AREA = 0x40000000, PAGES = 4, WORDS = PAGE / 4, FIRST_FREE = 0x200000 };

static table directory, identity, area_table;
static unsigned next_frame = FIRST_FREE;

static unsigned new_frame(void) {
    next_frame += PAGE;
    return next_frame - PAGE;
}

/* Between the change of a PTE and its INVLPG the processor may use the old entry or the new one (SDM 3A, 4.10.4). */
static void invalidate(unsigned address) {
#ifdef FORGET_INVLPG
    (void)address;
#else
    invlpg(address);
#endif
}

__attribute__((noinline)) static void move_page(unsigned address) {
    volatile unsigned *pte = &area_table[address >> 12 & 1023];
    const volatile unsigned *from = (volatile unsigned *)(*pte & -PAGE);
    volatile unsigned *to = (volatile unsigned *)new_frame();
    for (unsigned i = 0; i < WORDS; i++) to[i] = from[i];
    *pte = (unsigned)to | PRESENT | WRITABLE;
    invalidate(address);
    say("page %08x moved from frame %05x to %05x\n", address, (unsigned)from >> 12, (unsigned)to >> 12);
}

__attribute__((noinline)) static unsigned sum(void) {
    const volatile unsigned *area = (volatile unsigned *)AREA;
    unsigned total = 0;
    for (unsigned i = 0; i < PAGES * WORDS; i++) total += area[i];
    return total;
}

unsigned kernel_main(unsigned magic, void *information) {
    (void)magic, (void)information;
    for (unsigned i = 0; i < 1024; i++) identity[i] = i * PAGE | PRESENT | WRITABLE;
    directory[0] = (unsigned)identity | PRESENT | WRITABLE;
    directory[AREA >> 22] = (unsigned)area_table | PRESENT | WRITABLE;
    for (unsigned page = 0; page < PAGES; page++) area_table[page] = new_frame() | PRESENT | WRITABLE;
    write_cr3((unsigned)directory);
    write_cr0(read_cr0() | CR0_PG);

    for (unsigned i = 0; i < PAGES * WORDS; i++) ((volatile unsigned *)AREA)[i] = i;
    say("sum %u\n", sum());
    move_page(AREA + PAGE);
    move_page(AREA + 3 * PAGE);
    say("sum %u\n", sum());
    return SUCCESS;
}
