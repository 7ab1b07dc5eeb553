/** About the system as a whole, and the calls that it refuses by design. */

import { EFAULT, EINVAL, ENOSYS, EPERM } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { PAGE_SIZE } from "../mm/physical-memory.ts";
import { ZONE_HIGHMEM } from "../mm/zone.ts";
import { CAP_SYS_ADMIN, CAP_SYS_TTY_CONFIG } from "../task/cred.ts";
import { UTS_RELEASE, UTS_SYSNAME, UTS_VERSION, utsMachine } from "../task/uts.ts";
import { NSEC_PER_SEC } from "../time/clock.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { writeWords } from "./words.ts";

const UTS_FIELD = 65;
const OLD_UTS_FIELD = 9;
/** PER_LINUX32 ... UNAME26: the persona that wants to see a 2.6 kernel. */
const UNAME26 = 0x0020000;

function writeUts(k: Kernel, address: number, persona: number, size: number, fields: number): number {
  const release = (persona & UNAME26) !== 0 ? "2.6.61-pagewalk" : UTS_RELEASE;
  const names = [UTS_SYSNAME, k.hostname, release, UTS_VERSION, utsMachine(k), k.domainname];
  const bytes = new Uint8Array(size * fields);
  for (let i = 0; i < fields; i++) {
    const name = names[i] as string;
    for (let j = 0; j < Math.min(name.length, size - 1); j++) bytes[i * size + j] = name.charCodeAt(j);
  }
  return k.user.write(address >>> 0, bytes) ? 0 : -EFAULT;
}

const sysNewuname: Syscall = (k, t, address) => writeUts(k, address, t.personality, UTS_FIELD, 6);
const sysOlduname: Syscall = (k, t, address) => writeUts(k, address, t.personality, UTS_FIELD, 5);
const sysOldolduname: Syscall = (k, t, address) => writeUts(k, address, t.personality, OLD_UTS_FIELD, 5);

const NEW_UTS_LEN = 64;

const setUtsName =
  (set: (k: Kernel, name: string) => void): Syscall =>
  (k, t, address, length) => {
    if (!t.cred.capable(CAP_SYS_ADMIN)) return -EPERM;
    if (length < 0 || length > NEW_UTS_LEN) return -EINVAL;
    const bytes = k.user.read(address >>> 0, length);
    if (bytes === null) return -EFAULT;
    const end = bytes.indexOf(0);
    set(k, String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end))));
    return 0;
  };

const sysSethostname = setUtsName((k, name) => {
  k.hostname = name;
});
const sysSetdomainname = setUtsName((k, name) => {
  k.domainname = name;
});

/** struct sysinfo, 64 bytes, memory in bytes (mem_unit 1), which a machine of up to 3 GiB can say in 32 bits. */
const sysSysinfo: Syscall = (k, _t, address) => {
  const { memory } = k.mm;
  const high = memory.zones[ZONE_HIGHMEM];
  const total = (memory.frames.total - memory.reservedFrames) * PAGE_SIZE;
  const free = memory.freeFrames * PAGE_SIZE;
  const runnable = k.scheduler.runnable;
  const loads = [runnable, runnable, runnable].map((load) => load << 16);
  const highTotal = high === undefined ? 0 : high.managed * PAGE_SIZE;
  const highFree = high === undefined ? 0 : high.buddy.freeFrames * PAGE_SIZE;
  const uptime = Math.floor(k.clock.now() / NSEC_PER_SEC);
  const processes = Math.min(k.tasks.size, 0xffff);
  return writeWords(k, address, [uptime, ...loads, total, free, 0, 0, 0, 0, processes, highTotal, highFree, 1, 0, 0]);
};

const GRND_NONBLOCK = 1;
const GRND_RANDOM = 2;
const GRND_INSECURE = 4;
/** Bytes copied at a time. */
const PIECE = 4096;

