/*
 * Executes given instruction bytes from given registers and memory and reports what became of them: the processor's side of
 * the oracle. A static i386 ELF without libc; the same file runs on the host's processor and under `pagewalk run`.
 *
 *   stdin:  header, then cases                     stdout: header, then one result per case
 *
 * All of it little-endian 32-bit words; layout.ts names the same fields. Each case is entered by returning from a signal
 * handler with the registers of the case in the signal frame, and ends in the signal of its INT3 or of its fault.
 *
 * header  in:  MAGIC, number of cases, number of LDT entries, 4 words of struct user_desc each
 *         out: MAGIC, number of cases, CS, SS as the kernel starts a program with
 * case    in:  flags (1: x87), EIP, EFLAGS, EAX ECX EDX EBX ESP EBP ESI EDI, ES CS SS DS FS GS (-1: as a program starts),
 *              address and number of bytes of code, the bytes padded to words, number of patches, (dword number, value)
 *              each, and with x87 the 27 words of an FSAVE image
 *         out: signal, vector, error code, CR2, EIP, EFLAGS, 8 registers, 6 selectors, number of dwords of the window that
 *              differ from its pattern (of the code window: from INT3, CODE_WORDS added), (dword number, value) each, and with x87 the 27 words the case saved
 */
typedef unsigned int u32;
typedef unsigned char u8;

#define MAGIC 0x6c63726f
#define CODE 0x20000000u
#define CODE_BYTES 0x2000u
#define FPU 0x28000000u
#define FPU_OUT 0x80
#define DATA 0x30000000u
#define DATA_BYTES 0x3000u
#define WRITABLE_WORDS 0x800u
/* Where the dwords of the code window come in the list of changes. */
#define CODE_WORDS 0x10000u
#define INT3 0xccccccccu
#define PATTERN_SEED 0x9e3779b9u
#define IMAGE_WORDS 27

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_MODIFY_LDT = 123, SYS_MPROTECT = 125, SYS_RT_SIGACTION = 174,
       SYS_SIGALTSTACK = 186, SYS_MMAP2 = 192, SYS_ALARM = 27 };
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGSEGV = 11, SIGALRM = 14, SIGSYS = 31 };

/* struct sigcontext of arch/x86/include/uapi/asm/sigcontext.h, 32-bit. */
struct sigcontext {
  u32 gs, fs, es, ds, edi, esi, ebp, esp, ebx, edx, ecx, eax, trapno, err, eip, cs, eflags, esp_at_signal, ss;
  u32 fpstate, oldmask, cr2;
};
struct ucontext {
  u32 flags, link, stack[3];
  struct sigcontext mc;
};

static u8 signal_stack[32768] __attribute__((aligned(16)));
static u32 pattern[DATA_BYTES / 4];
static u32 input[1 << 21];
static u32 output[1 << 18];
static u32 *next_in, *next_out = output;
static u32 cases_left;
static u32 *current;
static u32 start_cs, start_ss, start_ds;

