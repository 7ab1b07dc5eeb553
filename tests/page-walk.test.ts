/** Page walks as they are shown: every entry as it is in RAM, the TLBs as they are, and nothing changed by looking. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { Failure } from "../cli/failure.ts";
import {
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  FAULTED,
  LARGE,
  MachineMemory,
  PDE_PS,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  READ,
  replacementPolicies,
  TlbArray,
  WRITE,
} from "../mmu/index.ts";
import {
  createMachine,
  type LinuxMachine,
  linuxWalk,
  linuxWalkText,
  Places,
  pageWalk,
  pageWalkText,
} from "../observe/index.ts";
import { pagewalk } from "./package.ts";
import { DIRECTORY, OPEN, PagingRig } from "./paging-rig.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-walk-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const LA = 0x08049123;

/** Paging on, nothing mapped. */
function rig(cpu = "p6", cr0 = CR0_WP, cr4 = 0): PagingRig {
  const made = new PagingRig(cpu);
  made.mmu.setCr3(DIRECTORY);
  made.mmu.setCr4(cr4);
  made.mmu.setCr0(CR0_PE | CR0_PG | cr0);
  return made;
}

const PDE_AT = DIRECTORY + (LA >>> 22) * 4;

test("paging off: the address is its own", () => {
  const { mmu, ram } = new PagingRig("p6");
  mmu.setCr0(CR0_PE);
  const walk = pageWalk({ mmu, ram }, LA);
  assert.equal([walk.paging, walk.pde, walk.pte, walk.physical, walk.size], [false, null, null, LA, null]);
  assert.is(walk.inRam, false, "the rig has 1 MiB");
  assert.match(pageWalkText(walk), "  paging is off: the linear address is the physical address\n");
});

test("a 4 KiB page: both entries, their bits, the rights of both levels", () => {
  const { mmu, ram } = rig();
  ram.write32(PDE_AT, 0x3000 | PTE_P | PTE_RW | PTE_US | PTE_A | 0xa00);
  ram.write32(0x3000 + 0x49 * 4, 0x7000 | PTE_P | PTE_US | PTE_D | PTE_G);
  const walk = pageWalk({ mmu, ram }, LA);
  assert.equal([walk.directory, walk.table, walk.offset], [0x20, 0x49, 0x123]);
  assert.equal([walk.pde?.at, walk.pde?.value, walk.pde?.available], [PDE_AT, 0x3a27, 5]);
  assert.equal(walk.pde?.bits, { P: 1, RW: 1, US: 1, PWT: 0, PCD: 0, A: 1, D: 0, PS: 0, G: 0 });
  assert.equal(walk.pte?.bits, { P: 1, RW: 0, US: 1, PWT: 0, PCD: 0, A: 0, D: 1, PAT: 0, G: 1 });
  assert.equal([walk.pte?.at, walk.physical, walk.inRam, walk.size], [0x3124, 0x7123, true, "4K"]);
  assert.equal([walk.user, walk.supervisor, walk.fault], ["r", "r", null]);
  mmu.setCr0(CR0_PE | CR0_PG);
  assert.is(pageWalk({ mmu, ram }, LA).supervisor, "rw", "without CR0.WP a supervisor writes anywhere");
  assert.is(pageWalkText(walk).split("\n")[0], "08049123");
  assert.match(pageWalkText(walk), "| 0000100000 | 0001001001 | 000100100011 |");
  assert.match(
    pageWalkText(walk),
    "  PTE  [00003124] = 00007145   P=1 RW=0 US=1 PWT=0 PCD=0 A=0 D=1 PAT=0 G=1 AVL=0\n",
  );
});

test("a 4 MiB page where CR4.PSE is set, and only there; reserved bits where the processor looks at them", () => {
  const pde = 0x400000 | PTE_P | PTE_RW | PDE_PS;
  for (const [cpu, cr4, expected] of [
    ["p6", CR4_PSE | CR4_PGE, "4M"],
    ["p6", 0, "4K"],
    ["i486", CR4_PSE, "4K"],
  ] as const) {
    const { mmu, ram } = rig(cpu, CR0_WP, cr4);
    ram.write32(PDE_AT, pde);
    const walk = pageWalk({ mmu, ram }, LA);
    // Without PSE the entry points to a page table outside of the rig's RAM, which reads as ones.
    assert.is(walk.size, expected, cpu);
    assert.is(walk.pte === null, expected === "4M");
    if (expected === "4M") assert.equal([walk.physical, walk.inRam], [0x449123, false]);
  }
  const { mmu, ram } = rig("p6", CR0_WP, CR4_PSE);
  ram.write32(PDE_AT, pde | 0x2000);
  assert.equal(pageWalk({ mmu, ram }, LA).fault, "reserved bits set in the PDE");
  assert.equal(pageWalk({ mmu, ram }, LA).physical, null);
  const pentium = rig("pentium", CR0_WP, CR4_PSE);
  pentium.ram.write32(PDE_AT, pde | 0x2000);
  assert.equal(pageWalk(pentium, LA).physical, 0x449123);
});

