/** User and group ids in both widths, capabilities (kernel/sys.c, kernel/uid16.c, kernel/capability.c, security/commoncap.c). */

import { EFAULT, EINVAL, EPERM, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_FULL, CAP_SETGID, CAP_SETUID, type Cred } from "../task/cred.ts";
import type { Task } from "../task/task.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { getWord, putWord, readWords, writeWords } from "./words.ts";

/** An id that means "leave it". */
const KEEP = -1;
const NGROUPS_MAX = 65536;
/** What a 16-bit call shows of an id that does not fit (fs_overflowuid). */
const OVERFLOW_ID = 65534;

/** low2highuid(): 0xffff is -1. */
function widen(id: number): number {
  return (id & 0xffff) === 0xffff ? KEEP : id & 0xffff;
}

/** high2lowuid(). */
function narrow(id: number): number {
  return id > 0xffff ? OVERFLOW_ID : id;
}

/** The 16-bit form of a call whose arguments are all ids. */
function narrowArguments(call: Syscall): Syscall {
  return (k, t, a, b, c) => call(k, t, widen(a), widen(b), widen(c), 0, 0, 0);
}

/** cap_emulate_setxuid(): root's capabilities come and go with uid 0. */
function fixCapabilities(t: Task, old: Cred, next: Cred): void {
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  const hasRoot = next.uid === 0 || next.euid === 0 || next.suid === 0;
  if (hadRoot && !hasRoot && !t.keepCapabilities) next.capPermitted = [0, 0];
  if (old.euid === 0 && next.euid !== 0) next.capEffective = [0, 0];
  else if (hadRoot && !hasRoot && !t.keepCapabilities) next.capEffective = [0, 0];
  if (old.euid !== 0 && next.euid === 0) next.capEffective = next.capPermitted;
}

function commit(t: Task, next: Cred): number {
  const old = t.cred;
  fixCapabilities(t, old, next);
  if (old.euid !== next.euid || old.egid !== next.egid) {
    t.dumpable = 0;
    t.parentDeathSignal = 0;
  }
  t.cred = next;
  return 0;
}

const sysSetuid: Syscall = (_k, t, uid) => {
  if (uid === KEEP) return -EINVAL;
  const id = uid >>> 0;
  const next = t.cred.clone();
  if (t.cred.capable(CAP_SETUID)) {
    next.uid = id;
    next.suid = id;
  } else if (id !== t.cred.uid && id !== t.cred.suid) {
    return -EPERM;
  }
  next.euid = id;
  next.fsuid = id;
  return commit(t, next);
};

const sysSetgid: Syscall = (_k, t, gid) => {
  if (gid === KEEP) return -EINVAL;
  const id = gid >>> 0;
  const next = t.cred.clone();
  if (t.cred.capable(CAP_SETGID)) {
    next.gid = id;
    next.sgid = id;
  } else if (id !== t.cred.gid && id !== t.cred.sgid) {
    return -EPERM;
  }
  next.egid = id;
  next.fsgid = id;
  return commit(t, next);
};

const sysSetreuid: Syscall = (_k, t, real, effective) => {
  const old = t.cred;
  const next = old.clone();
  const capable = old.capable(CAP_SETUID);
  if (real !== KEEP) {
    next.uid = real >>> 0;
    if (old.uid !== next.uid && old.euid !== next.uid && !capable) return -EPERM;
  }
  if (effective !== KEEP) {
    next.euid = effective >>> 0;
    if (old.uid !== next.euid && old.euid !== next.euid && old.suid !== next.euid && !capable) return -EPERM;
  }
  if (real !== KEEP || (effective !== KEEP && next.euid !== old.uid)) next.suid = next.euid;
  next.fsuid = next.euid;
  return commit(t, next);
};

const sysSetregid: Syscall = (_k, t, real, effective) => {
  const old = t.cred;
  const next = old.clone();
  const capable = old.capable(CAP_SETGID);
  if (real !== KEEP) {
    next.gid = real >>> 0;
    if (old.gid !== next.gid && old.egid !== next.gid && !capable) return -EPERM;
  }
  if (effective !== KEEP) {
    next.egid = effective >>> 0;
    if (old.gid !== next.egid && old.egid !== next.egid && old.sgid !== next.egid && !capable) return -EPERM;
  }
  if (real !== KEEP || (effective !== KEEP && next.egid !== old.gid)) next.sgid = next.egid;
  next.fsgid = next.egid;
  return commit(t, next);
};

