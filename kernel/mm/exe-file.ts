/** The program file of an address space: nobody may write to it meanwhile (deny_write_access(), set_mm_exe_file()). */

import type { File } from "../fs/file.ts";
import type { MmStruct } from "./mm.ts";

/** Replaces the program file; takes a reference of its own. */
export function setExeFile(mm: MmStruct, file: File | null): void {
  const old = mm.exeFile;
  if (file !== null) file.get().inode.writeCount--;
  mm.exeFile = file;
  if (old !== null) {
    old.inode.writeCount++;
    old.put();
  }
}
