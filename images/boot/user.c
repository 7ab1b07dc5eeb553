/* Lesson: IRET leads to ring 3, a gate and the TSS lead back; ring 3 may neither CLI nor read supervisor pages. */
#include "boot.h"

enum { CODE3 = 0x18 | 3, DATA3 = 0x20 | 3, TSS = 0x28, VECTOR_GP = 13, VECTOR_PF = 14, SYSCALL = 0x80 };
struct trap {
    unsigned edi, esi, ebp, esp, ebx, edx, ecx, eax, vector, error, eip, cs, eflags, user_esp, user_ss;
};

static table directory, identity;
static unsigned char kernel_stack[PAGE], user_stack[PAGE] __attribute__((aligned(4096)));
static unsigned tss[26];
static unsigned long long gdt[] = {
    0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff, 0x0000890000000067,
};

/* Stubs make one shape of all three: PUSHA, vector, error code, the frame of an inner-ring interrupt. */
__asm__("trap_gp: pushl $13; jmp trap_all\n"
        "trap_pf: pushl $14; jmp trap_all\n"
        "trap_80: pushl $0; pushl $0x80\n"
        "trap_all: pusha; pushl %esp; call on_trap; addl $4, %esp; popa; addl $8, %esp; iret");
extern char trap_gp[], trap_pf[], trap_80[];

__attribute__((used)) void on_trap(struct trap *trap) {
    if (trap->vector == SYSCALL && trap->eax == 0) leave(trap->ebx);
    if (trap->vector == SYSCALL) return say("user: %s\n", (char *)trap->ebx);
    say("kernel: vector %u error code %u from CPL %u", trap->vector, trap->error, trap->cs & 3);
    if (trap->vector == VECTOR_PF) say(" CR2 %x", read_cr2());
    say(", IF is %s\n", trap->eflags & 0x200 ? "on" : "off");
    trap->eip += trap->vector == VECTOR_PF ? 5 : 1; /* over mov 0x100000,%eax or cli */
}

/* Runs in ring 3: this section and its stack are the only pages with U/S = 1. */
__asm__(".section .user, \"ax\"\n"
        "user_main: mov $first, %ebx; mov $1, %eax; int $0x80\n"
        "cli\n"
        "movl 0x100000, %eax\n"
        "mov $second, %ebx; mov $1, %eax; int $0x80\n"
        "mov $0x10, %ebx; mov $0, %eax; int $0x80\n"
        "first: .asciz \"hello from ring 3, now for CLI and a supervisor page\"\n"
        "second: .asciz \"still here\"\n"
        ".text");
extern char user_main[];

unsigned kernel_main(unsigned magic, void *information) {
    (void)magic, (void)information;
    for (unsigned i = 0; i < 1024; i++) identity[i] = i * PAGE | PRESENT | WRITABLE;
    identity[(unsigned)user_main >> 12] |= USER;
    identity[(unsigned)user_stack >> 12] |= USER;
    directory[0] = (unsigned)identity | PRESENT | WRITABLE | USER;
    write_cr3((unsigned)directory);
    write_cr0(read_cr0() | CR0_PG | CR0_WP);

    tss[1] = (unsigned)(kernel_stack + PAGE); /* ESP0 */
    tss[2] = 0x10;                            /* SS0 */
    unsigned long long base = (unsigned)tss;
    gdt[TSS / 8] |= (base & 0xffffff) << 16 | base >> 24 << 56;
    struct table_register pointer = {sizeof gdt - 1, gdt};
    __asm__ volatile("lgdt %0; ltr %w1" : : "m"(pointer), "r"(TSS), "m"(gdt));
    set_gate(VECTOR_GP, trap_gp, 0);
    set_gate(VECTOR_PF, trap_pf, 0);
    set_gate(SYSCALL, trap_80, 3);
    /* Both interrupt controllers masked: no timer tick may come in while IF is on. */
    __asm__ volatile("outb %0, $0x21; outb %0, $0xa1" : : "a"((unsigned char)0xff));
    say("kernel: IRET to ring 3\n");
    __asm__ volatile("mov %0, %%ds; mov %0, %%es; push %0; push %1; push $0x202; push %2; push %3; iret"
                     : : "r"(DATA3), "r"(user_stack + PAGE), "i"(CODE3), "r"(user_main) : "memory");
    return FAILURE;
}
