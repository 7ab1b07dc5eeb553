/*
 * Runs cases of tests/oracle/system-case.ts and prints what became of each, one line per case: a bare-metal program, so that any
 * processor, real or emulated, can be asked. The cases are put into the section .cases of the linked file.
 */
#include "say.h"

enum { IMAGE_WORDS = 0x40000 / 4, COMPARED_WORDS = 0x22000 / 4, GDT = 0x1000, TSS_SELECTOR = 0x28 };
enum { STUBS = 0x8000, STUB_BYTES = 16 };

/* A magic number, the number of cases, the common image, the cases. */
__attribute__((section(".cases"))) volatile unsigned cases[0x200000 / 4] = { 0x5a5ac3c3 };
static unsigned shadow[IMAGE_WORDS];
extern unsigned state_words[16], state_cr0, state_cr3, outcome[21];
static unsigned *const memory = (unsigned *)0;
static unsigned tss[2];
void enter_case(void);
extern char capture[];

static void copy(void *to, const volatile void *from, unsigned words)
{
	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

/* Handler n: mov dr0, eax; mov eax, n; jmp capture. */
static void put_stub(unsigned n)
{
	unsigned char *at = (unsigned char *)(STUBS + n * STUB_BYTES);
	const unsigned target = (unsigned)capture - (unsigned)(at + 13);
	const unsigned char bytes[13] = {
		0x0f, 0x23, 0xc0, 0xb8, n, 0, 0, 0, 0xe9, target, target >> 8, target >> 16, target >> 24,
	};

	__builtin_memcpy(at, bytes, sizeof bytes);
}

/* LTR wants a free TSS; the descriptor that the case sees is a busy one. */
void after_ltr(void)
{
	memory[(GDT + TSS_SELECTOR) / 4] = tss[0];
	memory[(GDT + TSS_SELECTOR) / 4 + 1] = tss[1];
}

static void print_outcome(unsigned index)
{
	static const char *const names[21] = {
		"v", "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "es", "cs", "ss", "ds", "fs", "gs", "eflags", "cr0",
		"cr2", "dr6", "ldtr", "tr",
	};

	say("#%u", index);
	for (int n = 0; n < 21; n++)
		say(" %s=%x", names[n], outcome[n]);
	for (unsigned n = 0; n < COMPARED_WORDS;) {
		const unsigned *a = memory + n, *b = shadow + n;
		unsigned left = COMPARED_WORDS - n;

		__asm__ volatile("repe cmpsl" : "+S"(a), "+D"(b), "+c"(left) : : "memory", "cc");
		n = COMPARED_WORDS - left;
		if (memory[n - 1] != shadow[n - 1])
			say(" [%x]=%x", (n - 1) * 4, memory[n - 1]);
	}
	say("\n");
}

unsigned kernel_main(void);
unsigned kernel_main(void)
{
	const unsigned count = cases[1];
	const volatile unsigned *image = cases + 2, *next = image + IMAGE_WORDS;

	/* No interrupts: both controllers masked. */
	__asm__ volatile("outb %%al, $0x21; outb %%al, $0xa1" : : "a"(0xff));
	for (unsigned *p = memory + IMAGE_WORDS; p < (unsigned *)0x9f000; p++)
		*p = 0xcccccccc;
	for (unsigned index = 0; index < count; index++) {
		copy(memory, image, IMAGE_WORDS);
		for (unsigned n = 0; n < 256; n++)
			put_stub(n);
		for (unsigned left = *next++; left > 0; left--, next += 2)
			memory[next[0] / 4] = next[1];
		copy(state_words, next, 16);
		state_cr0 = next[16];
		state_cr3 = next[17];
		next += 18;
		copy(shadow, memory, IMAGE_WORDS);
		tss[0] = memory[(GDT + TSS_SELECTOR) / 4];
		tss[1] = memory[(GDT + TSS_SELECTOR) / 4 + 1];
		memory[(GDT + TSS_SELECTOR) / 4 + 1] &= ~0x200u;
		enter_case();
		print_outcome(index);
	}
	return 0x10;
}