const sysSetresuid: Syscall = (_k, t, real, effective, saved) => {
  const old = t.cred;
  const wanted = [real, effective, saved];
  if (!old.capable(CAP_SETUID)) {
    const own = [old.uid, old.euid, old.suid];
    if (wanted.some((id) => id !== KEEP && !own.includes(id >>> 0))) return -EPERM;
  }
  const next = old.clone();
  if (real !== KEEP) next.uid = real >>> 0;
  if (effective !== KEEP) next.euid = effective >>> 0;
  if (saved !== KEEP) next.suid = saved >>> 0;
  next.fsuid = next.euid;
  return commit(t, next);
};

const sysSetresgid: Syscall = (_k, t, real, effective, saved) => {
  const old = t.cred;
  const wanted = [real, effective, saved];
  if (!old.capable(CAP_SETGID)) {
    const own = [old.gid, old.egid, old.sgid];
    if (wanted.some((id) => id !== KEEP && !own.includes(id >>> 0))) return -EPERM;
  }
  const next = old.clone();
  if (real !== KEEP) next.gid = real >>> 0;
  if (effective !== KEEP) next.egid = effective >>> 0;
  if (saved !== KEEP) next.sgid = saved >>> 0;
  next.fsgid = next.egid;
  return commit(t, next);
};

/** setfsuid never fails; it returns the old id. */
const sysSetfsuid: Syscall = (_k, t, uid) => {
  const { cred } = t;
  const old = cred.fsuid;
  const id = uid >>> 0;
  if (uid !== KEEP && ([cred.uid, cred.euid, cred.suid, old].includes(id) || cred.capable(CAP_SETUID))) {
    t.cred = cred.clone();
    t.cred.fsuid = id;
  }
  return old;
};

const sysSetfsgid: Syscall = (_k, t, gid) => {
  const { cred } = t;
  const old = cred.fsgid;
  const id = gid >>> 0;
  if (gid !== KEEP && ([cred.gid, cred.egid, cred.sgid, old].includes(id) || cred.capable(CAP_SETGID))) {
    t.cred = cred.clone();
    t.cred.fsgid = id;
  }
  return old;
};

/** Three ids to three addresses, in 2 or 4 bytes each. */
function putIds(k: Kernel, ids: readonly number[], addresses: readonly number[], bytes: 2 | 4): number {
  for (const [i, address] of addresses.entries()) {
    const id = ids[i];
    const done = bytes === 4 ? k.user.putU32(address >>> 0, id) : k.user.putU16(address >>> 0, narrow(id));
    if (!done) return -EFAULT;
  }
  return 0;
}

const getresuid =
  (bytes: 2 | 4): Syscall =>
  (k, t, a, b, c) =>
    putIds(k, [t.cred.uid, t.cred.euid, t.cred.suid], [a, b, c], bytes);

const getresgid =
  (bytes: 2 | 4): Syscall =>
  (k, t, a, b, c) =>
    putIds(k, [t.cred.gid, t.cred.egid, t.cred.sgid], [a, b, c], bytes);

const getgroups =
  (bytes: 2 | 4): Syscall =>
  (k, t, size, list) => {
    const { groups } = t.cred;
    if (size < 0) return -EINVAL;
    if (size === 0) return groups.length;
    if (groups.length > size) return -EINVAL;
    const packed = bytes === 4 ? Uint32Array.from(groups) : Uint16Array.from(groups, (gid) => narrow(gid));
    return k.user.write(list >>> 0, new Uint8Array(packed.buffer)) ? groups.length : -EFAULT;
  };

const setgroups =
  (bytes: 2 | 4): Syscall =>
  (k, t, size, list) => {
    if (!t.cred.capable(CAP_SETGID)) return -EPERM;
    if (size >>> 0 > NGROUPS_MAX) return -EINVAL;
    const raw = k.user.read(list >>> 0, size * bytes);
    if (raw === null) return -EFAULT;
    const view = new DataView(raw.buffer);
    const groups = Array.from({ length: size }, (_, i) =>
      bytes === 4 ? view.getUint32(i * 4, true) : view.getUint16(i * 2, true),
    );
    t.cred = t.cred.clone();
    t.cred.groups = groups.sort((a, b) => a - b);
    return 0;
  };

const CAPABILITY_VERSION_1 = 0x19980330;
const CAPABILITY_VERSION_2 = 0x20071026;
const CAPABILITY_VERSION_3 = 0x20080522;

