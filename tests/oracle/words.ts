/** Cases and outcomes as the words that runner.c reads and writes. */
import { type Case, IMAGE_WORDS, ldt, MAGIC, type Outcome, userDescriptor } from "./layout.ts";

/** Input of the runner. */
export function encodeCases(cases: readonly Case[]): Uint8Array {
  const words: number[] = [MAGIC, cases.length, ldt.length];
  for (let index = 0; index < ldt.length; index++) words.push(...userDescriptor(index));
  for (const c of cases) {
    words.push(c.image === undefined ? 0 : 1, c.eip, c.eflags, ...c.regs, ...c.selectors);
    words.push(c.codeAddress, c.code.length);
    for (let i = 0; i < c.code.length; i += 4) {
      words.push(
        (c.code[i] ?? 0) | ((c.code[i + 1] ?? 0) << 8) | ((c.code[i + 2] ?? 0) << 16) | ((c.code[i + 3] ?? 0) << 24),
      );
    }
    words.push(c.patches.length);
    for (const [index, value] of c.patches) words.push(index, value);
    if (c.image !== undefined) words.push(...c.image);
  }
  return new Uint8Array(Int32Array.from(words).buffer);
}

/** Output of the runner. Throws if it is not whole. */
export function decodeOutcomes(bytes: Uint8Array, cases: readonly Case[]): Outcome[] {
  const words = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
  if (words[0] !== MAGIC || words[1] !== cases.length) throw new Error("the runner's answer has no header");
  let at = 4;
  return cases.map((c) => {
    const [, vector, errorCode, cr2, eip, eflags] = words.subarray(at, at + 6);
    const regs = words.slice(at + 6, at + 14);
    const selectors = words.slice(at + 14, at + 20);
    const count = words[at + 20];
    at += 21;
    const changes = words.slice(at, at + count * 2);
    at += count * 2;
    const image = c.image === undefined ? undefined : words.slice(at, at + IMAGE_WORDS);
    if (image !== undefined) at += IMAGE_WORDS;
    if (at > words.length) throw new Error("the runner's answer ends early");
    return { vector, errorCode, cr2, eip, eflags, regs, selectors, changes, image };
  });
}
