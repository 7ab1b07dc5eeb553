/* What a kernel at CPL 0 needs to speak to its processor; names and layouts from the Intel SDM, volume 3A. */
#ifndef BOOT_H
#define BOOT_H

#include "say.h"

#define PAGE 4096u

/* Bits of a PDE and of a PTE (4.3), of CR0 (2.5). */
enum { PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40 };
enum { CR0_WP = 1 << 16, CR0_PG = 1 << 31 };

/* One frame of 1024 entries; a linear address is | PDE index 10 | PTE index 10 | offset 12 |. */
typedef volatile unsigned table[1024] __attribute__((aligned(4096)));

/* Status left for the host: 0x10 is success, so that it differs from what QEMU itself exits with. */
enum { SUCCESS = 0x10, FAILURE = 0x11 };
void leave(unsigned value) __attribute__((noreturn));

static inline unsigned read_cr0(void) {
    unsigned value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}
static inline unsigned read_cr2(void) {
    unsigned value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}
static inline unsigned read_cr3(void) {
    unsigned value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}
static inline void write_cr0(unsigned value) { __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory"); }
static inline void write_cr3(unsigned value) { __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }
static inline void invlpg(unsigned address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }

/* The operand of LGDT and LIDT. */
struct table_register {
    unsigned short limit;
    void *base;
} __attribute__((packed));

/* Gate descriptors (6.11): offset in two halves, selector of ring 0 code, P, DPL, 32-bit interrupt gate. */
static inline void set_gate(unsigned vector, void *handler, unsigned dpl) {
    static struct {
        unsigned short low, selector, type, high;
    } idt[256];
    static const struct table_register pointer = {sizeof idt - 1, idt};
    unsigned offset = (unsigned)handler;
    idt[vector].low = offset;
    idt[vector].selector = 0x08;
    idt[vector].type = 0x8e00 | dpl << 13;
    idt[vector].high = offset >> 16;
    __asm__ volatile("lidt %0" : : "m"(pointer), "m"(idt));
}

/* What the processor pushed; an error code, where there is one, is the second argument of an interrupt function. */
struct interrupt_frame {
    unsigned eip, cs, eflags;
};

/* Its answer goes to leave(). */
unsigned kernel_main(unsigned magic, void *information);

#endif
