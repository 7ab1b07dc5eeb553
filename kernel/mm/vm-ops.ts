/** The kinds of mapping that a file gives: vm_operations_struct of regular files and of shared memory. */

import { EFAULT } from "../errno.ts";
import type { AddressSpace } from "./filemap.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import type { VmArea, VmOps } from "./vma.ts";

/** The page cache behind a mapping of a file; doMmap() made sure that there is one. */
export function mappingOf(vma: VmArea): AddressSpace {
  const mapping = vma.file?.inode.mapping;
  if (!mapping) throw new Error("file mapping without a page cache");
  return mapping;
}

/** shmem_vm_ops: pages of the page cache, up to the end of the file; nobody need hear which are dirty. */
export const shmemVmOps: VmOps = {
  name: "shmem",
  find(vma, index) {
    const mapping = mappingOf(vma);
    return index * PAGE_SIZE < mapping.source.size ? mapping.find(index) : -1;
  },
  fault(vma, index) {
    const mapping = mappingOf(vma);
    return index * PAGE_SIZE < mapping.source.size ? mapping.getPage(index) : -EFAULT;
  },
};

/** generic_file_vm_ops: the same, but a page that is written must go to the backing store. */
export const fileVmOps: VmOps = {
  ...shmemVmOps,
  name: "file",
  /** filemap_page_mkwrite(). */
  pageMkwrite(vma, index) {
    const mapping = mappingOf(vma);
    if (mapping.find(index) < 0) return -EFAULT;
    vma.file?.inode.touchMtime();
    mapping.markDirty(index);
    return 0;
  },
};
