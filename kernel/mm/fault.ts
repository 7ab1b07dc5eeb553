/**
 * Page faults (cf. arch/x86/mm/fault.c do_user_addr_fault(), mm/memory.c handle_mm_fault()). A decision list: who may not,
 * then which named handler. Hot path: nothing allocated.
 *
 *     no VMA, no growth            SEGV MAPERR        PTE empty, anonymous   zero page (read) or zeroed frame
 *     VMA forbids the access       SEGV ACCERR        PTE empty, file        page cache, private writes get a copy
 *                                                     write, PTE read-only   copy on write, or reuse by the sole owner;
 *                                                                            shared: page_mkwrite, the page is dirty
 *                                                     otherwise              spurious: the TLB knew an older PTE
 */

import { PF_P, PF_W, PTE_A, PTE_D, PTE_RW } from "../../mmu/pte.ts";
import { EFAULT, ENOMEM } from "../errno.ts";
import { prepareAnonVma } from "./anon-vma.ts";
import {
  BUS_ADRERR,
  FAULT_BUS,
  FAULT_COW_COPY,
  FAULT_COW_REUSE,
  FAULT_FILE_CACHED,
  FAULT_FILE_MAJOR,
  FAULT_MKWRITE,
  FAULT_OOM,
  FAULT_SEGV,
  FAULT_SPURIOUS,
  FAULT_ZERO,
  FAULT_ZERO_PAGE,
  FaultCounters,
  type FaultOutcome,
  FaultRecord,
  type FaultSignal,
  OUT_OF_MEMORY,
  SEGV_ACCERR,
  SEGV_MAPERR,
} from "./fault-record.ts";
import { OWNER_ANON, OWNER_FILE } from "./frames.ts";
import type { MmStruct, PageResolver } from "./mm.ts";
import { pteFrame, ptePresent } from "./page-tables.ts";
import { TASK_SIZE } from "./physical-memory.ts";
import { expandStack } from "./stack.ts";
import { VM_ACCESS, VM_GROWSDOWN, VM_SHARED, VM_WRITE, type VmArea, type VmOps } from "./vma.ts";

export class FaultHandler implements PageResolver {
  readonly record = new FaultRecord();
  readonly counters = new FaultCounters();
  /** Called after each fault with the record; null costs nothing. */
  onFault: ((mm: MmStruct, record: FaultRecord, outcome: FaultOutcome) => void) | null = null;

  /** Resolves a page fault in user space, or says which signal it is. `errorCode`: PF_* bits as the processor pushed them. */
  handle(mm: MmStruct, address: number, errorCode: number): FaultOutcome {
    const at = address >>> 0;
    this.begin(at, errorCode);
    return this.finish(mm, this.decide(mm, at, errorCode));
  }

  /** PageResolver: what populate and get_user_pages do; counted as a fault of the program, as Linux does. */
  resolve(mm: MmStruct, vma: VmArea, address: number, write: boolean): FaultOutcome {
    this.begin(address, write ? PF_W : 0);
    return this.finish(mm, this.handlePte(mm, vma, address, write));
  }

  private begin(address: number, errorCode: number): void {
    const { record } = this;
    record.address = address;
    record.errorCode = errorCode;
    record.major = false;
    record.stackGrowth = false;
    record.pteBefore = 0;
    record.pteAfter = 0;
  }

  private finish(mm: MmStruct, outcome: FaultOutcome): FaultOutcome {
    const { counters, record } = this;
    counters.byKind[record.kind]++;
    if (record.stackGrowth) counters.stackGrowth++;
    if (outcome === 0) {
      const { usage } = mm.memory.current;
      if (record.major) usage.majorFaults++;
      else usage.minorFaults++;
    }
    if (this.onFault !== null) {
      record.pteAfter = record.address < TASK_SIZE ? mm.tables.read(record.address) : 0;
      if (record.kind === FAULT_SEGV) record.pteBefore = record.pteAfter;
      this.onFault(mm, record, outcome);
    }
    return outcome;
  }