test("what is not present, and tables outside RAM", () => {
  const { mmu, ram } = rig();
  assert.equal(pageWalk({ mmu, ram }, LA).fault, "PDE not present");
  assert.match(pageWalkText(pageWalk({ mmu, ram }, LA)), "  #PF  PDE not present\n");
  ram.write32(PDE_AT, 0x3000 | OPEN);
  assert.equal([pageWalk({ mmu, ram }, LA).fault, pageWalk({ mmu, ram }, LA).user], ["PTE not present", "-"]);
  ram.write32(PDE_AT, 0xfff00000 | OPEN);
  const beyond = pageWalk({ mmu, ram }, LA);
  assert.equal([beyond.pte?.inRam, beyond.pte?.value, beyond.physical], [false, 0xffffffff, 0xfffff123]);
  assert.match(pageWalkText(beyond), "outside RAM, reads as ones\n");
  const far = pageWalk({ mmu, ram }, LA, 0x80000000);
  assert.equal([far.pde?.inRam, far.tlb], [false, null]);
  assert.match(pageWalkText(far), "  TLB  holds nothing of page tables that are not in CR3\n");
});

test("the TLBs: who holds the page, what it knows, and that it has become stale", () => {
  const { mmu, ram } = rig();
  ram.write32(PDE_AT, 0x3000 | OPEN);
  ram.write32(0x3000 + 0x49 * 4, 0x7000 | OPEN);
  assert.equal(pageWalk({ mmu, ram }, LA).tlb, []);
  mmu.translate(LA, WRITE, 1);
  const [cached, ...others] = pageWalk({ mmu, ram }, LA).tlb ?? [];
  assert.equal(others, []);
  assert.equal(
    [cached.tlb, cached.set, cached.frame, cached.user, cached.dirty, cached.latest, cached.stale],
    ["dtlb", 9, 7, "rw", true, true, false],
  );
  assert.equal(cached.levels, { read: 1, write: 1 });
  assert.equal(pageWalk({ mmu, ram }, LA).slots, ["user read", "user write"]);
  ram.write32(0x3000 + 0x49 * 4, 0x7000 | PTE_P | PTE_US);
  assert.is(pageWalk({ mmu, ram }, LA).tlb?.[0].stale, true);
  assert.match(pageWalkText(pageWalk({ mmu, ram }, LA)), "STALE: the page tables say something else");
  ram.write32(0x3000 + 0x49 * 4, 0);
  assert.is(pageWalk({ mmu, ram }, LA).tlb?.[0].stale, true);
});

test("a 4 MiB page in an array of its own, and in pieces", () => {
  for (const [cpu, tlb, size, piece] of [
    ["p6", "dtlb-4m", "4M", false],
    ["haswell", "dtlb-4m", "4M", false],
  ] as const) {
    const { mmu, ram } = rig(cpu, CR0_WP, CR4_PSE);
    ram.write32(PDE_AT, PTE_P | PTE_RW | PTE_US | PDE_PS);
    assert.is.not(mmu.translate(LA, READ, 1), FAULTED);
    const entries = pageWalk({ mmu, ram }, LA).tlb ?? [];
    assert.ok(
      entries.some((entry) => entry.tlb === tlb && entry.size === size && entry.piece === piece && !entry.stale),
      `${cpu}: ${JSON.stringify(entries)}`,
    );
    assert.ok(entries.every(({ stale }) => !stale));
  }
});

test("fillsLeft() foretells replacement, for every policy", () => {
  let state = 12345;
  const draw = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (const policy of replacementPolicies) {
    for (const [sets, ways] of [
      [4, 4],
      [1, 8],
      [3, 2],
      [2, 1],
    ]) {
      for (let round = 0; round < 30; round++) {
        const array = new TlbArray(new MachineMemory(4096, 1 << 16), "tlb", { sets, ways, policy }, 7);
        for (let n = draw(40); n >= 0; n--) {
          const page = draw(64);
          const entry = array.find(page);
          if (entry < 0) array.insert(page, page << 12);
          else if (draw(4) === 0) array.invalidate(entry);
          else array.touch(entry);
        }
        const [chosen] = array.list();
        if (chosen === undefined) continue;
        const entry = array.find(chosen.page);
        const fills = array.fillsLeft(entry);
        if (policy === "random") {
          assert.is(fills, 0);
          continue;
        }
        for (let n = 1; n <= fills; n++) {
          assert.is(array.find(chosen.page), entry, `${policy} ${sets}x${ways}: fill ${n} of ${fills}`);
          // Further pages of the same set.
          array.insert((1000 * n * sets + (chosen.page % sets)) % LARGE, 0);
        }
        assert.is(array.find(chosen.page), -1, `${policy} ${sets}x${ways}: after ${fills} fills`);
      }
    }
  }
});

