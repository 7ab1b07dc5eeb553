/** What belongs to a thread alone: TLS descriptors, LDT, prctl(), personality. */

import { EFAULT, EINVAL, ENOMEM, ENOSYS, EPERM } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_LAST_CAP, CAP_SETPCAP } from "../task/cred.ts";
import { decodeUserDesc, isEmptyDesc, packDesc, USER_DESC_BYTES } from "../task/descriptor.ts";
import { LDT_ENTRIES } from "../task/segments.ts";
import { NSIG } from "../task/signals.ts";
import type { Task } from "../task/task.ts";
import { getThreadArea, setThreadArea } from "../task/tls.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { putWord } from "./words.ts";

const sysSetThreadArea: Syscall = (k, t, address) => setThreadArea(k, t, address >>> 0);
const sysGetThreadArea: Syscall = (k, t, address) => getThreadArea(k, t, address >>> 0);

/** read_ldt(): entries that do not exist read as zero. */
function readLdt(k: Kernel, t: Task, address: number, count: number): number {
  const ldt = t.mm?.ldt ?? null;
  if (ldt === null) return 0;
  const length = Math.min(count, LDT_ENTRIES * 8);
  const bytes = new Uint8Array(length);
  bytes.set(k.segments.readLdt(ldt).subarray(0, length));
  return k.user.write(address, bytes) ? length : -EFAULT;
}

/** read_default_ldt(): five empty descriptors, which is what programs saw before there was an LDT. */
function readDefaultLdt(k: Kernel, address: number, count: number): number {
  const length = Math.min(count, 5 * 8);
  return k.user.write(address, new Uint8Array(length)) ? length : -EFAULT;
}

/** write_ldt(). `old`: func 1, which cannot express all that func 0x11 can. */
function writeLdt(k: Kernel, t: Task, address: number, count: number, mode: "old" | "new"): number {
  const { mm } = t;
  if (count !== USER_DESC_BYTES || mm === null) return -EINVAL;
  const bytes = k.user.read(address, USER_DESC_BYTES);
  if (bytes === null) return -EFAULT;
  const desc = decodeUserDesc(bytes);
  const entry = desc.entryNumber;
  if (entry >>> 0 >= LDT_ENTRIES) return -EINVAL;
  if (desc.contents === 3 && (mode === "old" || desc.notPresent === 0)) return -EINVAL;
  const clear = (mode === "old" && desc.base === 0 && desc.limit === 0) || isEmptyDesc(desc);
  if (mode === "old") desc.useable = 0;
  const [low, high] = clear ? [0, 0] : packDesc(desc);
  if (mm.ldt === null || mm.ldt.limit < entry * 8 + 7) {
    const larger = k.segments.createLdt((entry + 1) * 8, mm.ldt);
    if (larger === null) return -ENOMEM;
    mm.ldt?.free();
    mm.ldt = larger;
  }
  k.segments.writeLdtEntry(mm.ldt, entry, low, high);
  k.segments.loadLdt(mm.ldt);
  k.segments.refresh(entry * 8 + 7);
  return 0;
}

const sysModifyLdt: Syscall = (k, t, func, address, count) => {
  const at = address >>> 0;
  const length = count >>> 0;
  switch (func) {
    case 0:
      return readLdt(k, t, at, length);
    case 1:
      return writeLdt(k, t, at, length, "old");
    case 2:
      return readDefaultLdt(k, at, length);
    case 0x11:
      return writeLdt(k, t, at, length, "new");
    default:
      return -ENOSYS;
  }
};

/** The persona is remembered; the only bits with an effect are those that memory management reads. */
const sysPersonality: Syscall = (_k, t, persona) => {
  const old = t.personality;
  if (persona !== -1) t.personality = persona;
  return old;
};

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_GET_KEEPCAPS = 7;
const PR_SET_KEEPCAPS = 8;
const PR_GET_TIMING = 13;
const PR_SET_TIMING = 14;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_GET_SECCOMP = 21;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_GET_TSC = 25;
const PR_SET_TSC = 26;
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const PR_SET_TIMERSLACK = 29;
const PR_GET_TIMERSLACK = 30;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const PR_GET_TID_ADDRESS = 40;
const PR_SET_THP_DISABLE = 41;
const PR_GET_THP_DISABLE = 42;
const PR_CAP_AMBIENT = 47;

const PR_TSC_ENABLE = 1;
const DEFAULT_TIMER_SLACK = 50_000;
const TASK_COMM_LEN = 16;

