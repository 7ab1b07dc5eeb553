/**
 * Real programs against brute force. The plain TLB reports every lookup; the reference TLB of tests/reference-paging.ts is
 * fed with that trace and must come to the same hits, misses, evictions, walks, faults and final contents, way by way, for
 * every CPU and every replacement policy. The same program on the hot slots must leave the same, too.
 *
 * Not in the trace are only further dwords of an operand or of a kernel copy behind a first one in the same page: they repeat
 * the access just made, hit by definition, and are only counted.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Machine } from "../emu/index.ts";
import { cpuNames, namedCounters, replacementPolicies, type TlbEntry } from "../mmu/index.ts";
import { createMachine, type LinuxMachine } from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";
import { ReferencePaging } from "./reference-paging.ts";

const images = loadImages("images/manifest.json").filter(({ kind }) => kind === "run");
/** In pieces of so many instructions each is executed by itself, and looks its fetch up. */
const STEPPED = 4096;
const accessNames = ["read", "write", "fetch"] as const;

/** Reads the page tables in the guest's own RAM, before the machine walks them, and leaves A and D to the machine. */
class Shadow extends ReferencePaging {
  constructor({ profile, memory, mmu }: Machine) {
    super(profile.paging, new Uint32Array(memory.buffer, memory.ramBase, memory.ramBytes / 4));
    mmu.onEvent = (event) => {
      this.cr0 = mmu.cr0;
      this.cr3 = mmu.cr3 >>> 0;
      this.cr4 = mmu.cr4;
      if (event.kind === "hit" || event.kind === "miss") {
        this.access(event.linear, accessNames[event.access], event.user === 1);
      } else if (event.kind === "flush") {
        if (event.cause === "invlpg") this.invlpg(event.linear);
        else this.flush(event.cause, event.cause === "cr3" ? "global" : "nothing");
      }
    };
  }

  protected override store(): void {
    this.count("walk.write");
  }

  /** As contentsOf() below. */
  contents(): string[] {
    return Object.entries(this.arrays).flatMap(([name, array]) =>
      array.sets.flatMap((ways, set) =>
        ways.flatMap((e, way) => {
          if (e === null) return [];
          const rights = `${e.writable ? "w" : "-"}${e.user ? "u" : "-"}${e.dirty ? "d" : "-"}${e.global ? "g" : "-"}`;
          return [`${name} ${set}.${way} ${e.page} ${e.pages === 1 ? "4K" : "4M"} ${e.frame} ${rights}`];
        }),
      ),
    );
  }
}

function contentsOf({ hardware }: LinuxMachine): string[] {
  const { mmu } = hardware;
  if (!("tlbs" in mmu)) throw new Error("no TLB to look into");
  const tlbs = mmu.tlbs as readonly { name: string; list(): readonly TlbEntry[] }[];
  return tlbs.flatMap(({ name, list }, n) =>
    list.call(tlbs[n]).map(({ set, way, page, size, frame, flags }) => {
      const rights = ["w", "u", "d", "g"].map((letter, i) => (flags & [2, 4, 0x40, 0x100][i] ? letter : "-")).join("");
      return `${name} ${set}.${way} ${page} ${size} ${frame} ${rights}`;
    }),
  );
}

function load(image: Image, options: { cpu?: string; tlb?: string }, translation: "hot" | "plain"): LinuxMachine {
  return createMachine({ mem: 16 << 20, stdin: image.stdin, quiet: true, translation, ...options });
}

function finish(machine: LinuxMachine, { name, elf, args, env, stdout }: Image, piece: number): Record<string, number> {
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
  let { reason } = machine.run(piece);
  while (reason === "budget") ({ reason } = machine.run(piece));
  assert.is(reason, "exit");
  assert.is(Buffer.from(machine.stdoutBytes).toString("latin1"), stdout);
  return namedCounters(machine.hardware.mmu.counters, "without");
}

/** Three ways to the same numbers. */
function agree(name: string, options: { cpu?: string; tlb?: string }): void {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  const plain = load(image, options, "plain");
  const shadow = new Shadow(plain.hardware);
  const counted = finish(plain, image, STEPPED);
  const expected = Object.fromEntries(Object.keys(counted).map((counter) => [counter, shadow.tally[counter] ?? 0]));
  for (const access of ["access.read.kernel", "access.read.user", "access.write.kernel", "access.write.user"]) {
    assert.ok(counted[access] >= expected[access], access);
    expected[access] = counted[access];
  }
  assert.equal(counted, expected, "the plain TLB");
  assert.equal(contentsOf(plain), shadow.contents());
  const hot = load(image, options, "hot");
  assert.equal(finish(hot, image, Number.POSITIVE_INFINITY), expected, "the hot slots");
  assert.equal(contentsOf(hot), shadow.contents());
}

/** CASES=all: every program of images/ on every CPU, minutes of them. */
const programs = process.env.CASES === "all" ? images.map(({ name }) => name) : ["cow", "shared"];

for (const cpu of cpuNames) {
  test(`programs on ${cpu}`, () => {
    for (const name of programs) agree(name, { cpu });
  });
}

for (const policy of replacementPolicies) {
  test(`programs with ${policy}, few entries and odd shapes`, () => {
    const odd = policy === "plru" ? "5x4" : "5x3";
    agree("cow", { tlb: `tlb=4,policy=${policy}` });
    agree("filemap", { tlb: `itlb=2,dtlb=${odd},stlb=7x2,policy=${policy}` });
    agree("shared", { cpu: "zen", tlb: `tlb=4+4m,stlb=8x4+4m,policy=${policy}` });
  });
}

test("threads", () => agree("thread", { tlb: "tlb=16" }));

test.run();