/** The demo after so many instructions. */
function stopped(name: string, instructions: number, translation: "hot" | "plain" = "hot"): LinuxMachine {
  const machine = createMachine({ mem: 32 << 20, translation }).load(readFileSync(`images/bin/${name}`), { name });
  machine.run(instructions);
  return machine;
}

function activeMm(machine: LinuxMachine) {
  const { active } = machine.kernel.mm;
  if (active === null) throw new Error("no address space in CR3");
  return active;
}

test("looking changes nothing: not RAM, not the TLBs, not a counter, not what comes after", () => {
  for (const translation of ["hot", "plain"] as const) {
    const machine = stopped("cow", 1500, translation);
    const before = Uint8Array.from(machine.hardware.memory.bytes);
    const places = new Places();
    for (let page = 0; page < 2 ** 20; page += 97) linuxWalk(machine.kernel, activeMm(machine), page * 4096, places);
    for (const la of [0xb7ff8000, 0xb7ffa000, 0xbfffef84, 0x08048000]) {
      linuxWalkText(linuxWalk(machine.kernel, activeMm(machine), la, places));
    }
    assert.is(Buffer.compare(before, machine.hardware.memory.bytes), 0);
    machine.run();
    const undisturbed = stopped("cow", 1500, translation);
    undisturbed.run();
    assert.equal(machine.counters, undisturbed.counters);
  }
});

test("the walk ends where the processor's does", () => {
  const machine = stopped("demo", 200_000);
  const mm = activeMm(machine);
  const { mmu } = machine.hardware;
  let mapped = 0;
  for (let vma = mm.vmas.first; vma !== null; vma = vma.next) {
    for (let la = vma.start; la < vma.end; la += 4096) {
      const walk = pageWalk(machine.hardware, la + 5);
      if (walk.physical !== null) mapped++;
      assert.is(mmu.translate(la + 5, READ, 1), walk.user === "-" ? FAULTED : walk.physical);
      mmu.resident(la, READ, 1);
    }
  }
  assert.ok(mapped > 250);
});

test("what the kernel means by an entry", () => {
  const cow = stopped("cow", 1386);
  const mm = activeMm(cow);
  const places = new Places();
  const at = (la: number) => linuxWalk(cow.kernel, mm, la, places);
  assert.equal([at(0xb7ff8000).meaning, at(0xb7ff8000).pid], ["copy on write: a write copies the frame", 3]);
  assert.equal(at(0xb7ff8000).frame?.mappings, 2);
  assert.is(at(0xb7ffa000).meaning, "present and writable");
  assert.is(at(0xb7ffa123).mapping?.rights, "rw-p");
  assert.equal(at(0x08048100).file, { path: "/cow", offset: 0x100 });
  assert.match(at(0x0804850c).symbol ?? "", "guest_main+0x0");
  assert.is(at(0x1000).meaning, "nothing mapped: an access is SIGSEGV (SEGV_MAPERR)");
  assert.is(at(0xbffd0000).meaning, "nothing mapped yet: the stack grows down to here");
  assert.is(at(0xbfe00000).mapping, null);
  assert.is(at(0xc0001000).meaning, "the kernel's half, which programs cannot touch");
  assert.is(at(0xbffe0000).meaning, "never touched: a read maps the page of zeroes, a write a zeroed frame");
  const parent = cow.kernel.main?.leader.mm;
  assert.ok(parent);
  const other = linuxWalk(cow.kernel, parent, 0xb7ffa000, places);
  assert.equal([other.pid, other.tlb], [2, null]);
  assert.is(other.meaning, "copy on write, but nobody else has it: a write makes it writable");
  const fresh = stopped("hello", 0);
  const hello = linuxWalk(fresh.kernel, activeMm(fresh), 0x08048074, places);
  assert.is(hello.meaning, "not mapped yet: page 0 of the file, which has to be read");
});

/** What the command writes to standard error. */
function shown(...words: string[]): string {
  const { status, stderr } = pagewalk(["walk", ...words]);
  assert.is(status, 0, stderr);
  return stderr;
}

test("the command: one instant by count, by fault and by place; JSON says what the text says", () => {
  const cow = "images/bin/cow";
  const faulted = shown(cow, "--at-fault", "14", "bfffef78");
  assert.match(faulted, /^after 981 instructions and \d+ cycles, before 08048702 guest_main\+0x1f6\n\nbfffef78\n/);
  assert.match(faulted, " RW=1 ");
  const place = shown("--break", "guest_main+0x1f6", cow, "bfffef78");
  assert.match(place, /^after 981 instructions and \d+ cycles, before 08048702 guest_main\+0x1f6\n\nbfffef78\n/);
  assert.match(place, /\n {2}PTE .* RW=0 /, "the fault is still to come");
});

