/* Lesson: two address spaces share frames read-only; CR0.WP makes the kernel's own writes fault, its handler copies. */
#include "boot.h"

enum { AREA = 0x40000000, PAGES = 4 };

static table spaces[2], tables[2], identity;
static unsigned next_frame = 0x200000;
static volatile unsigned faults, copies;
static volatile unsigned char *const area = (volatile unsigned char *)AREA;
static void enter(unsigned space) { write_cr3((unsigned)spaces[space]); }

static unsigned char owner_counts[1024];
static unsigned char *owners(volatile unsigned *frame) { return &owner_counts[(unsigned)frame >> 12]; }

/* The answer of the handler is do_wp_page in small: copy a shared frame, take over one that has no other owner. */
__attribute__((interrupt)) static void page_fault(struct interrupt_frame *, unsigned error) {
    unsigned address = read_cr2(), space = read_cr3() == (unsigned)spaces[1];
    volatile unsigned *pte = &tables[space][address >> 12 & 1023];
    volatile unsigned *old = (volatile unsigned *)(*pte & -PAGE), *copy = (volatile unsigned *)next_frame;
    faults++;
    if (error != (PRESENT | WRITABLE)) leave(FAILURE); /* present, write, supervisor */
    if (*owners(old) > 1) {
        for (unsigned i = 0; i < PAGE / 4; i++) copy[i] = old[i];
        next_frame += PAGE;
        --*owners(old);
        *owners(copy) = 1;
        *pte = (unsigned)copy;
        copies++;
    }
    *pte |= PRESENT | WRITABLE;
    invlpg(address);
}

static void write_bytes(unsigned space, const char *text, const char *what) {
    enter(space);
    for (unsigned page = 0; page < PAGES; page++) {
        if (text[page] != '.') area[page * PAGE] = text[page];
    }
    say("%s", what);
    for (space = 0; space < 2; space++) {
        enter(space);
        say("   %c: %c%c%c%c", 'A' + space, area[0], area[PAGE], area[2 * PAGE], area[3 * PAGE]);
    }
    say("   faults %u copies %u\n", faults, copies);
}

unsigned kernel_main(unsigned magic, void *information) {
    (void)magic, (void)information;
    for (unsigned i = 0; i < 1024; i++) identity[i] = i * PAGE | PRESENT | WRITABLE;
    spaces[0][0] = spaces[1][0] = (unsigned)identity | PRESENT | WRITABLE;
    spaces[0][AREA >> 22] = (unsigned)tables[0] | PRESENT | WRITABLE;
    spaces[1][AREA >> 22] = (unsigned)tables[1] | PRESENT | WRITABLE;
    for (unsigned page = 0; page < PAGES; page++, next_frame += PAGE) {
        volatile unsigned *frame = (volatile unsigned *)next_frame;
        *frame = '0' + page;
        *owners(frame) = 2;
        tables[0][page] = tables[1][page] = (unsigned)frame | PRESENT;
    }
    set_gate(14, page_fault, 0);
    enter(0);
    write_cr0(read_cr0() | CR0_PG);
    write_bytes(0, "....", "both share four frames    ");
    write_bytes(0, "!...", "WP=0: A writes, both see  ");
    write_cr0(read_cr0() | CR0_WP);
    write_bytes(0, ".A..", "WP=1: A writes page 1     ");
    write_bytes(1, ".b..", "B writes page 1, the owner");
    write_bytes(1, "..BB", "B writes pages 2 and 3    ");
    write_bytes(0, "..a.", "A writes page 2, the owner");
    return faults == 5 && copies == 3 ? SUCCESS : FAILURE;
}
