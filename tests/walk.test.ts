/**
 * The page walk and page protection, one test per statement. Pnn: accessed and dirty bits P01-P13, protection P14-P23, fault
 * reporting P24-P28 and P66. Sources: 80386 PRM chapters 5, 6 and 9, 80386 data sheet 4.5.5, SDM 3A sections 4.3 to 4.8,
 * kvm-unit-tests x86/access.c. Every test runs on the hot slots and on the plain TLB.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CR0_WP,
  CR4_PSE,
  FETCH,
  PF_P,
  PF_RSVD,
  PF_U,
  PF_W,
  PTE_A,
  PTE_D,
  PTE_P,
  PTE_RW,
  PTE_US,
  READ,
  WALK,
  WALK_READ,
  WALK_WRITE,
  WRITE,
} from "../mmu/index.ts";
import { OPEN, PagingRig } from "./paging-rig.ts";

const LA = 0x08048000;
const FRAME = 0x40;
const AD = PTE_A | PTE_D;

/** Runs the body on both translators. */
function both(name: string, body: (rig: (cpu?: string) => PagingRig) => void): void {
  for (const kind of ["hot", "plain"] as const) {
    test(`${name} (${kind})`, () => body((cpu = "pentium") => new PagingRig(cpu, kind)));
  }
}

both("P01 PDE.A is set although the PTE is not present", (make) => {
  const rig = make();
  rig.map(LA, FRAME, 0);
  rig.start();
  assert.is(rig.faultOf(LA, READ, 1), "4 @8048000");
  assert.is(rig.pde(LA) & AD, PTE_A);
  assert.is(rig.pte(LA) & AD, 0);
});

both("P02 a protection fault leaves A and D of the PTE alone", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P | PTE_US);
  rig.start();
  assert.is(rig.faultOf(LA, WRITE, 1), "7 @8048000");
  assert.is(rig.pte(LA), (FRAME << 12) | PTE_P | PTE_US);
});

both("P03 D is set only in the entry that maps the page", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.mapLarge(0x00400000, 0);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  rig.look(LA, WRITE, 1);
  rig.look(0x00400000, WRITE, 1);
  assert.is(rig.pde(LA) & AD, PTE_A);
  assert.is(rig.pte(LA) & AD, AD);
  assert.is(rig.pde(0x00400000) & AD, AD);
});

both("P04 a write sets A and D together, a read sets A only", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.map(LA + 0x1000, FRAME + 1);
  rig.start();
  rig.look(LA, READ, 1);
  rig.look(LA + 0x1000, WRITE, 1);
  assert.is(rig.pte(LA) & AD, PTE_A);
  assert.is(rig.pte(LA + 0x1000) & AD, AD);
});

both("P05 A and D are set before the data moves, and never cleared", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  rig.look(LA, WRITE, 1);
  assert.is(rig.ram.read32(FRAME << 12), 0);
  assert.is(rig.pte(LA) & AD, AD);
  rig.mmu.flushAll();
  rig.look(LA, READ, 1);
  assert.is(rig.pte(LA) & AD, AD);
});

both("P06 setting D reads the entry again: a cleared entry is not brought back", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  rig.look(LA, READ, 1);
  rig.setPte(LA, 0);
  assert.is(rig.faultOf(LA, WRITE, 1), "6 @8048000");
  assert.is(rig.pte(LA), 0);
});

both("P07 tables are not written when A, and for writes D, is already set", (make) => {
  const rig = make();
  rig.map(LA, FRAME, OPEN | AD, OPEN | PTE_A);
  rig.start();
  rig.look(LA, READ, 1);
  rig.mmu.flushAll();
  rig.look(LA, WRITE, 1);
  assert.is(rig.count(WALK), 2);
  assert.is(rig.count(WALK_READ), 4);
  assert.is(rig.count(WALK_WRITE), 0);
});

both("P08 the first write through an entry loaded by a read sets D in memory", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  rig.look(LA, READ, 1);
  assert.is(rig.pte(LA) & AD, PTE_A);
  rig.look(LA, WRITE, 1);
  assert.is(rig.pte(LA) & AD, AD);
  const walks = rig.count(WALK);
  rig.look(LA, WRITE, 1);
  assert.is(rig.count(WALK), walks);
});