function setName(k: Kernel, t: Task, address: number): number {
  const name = k.user.string(address >>> 0, TASK_COMM_LEN);
  if (typeof name === "string") {
    t.comm = name;
    return 0;
  }
  // Longer names are cut.
  const bytes = k.user.read(address >>> 0, TASK_COMM_LEN - 1);
  if (bytes === null) return -EFAULT;
  t.comm = String.fromCharCode(...bytes);
  return 0;
}

function getName(k: Kernel, t: Task, address: number): number {
  const bytes = new Uint8Array(TASK_COMM_LEN);
  for (let i = 0; i < Math.min(t.comm.length, TASK_COMM_LEN - 1); i++) bytes[i] = t.comm.charCodeAt(i);
  return k.user.write(address >>> 0, bytes) ? 0 : -EFAULT;
}

/** prctl(). An option that this kernel does not have is EINVAL, as in one built without it. */
const sysPrctl: Syscall = (k, t, option, a, b, c, d) => {
  const unused = b === 0 && c === 0 && d === 0;
  switch (option) {
    case PR_SET_PDEATHSIG:
      if (a >>> 0 > NSIG) return -EINVAL;
      t.parentDeathSignal = a;
      return 0;
    case PR_GET_PDEATHSIG:
      return putWord(k, a, t.parentDeathSignal);
    case PR_GET_DUMPABLE:
      return t.dumpable;
    case PR_SET_DUMPABLE:
      if (a !== 0 && a !== 1) return -EINVAL;
      t.dumpable = a;
      return 0;
    case PR_GET_KEEPCAPS:
      return t.keepCapabilities ? 1 : 0;
    case PR_SET_KEEPCAPS:
      if (a !== 0 && a !== 1) return -EINVAL;
      t.keepCapabilities = a === 1;
      return 0;
    case PR_GET_TIMING:
      return 0;
    case PR_SET_TIMING:
      return a === 0 ? 0 : -EINVAL;
    case PR_SET_NAME:
      return setName(k, t, a);
    case PR_GET_NAME:
      return getName(k, t, a);
    case PR_GET_SECCOMP:
      return 0;
    case PR_CAPBSET_READ:
      return a >>> 0 <= CAP_LAST_CAP ? 1 : -EINVAL;
    case PR_CAPBSET_DROP:
      if (!t.cred.capable(CAP_SETPCAP)) return -EPERM;
      return a >>> 0 <= CAP_LAST_CAP ? 0 : -EINVAL;
    case PR_GET_TSC:
      return putWord(k, a, PR_TSC_ENABLE);
    case PR_SET_TSC:
      return a === PR_TSC_ENABLE ? 0 : -EINVAL;
    case PR_GET_SECUREBITS:
      return 0;
    case PR_SET_SECUREBITS:
      return t.cred.capable(CAP_SETPCAP) ? 0 : -EPERM;
    case PR_SET_TIMERSLACK:
      t.timerSlack = a <= 0 ? DEFAULT_TIMER_SLACK : a;
      return 0;
    case PR_GET_TIMERSLACK:
      return t.timerSlack;
    case PR_SET_CHILD_SUBREAPER:
      t.group.subreaper = a !== 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER:
      return putWord(k, a, t.group.subreaper ? 1 : 0);
    case PR_SET_NO_NEW_PRIVS:
      if (a !== 1 || !unused) return -EINVAL;
      t.noNewPrivileges = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS:
      return a === 0 && unused ? Number(t.noNewPrivileges) : -EINVAL;
    case PR_GET_TID_ADDRESS:
      return putWord(k, a, t.clearChildTid);
    case PR_SET_THP_DISABLE:
      return unused ? 0 : -EINVAL;
    case PR_GET_THP_DISABLE:
      return a === 0 && unused ? 0 : -EINVAL;
    case PR_CAP_AMBIENT:
      // PR_CAP_AMBIENT_IS_SET finds nothing set; CLEAR_ALL has nothing to clear.
      if (a === 1 && c === 0 && d === 0) return b >>> 0 <= CAP_LAST_CAP ? 0 : -EINVAL;
      return a === 4 && unused ? 0 : -EINVAL;
    default:
      return -EINVAL;
  }
};

export const threadSyscalls: SyscallTable = {
  123: ["modify_ldt", sysModifyLdt],
  136: ["personality", sysPersonality],
  172: ["prctl", sysPrctl],
  243: ["set_thread_area", sysSetThreadArea],
  244: ["get_thread_area", sysGetThreadArea],
};