test("options stand anywhere, the program's words behind --", () => {
  const json = join(directory, "walk.json");
  const words = ["--at", "3", "images/bin/args", "guest_main", "--json", json, "134512640", "--", "one", "--at"];
  const text = shown(...words);
  const { walks, instructions } = JSON.parse(readFileSync(json, "utf8"));
  assert.is(instructions, 3);
  assert.is(walks.length, 2);
  assert.is(walks[1].address, 0x08048000);
  assert.match(walks[0].symbol, /^guest_main\+0x0$/);
  for (const walk of walks) assert.ok(text.includes(linuxWalkText(walk)));
  const whole = pagewalk(["walk", "images/bin/args", "0", "--", "one", "--at"]);
  assert.match(whole.stdout, 'argv[1] = "one"\nargv[2] = "--at"\n');
  assert.is(whole.status, 3, "the program ran to its end");
});

test("kernels: by count, by fault, by symbol, and at the end", () => {
  const kernel = ["--boot", "images/bin/boot-paging"];
  assert.match(shown(...kernel, "--at", "0", "0x100000"), "paging is off");
  const fault = shown(...kernel, "--at-fault", "1", "40000000");
  assert.match(fault, "  #PF  PDE not present\n");
  const left = shown(...kernel, "--break", "leave", "0x40000004");
  assert.match(left, /^after \d+ instructions and \d+ cycles, before 0010003d leave\+0x0\n/);
  assert.match(left, "  =>   00201004 ");
  const end = pagewalk(["walk", ...kernel, "40000004"]);
  assert.is(end.status, 33);
  assert.match(end.stderr, "  =>   00201004 ");
});

function mistaken(words: readonly string[], complaint: string | RegExp): void {
  try {
    execute(["walk", ...words]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    assert.match(error.message, complaint);
    assert.not.match(error.message, "\n");
    assert.is(error.status, 2);
    return;
  }
  throw new Error(`${words.join(" ")} is no mistake`);
}

test("mistakes are one line", () => {
  const hello = "images/bin/hello";
  mistaken([], "walk: no program given");
  mistaken(["--", ""], "walk: no address given");
  mistaken([hello], "walk: no address given");
  mistaken([hello, "--", "0"], "walk: no address given");
  mistaken([hello, "--at=1", "nonsense"], /^address nonsense: neither a number such as 0x8048000 nor a symbol/);
  mistaken([hello, "--at=1", "_start+x"], /^address _start\+x: neither/);
  mistaken([hello, "--at=1", "0x123456789"], "address 0x123456789: at most 0xffffffff is allowed");
  mistaken([hello, "--at=1", "4294967296"], "address 4294967296: at most 0xffffffff is allowed");
  mistaken([hello, "--at=1", ""], /^address : neither/);
  mistaken([hello, "0", "--at", "x"], /^--at x: a whole number from 0 to /);
  mistaken([hello, "0", "--at", "1", "--break", "_start"], "--at and --break: one instant is allowed");
  mistaken([hello, "0", "--at-fault", "0"], /^--at-fault 0: a whole number from 1 to /);
  mistaken([hello, "0", "--at=1", "--pid", "7"], "--pid 7: no such process has memory then");
  mistaken([hello, "0", "--break", "nowhere"], /^address nowhere: neither/);
  mistaken(
    ["--boot", "images/bin/boot-paging", "--pid=2", "0"],
    "--pid: a kernel of --boot has no processes that are known",
  );
  for (const option of ["--root=/", "--env=A=b", "--share-page-tables"]) {
    mistaken(["--boot", "images/bin/boot-paging", "0", option], /^--[a-z-]+: only for Linux programs; --boot runs a/);
  }
  mistaken([hello, "0", "-o", join(directory, "no/where")], /^--output .*: cannot be written: no such file/);
  mistaken([hello, "-5"], "unknown option -5");
});

test("an instant that never comes is one line", () => {
  const never: [string[], string][] = [
    [["images/bin/hello", "0", "--at", "9"], "--at 9: only 8 instructions are executed"],
    [["images/bin/hello", "0", "--at-fault", "3"], "--at-fault 3: there are only 2 page faults"],
    [["images/bin/hello", "0", "--break", "0x1"], "--break 0x1: never executed in 8 instructions"],
    [["--boot", "images/bin/boot-minimal", "0", "--at", "99999999"], "--at 99999999: only "],
  ];
  for (const [words, complaint] of never) {
    const { status, stderr } = pagewalk(["walk", ...words]);
    assert.is(status, 2);
    assert.ok(stderr.startsWith(`pagewalk: ${complaint}`), stderr);
    assert.match(stderr, /^[^\n]*\n$/);
  }
});

test.run();
