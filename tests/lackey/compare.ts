/**
 * Whether two traces are one. The same instructions must follow each other, with as many bytes fetched, and make the same
 * accesses in the same order, but for what valgrind is known to do otherwise (seen with 3.19; docs/tlb.md lists it too):
 *
 *   locked, XCHG   a load, then a compare-and-swap: its "L a, M a" is one read-modify-write; CMPXCHG itself is one "M a"
 *   BT and kin     the one byte with the bit, where a register gives its number; the processor takes the operand-sized unit
 *   CMPS           the operand at EDI is loaded first; the processor loads the one at ESI first (SDM 2A CMPS, temp := SRC1)
 *   POPA           EAX is loaded first; the processor pops EDI first (SDM 2B POPA)
 *
 * CMPXCHG8B opens its operand for writing on our bus and reads it then: our "S a,8" is a read-modify-write.
 */

import type { Program } from "./program.ts";
import type { Access, Step } from "./trace.ts";

const bitTests = new Set(["BT", "BTS", "BTR", "BTC"]);

/** What valgrind would print for what we did. */
function asValgrind(program: Program, { address, accesses }: Step, theirs: readonly Access[]): Access[] {
  const { mnemonic, locked } = program.instruction(address);
  const ours = accesses.map((access, i) => (bitTests.has(mnemonic) ? narrowed(access, theirs[i]) : access));
  if (mnemonic.startsWith("CMPS")) for (let i = 0; i + 1 < ours.length; i += 2) ours.splice(i, 2, ours[i + 1], ours[i]);
  if (mnemonic.startsWith("POPA")) ours.reverse();
  if (mnemonic === "CMPXCHG8B") return ours.map((access) => ({ ...access, kind: "M" }));
  const loadsBefore = locked && mnemonic !== "CMPXCHG";
  return loadsBefore ? ours.flatMap((access) => [{ ...access, kind: "L" as const }, access]) : ours;
}

/** The byte that valgrind looks at, if our unit contains it. */
function narrowed(ours: Access, theirs: Access | undefined): Access {
  if (theirs === undefined || theirs.size !== 1) return ours;
  const inside = theirs.address >= ours.address && theirs.address < ours.address + ours.size;
  return inside ? { ...ours, address: theirs.address, size: 1 } : ours;
}

function textOf(accesses: readonly Access[]): string {
  if (accesses.length === 0) return "nothing";
  return accesses.map(({ kind, address, size }) => `${kind} ${address.toString(16)},${size}`).join(" ");
}

/** The first differences, at most `most`, as lines of text. */
export function differences(program: Program, ours: readonly Step[], theirs: readonly Step[], most = 10): string[] {
  const found: string[] = [];
  for (let i = 0; i < Math.max(ours.length, theirs.length) && found.length < most; i++) {
    const [a, b] = [ours[i], theirs[i]];
    if (a?.address !== b?.address) {
      found.push(`step ${i}: at ${a?.address.toString(16)}, valgrind at ${b?.address.toString(16)}`);
      break;
    }
    const { mnemonic } = program.instruction(a.address);
    const place = `step ${i}, ${a.address.toString(16)} ${mnemonic}`;
    if (a.length !== b.length) found.push(`${place}: ${a.length} bytes fetched, valgrind ${b.length}`);
    const theirText = textOf(b.accesses);
    const same = textOf(a.accesses) === theirText || textOf(asValgrind(program, a, b.accesses)) === theirText;
    if (!same) found.push(`${place}: ${textOf(a.accesses)}; valgrind ${theirText}`);
  }
  return found;
}
