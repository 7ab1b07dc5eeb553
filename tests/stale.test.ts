/** The stale-translation check on bare machines: the kernels of images/, small programs, and the command. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine as createHardware, EXIT_HALT, loadKernel, type MachineOptions } from "../emu/index.ts";
import { PTE_A } from "../mmu/index.ts";
import {
  bareWitness,
  machineSummary,
  StaleCheck,
  type StaleSite,
  staleReportText,
  staleSummaryText,
} from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";
import { pagewalk } from "./package.ts";
import { AREA, DIRECTORY, FRAME, OPEN, StaleRig, TABLE } from "./stale-rig.ts";

const images = loadImages("images/manifest.json");
const mem = 32 << 20;
const MAX_INSTRUCTIONS = 50_000_000;

function image(name: string): Image {
  const found = images.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no image ${name}`);
  return found;
}

function boot({ elf }: Image, options: MachineOptions = {}) {
  const file = readFileSync(elf);
  const machine = createHardware({ mem, ...options });
  const check = new StaleCheck(machine, bareWitness(file));
  assert.is(loadKernel(machine, file, "kernel"), "");
  machine.cpu.run(Number.POSITIVE_INFINITY, MAX_INSTRUCTIONS);
  return { check, status: machine.ports.exitStatus, summary: machineSummary(machine) };
}

const PLANTED = `stale translation: supervisor read of 0x40001000
  at       eip 0x001004a8 <sum+0x8> images/boot/move.c:36 "mov ecx,DWORD PTR [eax]", instruction 68881
  cached   frame 00201 P RW D, since instruction 12356
  memory   PDE 00105023, PTE 00204003 frame 00204 P RW
  lost     the page is in another frame
  changed  by eip 0x0010051d <move_page+0x61> images/boot/move.c:28 "mov DWORD PTR [edx*4+0x105000],eax", instruction 54816, 14065 before the use
  effect   the TLB held the old entry, and the access went by it`;

test("a forgotten INVLPG is found, although the kernel prints what its correct twin prints", () => {
  const { check, status } = boot(image("boot-move-stale"));
  assert.is(status, 33);
  assert.is(image("boot-move-stale").stdout, image("boot-move").stdout);
  assert.is(check.sites.length, 1);
  const [{ report, uses }] = check.sites;
  assert.is(staleReportText(report), PLANTED);
  assert.is(uses, 2048, "each word of two pages");
  assert.is(staleSummaryText(check.sites), "stale translations: 2048 uses at 1 site");
});

test("it is found where the TLB has evicted the entry in time, and on every processor with INVLPG", () => {
  const evicted = boot(image("boot-move-stale"), { tlb: "tlb=1" });
  assert.equal(
    evicted.check.sites.map(({ report }) => report.effect),
    ["evicted"],
  );
  for (const cpu of ["i486", "pentium", "p4", "core2", "zen"]) {
    for (const translation of ["hot", "plain"] as const) {
      const { check } = boot(image("boot-move-stale"), { cpu, translation });
      assert.is(check.sites.length, 1, cpu);
      assert.is(check.sites[0].report.change?.symbol, "move_page+0x61");
    }
  }
});

for (const kernel of images.filter(({ kind }) => kind === "boot")) {
  test(`${kernel.name}: the counters are those of a run without a check, nothing but what is planted is found`, () => {
    const { check, status, summary } = boot(kernel);
    assert.is(check.sites.length, kernel.name === "boot-move-stale" ? 1 : 0);
    assert.is(status, kernel.status);
    const plain = createHardware({ mem });
    loadKernel(plain, readFileSync(kernel.elf), "kernel");
    plain.cpu.run(Number.POSITIVE_INFINITY, MAX_INSTRUCTIONS);
    assert.equal(summary, machineSummary(plain));
  });
}

for (const translation of ["hot", "plain"] as const) {
  test(`code that moves itself to another frame: the next fetch is found (${translation})`, () => {
    const rig = new StaleRig({ translation });
    const [code, window] = [AREA + 0x5000, AREA + 0x6000];
    rig.setPte(code, (FRAME << 12) | OPEN);
    rig.setPte(window, TABLE | OPEN);
    // mov dword [window + 5 * 4], another frame; inc eax; hlt
    const entry = ((FRAME + 1) << 12) | OPEN;
    const bytes = new Uint8Array([0xc7, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0xf4]);
    const view = new DataView(bytes.buffer);
    view.setUint32(2, window + 5 * 4, true);
    view.setUint32(6, entry, true);
    const { ram, cpu } = rig.machine;
    ram.writeBytes(FRAME << 12, bytes);
    cpu.eip = code;
    assert.is(cpu.run(Number.POSITIVE_INFINITY, 100), EXIT_HALT);
    assert.is(cpu.regs[0], 1, "the old frame's code ran");
    const [{ report }] = rig.check.sites;
    assert.is(report.access, "fetch");
    assert.is(report.effect, "used");
    assert.equal([report.use.eip, report.use.text, report.use.instructions], [code + 10, "inc eax", 1]);
    assert.equal([report.change?.eip, report.change?.instructions], [code, 0]);
    assert.is(report.pte, entry);
  });
}

test("a page table in one of its own pages: the store through the self-map is the change", () => {
  const rig = new StaleRig();
  const page = AREA + 0x5000;
  rig.setPde(0xffc00000, DIRECTORY | OPEN);
  rig.setPte(page, (FRAME << 12) | OPEN);
  rig.read(page);
  const { bus } = rig.machine;
  const pteOf = (0xffc00000 + (page >>> 12) * 4) >>> 0;
  rig.machine.cpu.eip = 0x1234;
  assert.is(bus.read32(pteOf, 0) & 0xfff, OPEN | PTE_A);
  bus.write32(pteOf, 0, 0);
  rig.machine.cpu.eip = 0x5678;
  rig.read(page);
  const { report } = rig.lastSite();
  assert.equal([report.change?.eip, report.use.eip, report.lost], [0x1234, 0x5678, ["page"]]);
});

test("--check-stale: reports on standard error, exit status 123, else the guest's", () => {
  const { stdout } = image("boot-move");
  const found = pagewalk(["boot", "--check-stale", "images/bin/boot-move-stale"]);
  const summary = "stale translations: 2048 uses at 1 site";
  assert.equal(found, { status: 123, stdout, stderr: `pagewalk: ${PLANTED}\npagewalk: ${summary}\n` });
  const file = join(mkdtempSync(join(tmpdir(), "pagewalk-stale-")), "report.json");
  pagewalk(["boot", "--check-stale", "--json", file, "images/bin/boot-move-stale"]);
  const { stale } = JSON.parse(readFileSync(file, "utf8")) as { stale: StaleSite[] };
  rmSync(dirname(file), { recursive: true });
  assert.equal(stale, boot(image("boot-move-stale")).check.sites);
  const twin = pagewalk(["boot", "--check-stale", "images/bin/boot-move"]);
  assert.equal(twin, { status: 33, stdout, stderr: "" });
  const program = pagewalk(["run", "--check-stale", "images/bin/null"]);
  assert.is(program.status, 139);
  assert.not.match(program.stderr, "stale");
});

test.run();
