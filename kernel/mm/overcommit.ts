/** How much memory may be promised: vm.overcommit_memory and its relatives (cf. mm/util.c, Documentation/mm/overcommit-accounting.rst). */

import { ENOMEM } from "../errno.ts";
import { CAP_SYS_ADMIN } from "../task/cred.ts";
import type { MemoryCaller } from "./physical-memory.ts";

/** vm.overcommit_memory: refuse what can never fit, refuse nothing, or refuse what goes beyond the limit. */
export const OVERCOMMIT_GUESS = 0;
export const OVERCOMMIT_ALWAYS = 1;
export const OVERCOMMIT_NEVER = 2;

/** Upper bounds of the reserves, KiB: init_user_reserve(), init_admin_reserve(). */
const USER_RESERVE_MAX = 131072;
const ADMIN_RESERVE_MAX = 8192;

const pagesOf = (kbytes: number): number => Math.floor(kbytes / 4);

export class Overcommit {
  /** vm.overcommit_memory. */
  policy = OVERCOMMIT_GUESS;
  /** vm.overcommit_ratio, percent of RAM; of no effect while `kbytes` is not 0. */
  ratio = 50;
  /** vm.overcommit_kbytes. */
  kbytes = 0;
  /** vm.user_reserve_kbytes: what one large process leaves to its owner. */
  userReserve: number;
  /** vm.admin_reserve_kbytes: what all others leave to root. */
  adminReserve: number;
  /** vm_committed_as: pages promised. */
  committed = 0;
  /** Pages of it that objects which several processes may map hold: nameless shared memory, SysV segments. */
  readonly shared = new Map<object, number>();
  /** Pages of RAM in the pool of huge pages (hugetlb_total_pages()). */
  hugePages = 0;
  private readonly totalPages: number;

  /** Both in pages: what the allocators manage (totalram_pages()), and what of it is free at the start. */
  constructor(totalPages: number, freePages: number) {
    this.totalPages = totalPages;
    this.userReserve = Math.min(Math.floor(freePages / 8), USER_RESERVE_MAX);
    this.adminReserve = Math.min(Math.floor(freePages / 8), ADMIN_RESERVE_MAX);
  }

  /** vm_commit_limit(), pages. There is no swap, and huge pages are promised apart. */
  get limit(): number {
    const share = this.totalPages - this.hugePages;
    return this.kbytes !== 0 ? pagesOf(this.kbytes) : Math.floor((share * this.ratio) / 100);
  }

  /**
   * __vm_enough_memory(): promises `pages` more to an address space of `totalVm` pages and returns 0, or -ENOMEM. A negative
   * number gives some back.
   */
  commit(pages: number, caller: MemoryCaller, totalVm: number): number {
    const refused =
      this.policy === OVERCOMMIT_GUESS
        ? pages > this.totalPages
        : this.policy === OVERCOMMIT_NEVER && this.committed + pages >= this.allowed(caller, totalVm);
    if (refused) return -ENOMEM;
    this.committed += pages;
    return 0;
  }

  /** commit() for a shared object, which holds its pages until uncommitShared(). */
  commitShared(object: object, pages: number, caller: MemoryCaller, totalVm: number): number {
    if (this.commit(pages, caller, totalVm) < 0) return -ENOMEM;
    this.shared.set(object, pages);
    return 0;
  }

  /** Gives back what the object holds, if anything. */
  uncommitShared(object: object): void {
    this.committed -= this.shared.get(object) ?? 0;
    this.shared.delete(object);
  }

  private allowed(caller: MemoryCaller, totalVm: number): number {
    const admin = caller.cred.capable(CAP_SYS_ADMIN) ? 0 : pagesOf(this.adminReserve);
    return this.limit - admin - Math.min(Math.floor(totalVm / 32), pagesOf(this.userReserve));
  }
}
