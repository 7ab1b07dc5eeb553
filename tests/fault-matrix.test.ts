/**
 * Every combination of the bits of a PDE and a PTE with CR0.WP, CR4.PSE, CR4.PGE, privilege, access and TLB state: which
 * fault, which error code, which physical address, which bits the entries have afterwards, and whether the page stays in
 * the TLB over a CR3 load. What is expected is worked out below from the SDM (3A sections 4.3, 4.6 to 4.8, 4.10), not by the
 * walker.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { CR0_WP, CR4_PGE, CR4_PSE, FETCH, MISS, type PagingProfile, pagingProfile, READ, WRITE } from "../mmu/index.ts";
import { DIRECTORY, PagingRig } from "./paging-rig.ts";

const LA = 0x00c05123;
const PDE_AT = DIRECTORY + (LA >>> 22) * 4;
const TABLE = 0x3000;
const PTE_AT = TABLE + ((LA >>> 12) & 0x3ff) * 4;
/** Frames: of the PTE; of an older PTE that only the TLB remembers; of the 4 MiB page. */
const FRAME = 0x40000;
const OLD_FRAME = 0x50000;
const LARGE_FRAME = 0x00400000;

const [P, RW, US, A, D, PS, G, RESERVED] = [1, 2, 4, 0x20, 0x40, 0x80, 0x100, 0x2000];

/** What the TLB holds for the page before the access, loaded while the tables said something else. */
const states = ["nothing", "all rights, D = 1", "supervisor, read-only, D = 0"] as const;
type State = (typeof states)[number];

/** All subsets of some bits. */
function subsets(bits: number[]): number[] {
  return bits.reduce((all, bit) => all.flatMap((set) => [set, set | bit]), [0]);
}

interface Case {
  readonly profile: PagingProfile;
  readonly wp: boolean;
  readonly pse: boolean;
  readonly pge: boolean;
  readonly user: boolean;
  readonly access: number;
  readonly state: State;
}

/** The outcome: physical address or -1, error code, both entries afterwards, global TLB entry or not. */
interface Outcome {
  pa: number;
  code: number;
  pde: number;
  pte: number;
  global: boolean;
}

/** Fills `out` with what the manual says. */
function expect(c: Case, pde: number, pte: number, out: Outcome): void {
  out.pa = -1;
  out.pde = pde;
  out.pte = pte;
  out.global = false;
  const write = c.access === WRITE;
  const cause = (write ? 2 : 0) + (c.user ? 4 : 0);
  const mayWrite = (entry: number) => (entry & RW) !== 0 || (!c.user && !c.wp);
  const allowed = (entry: number) => (!c.user || (entry & US) !== 0) && (!write || mayWrite(entry));

  if (c.state === "all rights, D = 1") {
    out.pa = OLD_FRAME + (LA & 0xfff);
    return;
  }
  if (c.state === "supervisor, read-only, D = 0") {
    if (!allowed(0)) {
      out.code = 1 + cause;
      if (c.profile.deniedHit === "fault") return;
    } else if (!write) {
      out.pa = OLD_FRAME + (LA & 0xfff);
      return;
    }
  }

  out.code = cause;
  if (!(pde & P)) return;
  if (pde & PS && c.pse) {
    out.code = 9 + cause;
    if (pde & RESERVED && c.profile.reservedBits === "fault") return;
    out.code = 1 + cause;
    if (!allowed(pde)) return;
    out.pde = pde | A | (write ? D : 0);
    out.pa = LARGE_FRAME + (LA & 0x3fffff);
    out.global = c.pge && (pde & G) !== 0;
    return;
  }
  out.pde = pde | A;
  if (!(pte & P)) return;
  out.code = 1 + cause;
  if (!allowed(pde & pte)) return;
  out.pte = pte | A | (write ? D : 0);
  out.pa = FRAME + (LA & 0xfff);
  out.global = c.pge && (pte & G) !== 0;
}

const text = (value: unknown) => JSON.stringify(value);

/** Runs one column of the matrix and returns how many cases it was. */
function column(rig: PagingRig, c: Case): number {
  const { mmu, ram } = rig;
  const user = c.user ? 1 : 0;
  const wanted: Outcome = { pa: 0, code: 0, pde: 0, pte: 0, global: false };
  let cases = 0;
  for (const pdeBits of subsets([P, RW, US, A, D, PS, G, RESERVED])) {
    const pde = (pdeBits & PS && c.pse ? LARGE_FRAME : TABLE) | pdeBits;
    for (const pteBits of subsets([P, RW, US, A, D, G])) {
      const pte = FRAME | pteBits;
      mmu.invlpg(LA);
      if (c.state !== "nothing") {
        const rights = c.state === "all rights, D = 1" ? RW | US | A | D : A;
        ram.write32(PDE_AT, TABLE | P | RW | US | A);
        ram.write32(PTE_AT, OLD_FRAME | P | rights);
        mmu.translate(LA, READ, 0);
        if (c.access === FETCH) mmu.translate(LA, FETCH, 0);
      }
      ram.write32(PDE_AT, pde);
      ram.write32(PTE_AT, pte);
      expect(c, pde, pte, wanted);
      const pa = rig.look(LA, c.access, user);
      cases++;
      const entries = ram.read32(PDE_AT) === wanted.pde && ram.read32(PTE_AT) === wanted.pte;
      const fault = pa >= 0 || (mmu.fault.code === wanted.code && mmu.fault.linear === LA);
      if (pa !== wanted.pa || !entries || !fault) {
        const found = { pa, ...mmu.fault, pde: ram.read32(PDE_AT), pte: ram.read32(PTE_AT) };
        const circumstances = { ...c, profile: c.profile.name };
        assert.unreachable(
          `pde ${pde} pte ${pte} ${text(circumstances)}: found ${text(found)}, expected ${text(wanted)}`,
        );
      }
      if (c.state === "nothing" && pa >= 0 && c.access === READ) {
        const missed = mmu.counters[MISS + READ * 2 + user];
        mmu.setCr3(DIRECTORY);
        rig.look(LA, READ, user);
        assert.is(mmu.counters[MISS + READ * 2 + user] - missed, wanted.global ? 0 : 1);
      }
    }
  }
  return cases;
}

for (const [cpu, kind] of [
  ["pentium", "hot"],
  ["p6", "hot"],
  ["zen", "plain"],
] as const) {
  test(`${cpu} (${kind}): all combinations`, () => {
    const profile = pagingProfile(cpu);
    const rig = new PagingRig(profile, kind);
    const yesNo = [false, true];
    let cases = 0;
    for (const wp of yesNo) {
      for (const [pse, pge] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]) {
        rig.start(wp ? CR0_WP : 0);
        rig.mmu.setCr4((pse ? CR4_PSE : 0) | (pge ? CR4_PGE : 0));
        for (const user of yesNo) {
          for (const access of [READ, WRITE, FETCH]) {
            for (const state of states) {
              cases += column(rig, { profile, wp, pse, pge: pge && profile.pge, user, access, state });
            }
          }
        }
      }
    }
    assert.is(cases, 144 * 2 ** 14);
  });
}

test.run();