  private decide(mm: MmStruct, address: number, errorCode: number): FaultOutcome {
    if (address >= TASK_SIZE) return this.refuse(FAULT_SEGV, SEGV_MAPERR);
    const vma = mm.findVma(address);
    if (vma === null) return this.refuse(FAULT_SEGV, SEGV_MAPERR);
    if (vma.start > address) {
      if ((vma.flags & VM_GROWSDOWN) === 0 || expandStack(mm, vma, address) < 0) {
        return this.refuse(FAULT_SEGV, SEGV_MAPERR);
      }
      this.record.stackGrowth = true;
    }
    const write = (errorCode & PF_W) !== 0;
    if (write ? (vma.flags & VM_WRITE) === 0 : (errorCode & PF_P) !== 0 || (vma.flags & VM_ACCESS) === 0) {
      return this.refuse(FAULT_SEGV, SEGV_ACCERR);
    }
    return this.handlePte(mm, vma, address, write);
  }

  /** handle_pte_fault(). */
  private handlePte(mm: MmStruct, vma: VmArea, address: number, write: boolean): FaultOutcome {
    if (vma.ops !== null && vma.ops.hugeFault !== undefined) return this.hugeFault(mm, vma, vma.ops, address, write);
    const pa = mm.tables.pteAlloc(address);
    if (pa < 0) return this.refuse(FAULT_OOM, OUT_OF_MEMORY);
    const pte = mm.memory.ram.read32(pa);
    this.record.pteBefore = pte;
    if (!ptePresent(pte)) {
      if (vma.ops === null) return write ? this.zeroedFrame(mm, vma, address, pa) : this.zeroPage(mm, vma, pa);
      return this.filePage(mm, vma, vma.ops, address, pa, write);
    }
    if (write && (pte & PTE_RW) === 0) return this.writeProtected(mm, vma, address, pa, pte);
    return this.spurious(mm, pa, pte, write);
  }

  /** A kind of mapping that resolves its faults by itself. */
  private hugeFault(mm: MmStruct, vma: VmArea, ops: VmOps, address: number, write: boolean): FaultOutcome {
    this.record.pteBefore = mm.tables.read(address);
    const kind = ops.hugeFault?.(vma, address, write ? "write" : "read") ?? -EFAULT;
    if (kind < 0) return kind === -ENOMEM ? this.refuse(FAULT_OOM, OUT_OF_MEMORY) : this.refuse(FAULT_BUS, BUS_ADRERR);
    this.record.kind = kind;
    return 0;
  }

  /** Anonymous memory is read for the first time: one read-only page of zeroes serves all. */
  private zeroPage(mm: MmStruct, vma: VmArea, pa: number): FaultOutcome {
    mm.memory.ram.write32(pa, (mm.memory.zeroPage << 12) | vma.pageProt);
    this.record.kind = FAULT_ZERO_PAGE;
    return 0;
  }

  /** Anonymous memory is written for the first time: do_anonymous_page(). */
  private zeroedFrame(mm: MmStruct, vma: VmArea, address: number, pa: number): FaultOutcome {
    prepareAnonVma(vma);
    const pfn = mm.memory.allocZeroedFrame(OWNER_ANON);
    if (pfn < 0) return this.refuse(FAULT_OOM, OUT_OF_MEMORY);
    this.mapAnon(mm, vma, address, pa, pfn);
    this.record.kind = FAULT_ZERO;
    return 0;
  }

  /** A page of a file: do_read_fault(), do_cow_fault(), do_shared_fault(). */
  private filePage(mm: MmStruct, vma: VmArea, ops: VmOps, address: number, pa: number, write: boolean): FaultOutcome {
    const { memory } = mm;
    const index = vma.indexOf(address);
    const shared = (vma.flags & VM_SHARED) !== 0;
    if (write && !shared) prepareAnonVma(vma);
    let pfn = ops.find(vma, index);
    this.record.kind = FAULT_FILE_CACHED;
    if (pfn < 0) {
      pfn = ops.fault(vma, index);
      if (pfn < 0) return pfn === -ENOMEM ? this.refuse(FAULT_OOM, OUT_OF_MEMORY) : this.refuse(FAULT_BUS, BUS_ADRERR);
      if (memory.frames.owner[pfn] === OWNER_FILE) {
        this.record.kind = FAULT_FILE_MAJOR;
        this.record.major = true;
      }
    }
    if (write && !shared) {
      // The copy below may need reclaim, which must not take this very page.
      memory.getFrame(pfn);
      const kind = this.record.kind;
      const outcome = this.copyInto(mm, vma, address, pa, pfn);
      memory.putFrame(pfn);
      if (outcome === 0 && kind === FAULT_FILE_MAJOR) this.record.kind = kind;
      return outcome;
    }
    if (write && !this.makeWritable(vma, ops, index)) return this.refuse(FAULT_BUS, BUS_ADRERR);
    memory.getFrame(pfn);
    this.map(mm, pa, pfn, vma.pageProt | (write ? PTE_RW | PTE_D : 0));
    return 0;
  }