both("P09 a supervisor write to a read-only user page with WP = 0 sets D", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P | PTE_US);
  rig.mapLarge(0x00400000, 0, PTE_P | PTE_US);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  assert.is(rig.look(LA, WRITE, 0), FRAME << 12);
  assert.is(rig.pte(LA) & AD, AD);
  assert.is(rig.look(0x00400000, WRITE, 0), 0);
  assert.is(rig.pde(0x00400000) & AD, AD);
});

both("P10 tables are reached by physical addresses, mapped or not", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  assert.is(rig.look(LA, READ, 0), FRAME << 12);
  assert.is(rig.faultOf(0x1000, READ, 0), "0 @1000");
});

both("P11 tables outside RAM read all ones: present, user, writable, frame FFFFF", (make) => {
  const rig = make();
  rig.setPde(LA, 0x7ffff000 | OPEN);
  rig.start();
  assert.is(rig.look(LA + 0x123, WRITE, 1), 0xfffff123);
  assert.is(rig.bus.read32(LA, 1), -1);
  rig.mmu.setCr3(0x7ffff000);
  assert.is(rig.look(0x456, WRITE, 1), 0xfffff456);
});

both("P12 with P = 0 no other bit of an entry is looked at", (make) => {
  const rig = make("p6");
  rig.setPde(LA, 0xfffffffe | 0);
  rig.setPde(0x00400000, 0x3000 | OPEN);
  rig.setPte(0x00400000, 0xfffffffe | 0);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  assert.is(rig.faultOf(LA, WRITE, 1), "6 @8048000");
  assert.is(rig.faultOf(0x00400000, READ, 0), "0 @400000");
  assert.is(rig.pde(LA), 0xfffffffe | 0);
});

both("P13 the low 12 bits of CR3 are not part of the table address", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  rig.mmu.setCr3(0x1fff);
  assert.is(rig.look(LA, READ, 1), FRAME << 12);
  assert.is(rig.mmu.cr3, 0x1fff);
});

both("P14 rights are the AND of both levels", (make) => {
  for (const pdeFlags of [0, PTE_RW, PTE_US, PTE_RW | PTE_US]) {
    for (const pteFlags of [0, PTE_RW, PTE_US, PTE_RW | PTE_US]) {
      const rig = make();
      rig.map(LA, FRAME, PTE_P | pteFlags, PTE_P | pdeFlags);
      rig.start();
      const rights = pdeFlags & pteFlags;
      assert.is(rig.look(LA, READ, 1) >= 0, (rights & PTE_US) !== 0);
      assert.is(rig.look(LA, WRITE, 1) >= 0, rights === (PTE_RW | PTE_US));
      assert.is(rig.look(LA, WRITE, 0) >= 0, true);
    }
  }
});

both("P15 a supervisor passes U/S, and with WP = 0 R/W", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P);
  rig.start();
  for (const access of [READ, WRITE, FETCH]) assert.is(rig.look(LA, access, 0), FRAME << 12);
  assert.is(rig.faultOf(LA, READ, 1), "5 @8048000");
});

both("P16 with WP = 1 a supervisor write to a read-only page faults, whatever U/S says", (make) => {
  for (const flags of [PTE_P, PTE_P | PTE_US]) {
    const rig = make();
    rig.map(LA, FRAME, flags);
    rig.start(CR0_WP);
    assert.is(rig.faultOf(LA, WRITE, 0), "3 @8048000");
    assert.is(rig.look(LA, READ, 0), FRAME << 12);
  }
});

both("P16 the 80386 has no WP: the bit reads 0", (make) => {
  const rig = make("i386");
  rig.map(LA, FRAME, PTE_P);
  rig.start(CR0_WP);
  assert.is(rig.mmu.cr0 & CR0_WP, 0);
  assert.is(rig.look(LA, WRITE, 0), FRAME << 12);
});

both("P17 WP takes effect without a flush", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P);
  rig.start();
  assert.is(rig.look(LA, WRITE, 0), FRAME << 12);
  rig.start(CR0_WP);
  assert.is(rig.faultOf(LA, WRITE, 0), "3 @8048000");
  const walks = rig.count(WALK);
  rig.look(LA, READ, 0);
  rig.start();
  assert.is(rig.look(LA, WRITE, 0), FRAME << 12);
  assert.is(rig.count(WALK), walks + 1, "only the dropped entry was walked for");
});

both("P21 a fetch needs only read permission, and sets no I/D bit", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P | PTE_US);
  rig.map(LA + 0x1000, FRAME, PTE_P);
  rig.start();
  assert.is(rig.look(LA, FETCH, 1), FRAME << 12);
  assert.is(rig.faultOf(LA + 0x1000, FETCH, 1), "5 @8049000");
  assert.is(rig.faultOf(0, FETCH, 1), "4 @0");
});

