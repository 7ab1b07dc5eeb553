/** process_vm_readv and process_vm_writev (cf. mm/process_vm_access.c). */

import { EFAULT, EINVAL, EPERM, ESRCH } from "../errno.ts";
import type { IovIter } from "../fs/iov-iter.ts";
import { importIovec } from "../fs/user-iter.ts";
import type { Kernel } from "../kernel.ts";
import type { Syscall } from "../syscall/syscall.ts";
import { ptraceMayAccess } from "../task/ptrace-access.ts";
import type { MmStruct } from "./mm.ts";
import { readRemote, writeRemote } from "./remote.ts";

const UIO_MAXIOV = 1024;
const CHUNK = 4096;

interface IoVector {
  base: number;
  length: number;
}

function readVectors(k: Kernel, address: number, count: number): IoVector[] | number {
  if (count > UIO_MAXIOV) return -EINVAL;
  const bytes = k.user.read(address, count * 8);
  if (bytes === null) return -EFAULT;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count * 2);
  const vectors: IoVector[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = words[i * 2 + 1];
    if (length > 0x7fffffff) return -EINVAL;
    // What is beyond MAX_RW_COUNT is cut off.
    const fitting = Math.min(length, 0x7ffff000 - total);
    total += fitting;
    vectors.push({ base: words[i * 2], length: fitting });
  }
  return vectors;
}

/** Moves bytes piece by piece until one side ends or faults. Returns the bytes moved, or -EFAULT if none were. */
function move(mm: MmStruct, local: IovIter, remote: readonly IoVector[], direction: "read" | "write"): number {
  const buffer = new Uint8Array(CHUNK);
  let moved = 0;
  for (const { base, length } of remote) {
    for (let done = 0; done < length; ) {
      const piece = Math.min(CHUNK, length - done, local.count);
      if (piece === 0) return moved;
      const address = base + done;
      const copied =
        direction === "read"
          ? local.copyTo(buffer, 0, readRemote(mm, address, buffer, 0, piece, "as mapped"))
          : writeRemote(mm, address, buffer, 0, local.copyFrom(buffer, 0, piece), "as mapped");
      moved += copied;
      if (copied < piece) return moved === 0 ? -EFAULT : moved;
      done += piece;
    }
  }
  return moved;
}

function processVm(direction: "read" | "write"): Syscall {
  return (k, t, pid, localAddress, localCount, remoteAddress, remoteCount, flags) => {
    if (flags !== 0) return -EINVAL;
    const local = importIovec(k.user, localAddress, localCount);
    if (typeof local === "number") return local;
    if (local.count === 0) return 0;
    const remote = readVectors(k, remoteAddress >>> 0, remoteCount >>> 0);
    if (typeof remote === "number") return remote;
    if (!remote.some(({ length }) => length > 0)) return 0;
    const target = k.tasks.get(pid);
    if (!target || target.mm === null) return -ESRCH;
    if (!ptraceMayAccess(t, target, "real")) return -EPERM;
    return move(target.mm, local, remote, direction);
  };
}

export const processVmReadv = processVm("read");
export const processVmWritev = processVm("write");