  /** A write to a page that is mapped read-only although the VMA is writable: do_wp_page(). */
  private writeProtected(mm: MmStruct, vma: VmArea, address: number, pa: number, pte: number): FaultOutcome {
    const { memory } = mm;
    const { frames } = memory;
    const pfn = pteFrame(pte);
    if ((vma.flags & VM_SHARED) !== 0) return this.sharedWrite(mm, vma, address, pa, pte);
    if (frames.owner[pfn] === OWNER_ANON && frames.count[pfn] === 1) {
      // page_move_anon_rmap(): no ancestor maps it any more.
      frames.mapping[pfn] = vma.anonVma;
      this.allowWrite(mm, pa, pte);
      this.record.kind = FAULT_COW_REUSE;
      return 0;
    }
    prepareAnonVma(vma);
    const outcome = this.copyInto(mm, vma, address, pa, pfn);
    if (outcome !== 0) return outcome;
    memory.flushPage(mm.tables.pgd, address);
    if (pfn !== memory.zeroPage) mm.tables.release(pfn, 0);
    return 0;
  }

  /** The first write to a clean page of a shared file: wp_page_shared(). */
  private sharedWrite(mm: MmStruct, vma: VmArea, address: number, pa: number, pte: number): FaultOutcome {
    if (vma.ops !== null && !this.makeWritable(vma, vma.ops, vma.indexOf(address))) {
      return this.refuse(FAULT_BUS, BUS_ADRERR);
    }
    this.allowWrite(mm, pa, pte);
    this.record.kind = FAULT_MKWRITE;
    return 0;
  }

  /** do_page_mkwrite(): may the page become writable? */
  private makeWritable(vma: VmArea, ops: VmOps, index: number): boolean {
    return ops.pageMkwrite === undefined || ops.pageMkwrite(vma, index) === 0;
  }

  /** Rights only grow: no flush (ptep_set_access_flags()). */
  private allowWrite(mm: MmStruct, pa: number, pte: number): void {
    mm.memory.ram.write32(pa, pte | PTE_RW | PTE_A | PTE_D);
  }

  /** Gives the VMA, which has an anon_vma, a private writable copy of a frame: wp_page_copy(). The old frame's references stay as they are. */
  private copyInto(mm: MmStruct, vma: VmArea, address: number, pa: number, pfn: number): FaultOutcome {
    const { memory } = mm;
    const isZero = pfn === memory.zeroPage;
    const copy = isZero ? memory.allocZeroedFrame(OWNER_ANON) : memory.allocFrame(OWNER_ANON);
    if (copy < 0) return this.refuse(FAULT_OOM, OUT_OF_MEMORY);
    if (!isZero) memory.highmem.copy(copy, pfn);
    this.mapAnon(mm, vma, address, pa, copy);
    this.record.kind = FAULT_COW_COPY;
    return 0;
  }

  /** The PTE allows the access: the TLB held an older one, which the fault itself has dropped (SDM 3A 4.10.4.1). */
  private spurious(mm: MmStruct, pa: number, pte: number, write: boolean): FaultOutcome {
    mm.memory.ram.write32(pa, pte | PTE_A | (write ? PTE_D : 0));
    this.record.kind = FAULT_SPURIOUS;
    return 0;
  }

  /** Maps a new private page, writable, and enters it in the reverse map (folio_add_new_anon_rmap()). */
  private mapAnon(mm: MmStruct, vma: VmArea, address: number, pa: number, pfn: number): void {
    const { frames } = mm.memory;
    frames.mapping[pfn] = vma.anonVma;
    frames.index[pfn] = vma.indexOf(address);
    this.map(mm, pa, pfn, vma.pageProt | PTE_RW | PTE_D);
  }

  /** Puts a frame, whose reference passes to the PTE, into an empty or replaced PTE. */
  private map(mm: MmStruct, pa: number, pfn: number, bits: number): void {
    mm.tables.account(pfn, 1);
    mm.memory.ram.write32(pa, (pfn << 12) | bits);
  }

  private refuse(kind: number, signal: FaultSignal): FaultSignal {
    this.record.kind = kind;
    return signal;
  }
}
