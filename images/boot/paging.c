/* Lesson: a kernel turns paging on and maps pages on demand in its own #PF handler. */
#include "boot.h"

enum { AREA = 0x40000000, FIRST_FREE = 0x200000 };

static table directory, identity;
static unsigned next_frame = FIRST_FREE;
static volatile unsigned faults;

/* Frames come from 2 MiB up, inside the identity mapping, so that the handler can reach the tables it makes. */
static unsigned new_frame(void) {
    unsigned frame = next_frame;
    next_frame += PAGE;
    for (unsigned i = 0; i < PAGE / 4; i++) ((volatile unsigned *)frame)[i] = 0;
    return frame;
}

static volatile unsigned *pte(unsigned address) {
    unsigned pde = directory[address >> 22];
    return (volatile unsigned *)(pde & -PAGE) + (address >> 12 & 1023);
}

__attribute__((interrupt)) static void page_fault(struct interrupt_frame *frame, unsigned error) {
    unsigned address = read_cr2();
    say("#PF CR2 %08x error code %u, from %s\n", address, error, frame->cs == 0x08 ? "ring 0" : "nowhere");
    faults++;
    if (error & PRESENT) {
        *pte(address) |= WRITABLE;
        invlpg(address);
        return;
    }
    if (address < AREA) leave(FAILURE);
    if (!(directory[address >> 22] & PRESENT)) directory[address >> 22] = new_frame() | PRESENT | WRITABLE;
    *pte(address) = new_frame() | PRESENT | WRITABLE;
}

static void show(unsigned address) {
    unsigned entry = *pte(address);
    say("page %08x: frame %06x %s%s%s\n", address, entry >> 12, entry & WRITABLE ? "W" : "-",
        entry & ACCESSED ? "A" : "-", entry & DIRTY ? "D" : "-");
}

unsigned kernel_main(unsigned magic, void *information) {
    say("multiboot magic %x, information %s\n", magic, information ? "given" : "missing");
    for (unsigned i = 0; i < 1024; i++) identity[i] = i * PAGE | PRESENT | WRITABLE;
    directory[0] = (unsigned)identity | PRESENT | WRITABLE;
    set_gate(14, page_fault, 0);
    write_cr3((unsigned)directory);
    write_cr0(read_cr0() | CR0_PG | CR0_WP);
    say("paging is on\n");

    volatile unsigned *area = (volatile unsigned *)AREA;
    area[0] = 0x1234;
    say("read back %x, and beside it %x\n", area[0], area[1]);
    say("read of the second page: %x\n", area[1024]);
    *(volatile unsigned *)(AREA + 3 * PAGE - 2) = 0xabcd1234;
    say("split write: %x\n", *(volatile unsigned *)(AREA + 3 * PAGE - 2));
    for (unsigned i = 0; i < 4; i++) show(AREA + i * PAGE);

    *pte(AREA) = (*pte(AREA) & ~(WRITABLE | DIRTY | ACCESSED));
    invlpg(AREA);
    area[2] = 5;
    show(AREA);
    say("%u faults\n", faults);
    return faults == 5 ? SUCCESS : FAILURE;
}