const sysGetrandom: Syscall = (k, _t, address, length, flags) => {
  if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0) return -EINVAL;
  if ((flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  const wanted = Math.min(length >>> 0, 0x7fffffff);
  const bytes = new Uint8Array(Math.min(wanted, PIECE));
  let done = 0;
  while (done < wanted) {
    const piece = Math.min(PIECE, wanted - done);
    k.random.fill(bytes.subarray(0, piece));
    const copied = k.user.copyOut((address >>> 0) + done, bytes, 0, piece);
    done += copied;
    if (copied < piece) return done > 0 ? done : -EFAULT;
  }
  return done;
};

/** The kernel log is empty. SYSLOG_ACTION_SIZE_BUFFER tells a size all the same. */
const sysSyslog: Syscall = (_k, t, action, address, length) => {
  if (action < 0 || action > 10) return -EINVAL;
  if (!t.cred.capable(CAP_SYS_ADMIN)) return -EPERM;
  if ((action === 2 || action === 3 || action === 4) && (address === 0 || length < 0)) return -EINVAL;
  return action === 10 ? 1 << 17 : 0;
};

/** Hangs up the controlling terminal; what is left of it here is the right to do so. */
const sysVhangup: Syscall = (_k, t) => (t.cred.capable(CAP_SYS_TTY_CONFIG) ? 0 : -EPERM);

const MEMBARRIER_CMD_QUERY = 0;
const MEMBARRIER_CMD_GLOBAL = 1;

/** One CPU: every barrier is already there. Only the plain commands are offered. */
const sysMembarrier: Syscall = (_k, _t, command, flags) => {
  if (flags !== 0) return -EINVAL;
  if (command === MEMBARRIER_CMD_QUERY) return MEMBARRIER_CMD_GLOBAL;
  return command === MEMBARRIER_CMD_GLOBAL ? 0 : -EINVAL;
};

const noSuchCall: Syscall = () => -ENOSYS;
const notPermitted: Syscall = () => -EPERM;

/**
 * Refused by design and silently: what a kernel built without the feature answers, so that programs fall back. Loud
 * ENOSYS is for calls that should work and do not yet.
 */
export const absentSyscalls: readonly (readonly [number, string])[] = [
  // Gone from Linux itself.
  [17, "break"],
  [31, "stty"],
  [32, "gtty"],
  [35, "ftime"],
  [44, "prof"],
  [53, "lock"],
  [56, "mpx"],
  [58, "ulimit"],
  [98, "profil"],
  [112, "idle"],
  [127, "create_module"],
  [130, "get_kernel_syms"],
  [134, "bdflush"],
  [135, "sysfs"],
  [137, "afs_syscall"],
  [149, "_sysctl"],
  [167, "query_module"],
  [169, "nfsservctl"],
  [188, "getpmsg"],
  [189, "putpmsg"],
  [253, "lookup_dcookie"],
  [273, "vserver"],
  // Virtual 8086 mode, I/O ports, NUMA, modules, tracing, keys, asynchronous I/O, POSIX message queues, sandboxes: not part of this machine.
  [86, "uselib"],
  [101, "ioperm"],
  [110, "iopl"],
  [113, "vm86old"],
  [128, "init_module"],
  [129, "delete_module"],
  [166, "vm86"],
  [245, "io_setup"],
  [246, "io_destroy"],
  [247, "io_getevents"],
  [248, "io_submit"],
  [249, "io_cancel"],
  [274, "mbind"],
  [275, "get_mempolicy"],
  [276, "set_mempolicy"],
  [283, "kexec_load"],
  [286, "add_key"],
  [287, "request_key"],
  [288, "keyctl"],
  [294, "migrate_pages"],
  [317, "move_pages"],
  [336, "perf_event_open"],
  [349, "kcmp"],
  [277, "mq_open"],
  [278, "mq_unlink"],
  [279, "mq_timedsend"],
  [280, "mq_timedreceive"],
  [281, "mq_notify"],
  [282, "mq_getsetattr"],
  [418, "mq_timedsend_time64"],
  [419, "mq_timedreceive_time64"],
  [428, "open_tree"],
  [429, "move_mount"],
  [430, "fsopen"],
  [431, "fsconfig"],
  [432, "fsmount"],
  [433, "fspick"],
  [442, "mount_setattr"],
  [350, "finit_module"],
  [354, "seccomp"],
  [357, "bpf"],
  [374, "userfaultfd"],
  [380, "pkey_mprotect"],
  [381, "pkey_alloc"],
  [382, "pkey_free"],
  [384, "arch_prctl"],
  [385, "io_pgetevents"],
  [386, "rseq"],
  [416, "io_pgetevents_time64"],
  [425, "io_uring_setup"],
  [426, "io_uring_enter"],
  [427, "io_uring_register"],
  [443, "quotactl_fd"],
  [444, "landlock_create_ruleset"],
  [445, "landlock_add_rule"],
  [446, "landlock_restrict_self"],
  [447, "memfd_secret"],
  [449, "futex_waitv"],
  [450, "set_mempolicy_home_node"],
];

/** What root in a container may not do either. */
export const forbiddenSyscalls: readonly (readonly [number, string])[] = [
  [26, "ptrace"],
  [51, "acct"],
  [87, "swapon"],
  [88, "reboot"],
  [115, "swapoff"],
  [131, "quotactl"],
  [310, "unshare"],
  [346, "setns"],
];

function refusing(calls: readonly (readonly [number, string])[], call: Syscall): SyscallTable {
  return Object.fromEntries(calls.map(([number, name]) => [number, [name, call] as const]));
}

export const systemSyscalls: SyscallTable = {
  ...refusing(absentSyscalls, noSuchCall),
  ...refusing(forbiddenSyscalls, notPermitted),
  59: ["oldolduname", sysOldolduname],
  74: ["sethostname", sysSethostname],
  103: ["syslog", sysSyslog],
  109: ["olduname", sysOlduname],
  111: ["vhangup", sysVhangup],
  116: ["sysinfo", sysSysinfo],
  121: ["setdomainname", sysSetdomainname],
  122: ["uname", sysNewuname],
  355: ["getrandom", sysGetrandom],
  375: ["membarrier", sysMembarrier],
};
