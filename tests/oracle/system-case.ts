/** Cases of system instructions at any privilege level, and the words in which tests/kernels/system.c reads them. */

/** Bytes of memory that a case sees: page-aligned, from address 0. */
export const IMAGE_BYTES = 0x40000;
/** Handler n of the image's IDT is at STUBS + 16 n. */
export const STUBS = 0x8000;
export const DIRECTORY = 0x20000;

export interface SystemCase {
  /** For people. */
  readonly text: string;
  /** Dwords of memory that differ from the common image: address, value. */
  readonly memory: readonly (readonly [number, number])[];
  /** EAX ... EDI. */
  readonly regs: readonly number[];
  readonly eip: number;
  readonly eflags: number;
  /** Selectors of flat segments: code, and for all the others data. */
  readonly cs: number;
  readonly ds: number;
  readonly cr0: number;
}

/** What the section .cases begins with in the linked file; count, image and cases are written behind it. */
export const CASES_MAGIC = 0x5a5ac3c3;

/** Words behind the magic number. */
export function encodeSystemCases(image: Uint8Array, cases: readonly SystemCase[]): Uint8Array {
  const words: number[] = [cases.length];
  for (let at = 0; at < image.length; at += 4) {
    words.push(image[at] | (image[at + 1] << 8) | (image[at + 2] << 16) | (image[at + 3] << 24));
  }
  for (const { memory, regs, eip, eflags, cs, ds, cr0 } of cases) {
    const [eax, ecx, edx, ebx, esp, ebp, esi, edi] = regs;
    words.push(memory.length, ...memory.flat(), ds, ds, ds, ds, edi, esi, ebp, ebx, edx, ecx, eax);
    words.push(eip, cs, eflags, esp, ds, cr0, DIRECTORY);
  }
  return new Uint8Array(Int32Array.from(words).buffer);
}

const RF = 0x10000;
const EXT = 1;
const ACCESSED = 0x100;
/** S and the code bit. */
const CODE_SEGMENT = 0x1800;
const TABLES = 0x1000;
const TABLES_END = 0x4000;
const STACKS = 0x17000;
const STACKS_END = 0x1d000;

/**
 * A line of results without what QEMU 7 is known to do otherwise than the manual: it pushes RF as 0 for faults (SDM 3B
 * 17.3.1.1 says 1), has no EXT in error codes of faults on the way to an exception's handler (SDM 3A 6.13), and far
 * transfers leave the accessed bits of code segments alone (SDM 3A 3.4.5.1), and a JMP through a gate to a code segment
 * that is not present is a #GP (SDM 2A JMP: #NP). The limit bits in LAR's result are undefined.
 *
 * @param initial dwords of memory before the case
 */
export function withoutKnownDifferences(line: string, text: string, initial: (address: number) => number): string {
  const parts = line.split(" ").map((part) => {
    const match = /^\[([0-9a-f]+)\]=([0-9a-f]+)$/.exec(part);
    if (match === null) return part;
    const address = Number.parseInt(match[1], 16);
    let value = Number.parseInt(match[2], 16);
    const isCode = (value & CODE_SEGMENT) === CODE_SEGMENT;
    if (address >= TABLES && address < TABLES_END && isCode && ((value ^ initial(address)) & ~ACCESSED) === 0)
      return "";
    if (address >= STACKS && address < STACKS_END) {
      value &= ~(RF | EXT);
      if (value === (initial(address) & ~(RF | EXT))) return "";
    }
    return `[${match[1]}]=${(value >>> 0).toString(16)}`;
  });
  const kept = parts.filter((part) => part !== "").join(" ");
  if (/: (66)?(ea|ff2b)/.test(text)) return kept.replace(" v=d ", " v=b ");
  return text.includes("0f02") ? kept.replace(/ ecx=([0-9a-f]+)/, (_, ecx) => ` ecx=${maskedLar(ecx)}`) : kept;
}

function maskedLar(ecx: string): string {
  return (Number.parseInt(ecx, 16) & ~0xf0000).toString(16);
}

/** Parts of two lines of results that are not the same. */
export function lineDifferences(ours: string, theirs: string): string[] {
  const a = ours.split(" ");
  const b = theirs.split(" ");
  return [
    ...a.filter((part) => !b.includes(part)).map((part) => `ours ${part}`),
    ...b.filter((part) => !a.includes(part)).map((part) => `theirs ${part}`),
  ];
}