both("P22 reserved bits of a 4 MiB PDE: P6 faults with RSVD and P, Pentium looks past them", (make) => {
  for (const bit of [13, 14, 20, 21]) {
    for (const cpu of ["pentium", "p6", "zen"]) {
      const rig = make(cpu);
      rig.mapLarge(0x00400000, (1 << bit) | 0x00c00000);
      rig.mmu.setCr4(CR4_PSE);
      rig.start();
      if (cpu === "pentium") assert.is(rig.look(0x00400123, READ, 1), 0x00c00123);
      else assert.is(rig.faultOf(0x00400123, WRITE, 1), (PF_P | PF_RSVD | PF_W | PF_U).toString(16).concat(" @400123"));
    }
  }
  const rig = make("p6");
  rig.mapLarge(0x00400000, 0x1000 | 0x00c00000);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  assert.is(rig.look(0x00400123, READ, 1), 0x00c00123, "bit 12 is PAT");
});

both("P23 with CR4.PSE = 0, or on a CPU without PSE, PDE bit 7 is ignored", (make) => {
  for (const cpu of ["i386", "i486", "pentium", "p6"]) {
    const rig = make(cpu);
    rig.mapLarge(LA, 0x3000);
    rig.setPte(LA, (FRAME << 12) | OPEN);
    if (cpu.startsWith("i")) rig.mmu.setCr4(CR4_PSE);
    rig.start();
    assert.is(rig.look(LA, READ, 1), FRAME << 12);
  }
});

both("P24 error code bits: P, W, U, nothing above", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P);
  rig.map(LA + 0x1000, FRAME, PTE_P);
  rig.start(CR0_WP);
  for (const user of [0, 1]) {
    for (const access of [READ, WRITE, FETCH]) {
      const cause = (access === WRITE ? PF_W : 0) | (user ? PF_U : 0);
      assert.is(rig.faultOf(0, access, user), `${cause.toString(16)} @0`);
      const denied = user === 1 || access === WRITE;
      assert.is(rig.faultOf(LA, access, user), denied ? `${(cause | PF_P).toString(16)} @8048000` : "none");
    }
  }
});

both("P25 W and U describe the access, not the page", (make) => {
  const rig = make();
  rig.map(LA, FRAME, PTE_P | PTE_RW);
  rig.start();
  assert.is(rig.faultOf(LA, READ, 1), "5 @8048000");
  assert.is(rig.faultOf(LA, WRITE, 1), "7 @8048000");
});

both("P26 a split access that faults in its second page reports that page's first byte", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  assert.is(rig.bus.read32(LA + 0xffd, 1), 0);
  assert.is(rig.bus.faulted, 1);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: PF_U });
  rig.bus.faulted = 0;
  assert.is(rig.bus.write32(LA - 1, 0, 1), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA - 1, code: PF_U | PF_W });
});

both("P27 a split write that faults in either page writes nothing", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.map(LA + 0x1000, FRAME + 1, PTE_P | PTE_US);
  rig.map(LA + 0x2000, FRAME + 2);
  rig.start();
  assert.is(rig.bus.write32(LA + 0xffe, -1, 1), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: PF_P | PF_U | PF_W });
  assert.is(rig.bus.write16(LA + 0x1fff, -1, 1), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1fff, code: PF_P | PF_U | PF_W });
  for (const frame of [0, 1, 2]) {
    assert.ok(rig.ram.readBytes((FRAME + frame) << 12, 4096).every((byte) => byte === 0));
  }
});

both("P28 CR2 is loaded by whoever delivers the fault; software may write it", (make) => {
  const rig = make().start();
  rig.mmu.cr2 = 0x1234;
  assert.is(rig.faultOf(LA, READ, 1), "4 @8048000");
  assert.is(rig.mmu.cr2, 0x1234);
  rig.mmu.cr2 = rig.mmu.fault.linear;
  assert.is(rig.mmu.cr2, LA);
});

both("P66 a missing PTE wins over rights that the PDE alone denies: P = 0", (make) => {
  const rig = make();
  rig.map(LA, FRAME, 0, PTE_P);
  rig.start();
  assert.is(rig.faultOf(LA, WRITE, 1), "6 @8048000");
});

test.run();
