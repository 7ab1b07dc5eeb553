/*
 * Executes single x87 instructions on the host's processor. Reads records from standard input and writes each back:
 *
 *   in   0  length of the instruction, then its bytes; a memory operand is [esi] ([rsi])
 *        8  EFLAGS
 *       16  x87 state before, as a 32-bit protected-mode FSAVE image of 108 bytes
 *      128  memory operand, 128 bytes
 *
 *   out  0  EAX, which was zero before
 *        8  EFLAGS
 *       16  x87 state after
 *      128  memory operand
 *
 * The state must not have an unmasked exception pending if the instruction waits. Works as i386 and x86-64 code:
 *   gcc -O1 -o x87-oracle x87-oracle.c
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define RECORD 256
#define STUB 32
#define STUBS (2 * 8 * 256)

static uint8_t record[RECORD] __attribute__((aligned(64)));
static uint8_t *stubs;
static uint8_t built[STUBS];

/* frstor [edi]; xor eax,eax; push [edx]; popf; INSTRUCTION; pushf; pop [edx]; mov [edx-8],eax; fnsave [edi]; ret */
static const uint8_t prologue[] = {0xdd, 0x27, 0x31, 0xc0, 0xff, 0x32, 0x9d};
static const uint8_t epilogue[] = {0x9c, 0x8f, 0x02, 0x89, 0x42, 0xf8, 0xdd, 0x37, 0xc3};

static uint8_t *stub_of(const uint8_t *code, unsigned length) {
  unsigned prefixed = code[0] == 0x66;
  unsigned index = (prefixed * 8 + (code[prefixed] & 7)) * 256 + code[prefixed + 1];
  uint8_t *stub = stubs + index * STUB;
  if (!built[index]) {
    memcpy(stub, prologue, sizeof prologue);
    memcpy(stub + sizeof prologue, code, length);
    memcpy(stub + sizeof prologue + length, epilogue, sizeof epilogue);
    built[index] = 1;
  }
  return stub;
}

int main(void) {
  stubs = mmap(NULL, STUBS * STUB, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stubs == MAP_FAILED) {
    perror("x87-oracle: executable memory");
    return 1;
  }
  static char out[1 << 16];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  while (fread(record, RECORD, 1, stdin) == 1) {
    if (record[0] < 2 || record[0] > 3) {
      fprintf(stderr, "x87-oracle: instruction of %u bytes\n", record[0]);
      return 1;
    }
    uint8_t *stub = stub_of(record + 1, record[0]);
#ifdef __x86_64__
    /* Steps over the red zone before the call pushes. */
    __asm__ volatile("sub $128, %%rsp\n\tcall *%%rbx\n\tadd $128, %%rsp"
                     :
                     : "b"(stub), "D"(record + 16), "S"(record + 128), "d"(record + 8)
                     : "rax", "memory", "cc");
#else
    __asm__ volatile("call *%%ebx"
                     :
                     : "b"(stub), "D"(record + 16), "S"(record + 128), "d"(record + 8)
                     : "eax", "memory", "cc");
#endif
    if (fwrite(record, RECORD, 1, stdout) != 1) return 1;
  }
  return 0;
}