/** cap_validate_magic(): words per set, or -errno. */
function capabilityWords(k: Kernel, header: number): number {
  const version = getWord(k, header);
  if (version === null) return -EFAULT;
  if (version === CAPABILITY_VERSION_1) return 1;
  if (version === CAPABILITY_VERSION_2 || version === CAPABILITY_VERSION_3) return 2;
  return putWord(k, header, CAPABILITY_VERSION_3) < 0 ? -EFAULT : -EINVAL;
}

const sysCapget: Syscall = (k, t, header, data) => {
  const words = capabilityWords(k, header);
  if (words < 0) return data === 0 && words === -EINVAL ? 0 : words;
  const pid = getWord(k, header + 4);
  if (pid === null) return -EFAULT;
  if (pid < 0) return -EINVAL;
  const target = pid === 0 ? t : k.tasks.get(pid);
  if (target === undefined) return -ESRCH;
  if (data === 0) return 0;
  const { capEffective, capPermitted, capInheritable } = target.cred;
  const out: number[] = [];
  for (let i = 0; i < words; i++) {
    out.push(capEffective[i], capPermitted[i], capInheritable[i]);
  }
  return writeWords(k, data, out);
};

const sysCapset: Syscall = (k, t, header, data) => {
  const words = capabilityWords(k, header);
  if (words < 0) return words;
  const pid = getWord(k, header + 4);
  if (pid === null) return -EFAULT;
  if (pid !== 0 && pid !== t.pid) return -EPERM;
  const raw = readWords(k, data, words * 3);
  if (raw === null) return -EFAULT;
  const set = (member: number): [number, number] => [
    (raw[member] >>> 0) & (CAP_FULL[0] | 0),
    words === 2 ? raw[3 + member] & CAP_FULL[1] : 0,
  ];
  const [effective, permitted, inheritable] = [set(0), set(1), set(2)];
  const old = t.cred;
  const within = (a: readonly [number, number], b: readonly [number, number]): boolean =>
    (a[0] & ~b[0]) === 0 && (a[1] & ~b[1]) === 0;
  if (!within(permitted, old.capPermitted) || !within(effective, permitted)) return -EPERM;
  t.cred = old.clone();
  t.cred.capEffective = [effective[0] >>> 0, effective[1]];
  t.cred.capPermitted = [permitted[0] >>> 0, permitted[1]];
  t.cred.capInheritable = [inheritable[0] >>> 0, inheritable[1]];
  return 0;
};

const show =
  (member: "uid" | "euid" | "gid" | "egid", bytes: 2 | 4): Syscall =>
  (_k, t) =>
    bytes === 4 ? t.cred[member] : narrow(t.cred[member]);

export const credSyscalls: SyscallTable = {
  23: ["setuid", narrowArguments(sysSetuid)],
  24: ["getuid", show("uid", 2)],
  46: ["setgid", narrowArguments(sysSetgid)],
  47: ["getgid", show("gid", 2)],
  49: ["geteuid", show("euid", 2)],
  50: ["getegid", show("egid", 2)],
  70: ["setreuid", narrowArguments(sysSetreuid)],
  71: ["setregid", narrowArguments(sysSetregid)],
  80: ["getgroups", getgroups(2)],
  81: ["setgroups", setgroups(2)],
  138: ["setfsuid", narrowArguments(sysSetfsuid)],
  139: ["setfsgid", narrowArguments(sysSetfsgid)],
  164: ["setresuid", narrowArguments(sysSetresuid)],
  165: ["getresuid", getresuid(2)],
  170: ["setresgid", narrowArguments(sysSetresgid)],
  171: ["getresgid", getresgid(2)],
  184: ["capget", sysCapget],
  185: ["capset", sysCapset],
  199: ["getuid32", show("uid", 4)],
  200: ["getgid32", show("gid", 4)],
  201: ["geteuid32", show("euid", 4)],
  202: ["getegid32", show("egid", 4)],
  203: ["setreuid32", sysSetreuid],
  204: ["setregid32", sysSetregid],
  205: ["getgroups32", getgroups(4)],
  206: ["setgroups32", setgroups(4)],
  208: ["setresuid32", sysSetresuid],
  209: ["getresuid32", getresuid(4)],
  210: ["setresgid32", sysSetresgid],
  211: ["getresgid32", getresgid(4)],
  213: ["setuid32", sysSetuid],
  214: ["setgid32", sysSetgid],
  215: ["setfsuid32", sysSetfsuid],
  216: ["setfsgid32", sysSetfsgid],
};