static int call(u32 number, u32 a, u32 b, u32 c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static int call6(u32 number, u32 a, u32 b, u32 c, u32 d, u32 e) {
  int result;
  __asm__ volatile("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
                   : "=a"(result)
                   : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory");
  return result;
}

static void leave(u32 status) {
  for (;;) call(SYS_EXIT, status, 0, 0);
}

static void flush(void) {
  const u8 *p = (const u8 *)output;
  u32 left = (u32)((u8 *)next_out - p);
  while (left > 0) {
    int written = call(SYS_WRITE, 1, (u32)p, left);
    if (written <= 0) leave(3);
    p += written;
    left -= written;
  }
  next_out = output;
}

static void report(struct ucontext *uc, u32 signal) {
  struct sigcontext *m = &uc->mc;
  u32 *out = next_out, *window = (u32 *)DATA, *count;
  const u32 regs[8] = {m->eax, m->ecx, m->edx, m->ebx, m->esp, m->ebp, m->esi, m->edi};
  const u32 segs[6] = {m->es, m->cs, m->ss, m->ds, m->fs, m->gs};
  u32 i;
  *out++ = signal;
  *out++ = m->trapno;
  *out++ = m->err;
  *out++ = m->cr2;
  *out++ = m->eip;
  *out++ = m->eflags;
  for (i = 0; i < 8; i++) *out++ = regs[i];
  for (i = 0; i < 6; i++) *out++ = segs[i] & 0xffff;
  count = out++;
  *count = 0;
  for (i = 0; i < WRITABLE_WORDS; i++) {
    if (window[i] == pattern[i]) continue;
    *out++ = i;
    *out++ = window[i];
    window[i] = pattern[i];
    ++*count;
  }
  for (i = 0; i < CODE_BYTES / 4; i++) {
    u32 *word = (u32 *)CODE + i;
    if (*word == INT3) continue;
    *out++ = CODE_WORDS + i;
    *out++ = *word;
    *word = INT3;
    ++*count;
  }
  if (current[0] & 1) {
    u32 *image = (u32 *)(FPU + FPU_OUT);
    for (i = 0; i < IMAGE_WORDS; i++) {
      *out++ = image[i];
      image[i] = 0;
    }
  }
  next_out = out;
  if (next_out > output + (1 << 17)) flush();
}

static void fill_code(u32 address, u32 bytes) {
  u8 *p = (u8 *)address;
  while (bytes-- > 0) *p++ = 0xcc;
}

static void prepare(struct ucontext *uc) {
  struct sigcontext *m = &uc->mc;
  u32 *c = next_in, *window = (u32 *)DATA, i, n, bytes;
  const u8 *from;
  u8 *to;
  current = c;
  m->eip = c[1];
  m->eflags = c[2];
  m->eax = c[3];
  m->ecx = c[4];
  m->edx = c[5];
  m->ebx = c[6];
  m->esp = c[7];
  m->ebp = c[8];
  m->esi = c[9];
  m->edi = c[10];
  m->es = c[11] == ~0u ? start_ds : c[11];
  m->cs = c[12] == ~0u ? start_cs : c[12];
  m->ss = c[13] == ~0u ? start_ss : c[13];
  m->ds = c[14] == ~0u ? start_ds : c[14];
  m->fs = c[15] == ~0u ? 0 : c[15];
  m->gs = c[16] == ~0u ? 0 : c[16];
  bytes = c[18];
  from = (const u8 *)(c + 19);
  to = (u8 *)c[17];
  for (i = 0; i < bytes; i++) to[i] = from[i];
  c += 19 + (bytes + 3) / 4;
  n = *c++;
  for (i = 0; i < n; i++, c += 2) window[c[0]] = c[1];
  if (current[0] & 1) {
    u32 *image = (u32 *)FPU;
    for (i = 0; i < IMAGE_WORDS; i++) image[i] = *c++;
  }
  next_in = c;
}

/* Called by the stub below with the frame of a signal. */
__attribute__((used)) static void on_signal(u32 signal, void *info, struct ucontext *uc) {
  (void)info;
  if (signal == SIGALRM) leave(4);
  if (current != 0) {
    fill_code(current[17], current[18]);
    report(uc, signal);
  }
  if (cases_left == 0) {
    flush();
    leave(0);
  }
  cases_left--;
  prepare(uc);
}

/* EFLAGS first: a case may have left AC, NT or ID set. The kernel has put (signal, info, ucontext) on the stack. */
__asm__(
    ".text\n"
    "stub:\n"
    "  pushl $0x202\n"
    "  popfl\n"
    "  cld\n"
    "  subl $12, %esp\n"
    "  movl 16(%esp), %eax\n movl %eax, (%esp)\n"
    "  movl 20(%esp), %eax\n movl %eax, 4(%esp)\n"
    "  movl 24(%esp), %eax\n movl %eax, 8(%esp)\n"
    "  call on_signal\n"
    "  addl $12, %esp\n"
    "  ret\n"
    "restorer:\n"
    "  movl $173, %eax\n"
    "  int $0x80\n");
void stub(void);
void restorer(void);

static void map(u32 address, u32 bytes, u32 protection) {
  /* MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS */
  if ((u32)call6(SYS_MMAP2, address, bytes, protection, 0x32, ~0u) != address) leave(2);
}

static void read_all(void) {
  u8 *to = (u8 *)input;
  u32 room = sizeof input;
  for (;;) {
    int got = call(SYS_READ, 0, (u32)to, room);
    if (got < 0) leave(3);
    if (got == 0) return;
    to += got;
    room -= got;
    if (room == 0) leave(5);
  }
}

__attribute__((used, noreturn)) static void run(void) {
  static const u32 signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGALRM, SIGSYS};
  u32 i, x = PATTERN_SEED, *window = (u32 *)DATA;
  u32 stack[3] = {(u32)signal_stack, 0, sizeof signal_stack};
  map(CODE, CODE_BYTES, 7);
  map(FPU, 0x1000, 3);
  map(DATA, DATA_BYTES, 3);
  fill_code(CODE, CODE_BYTES);
  for (i = 0; i < 1024; i++) ((u32 *)FPU)[i] = 0;
  for (i = 0; i < DATA_BYTES / 4; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    window[i] = pattern[i] = x;
  }
  if (call(SYS_MPROTECT, DATA + 0x2000, 0x1000, 1) != 0) leave(2);
  __asm__("movl %%cs, %0; movl %%ss, %1; movl %%ds, %2" : "=r"(start_cs), "=r"(start_ss), "=r"(start_ds));
  start_cs &= 0xffff;
  start_ss &= 0xffff;
  start_ds &= 0xffff;
  read_all();
  next_in = input;
  if (next_in[0] != MAGIC) leave(6);
  cases_left = next_in[1];
  *next_out++ = MAGIC;
  *next_out++ = cases_left;
  *next_out++ = start_cs;
  *next_out++ = start_ss;
  i = next_in[2];
  next_in += 3;
  for (; i > 0; i--, next_in += 4)
    if (call(SYS_MODIFY_LDT, 0x11, (u32)next_in, 16) != 0) leave(7);
  call(SYS_SIGALTSTACK, (u32)stack, 0, 0);
  for (i = 0; i < sizeof signals / sizeof *signals; i++) {
    /* struct sigaction: handler, SA_SIGINFO | SA_ONSTACK | SA_RESTORER, restorer, mask: everything */
    const u32 action[5] = {(u32)stub, 0x4 | 0x08000000 | 0x04000000, (u32)restorer, 0, 0};
    call6(SYS_RT_SIGACTION, signals[i], (u32)action, 0, 8, 0);
  }
  call(SYS_ALARM, 60, 0, 0);
  __asm__ volatile("int3");
  for (;;) leave(8);
}

__asm__(".text\n.globl _start\n_start:\n  xorl %ebp, %ebp\n  andl $-16, %esp\n  call run\n");
