/** pidfd_open, pidfd_send_signal, pidfd_getfd. */

import { EBADF, EFAULT, EINVAL, EPERM, ESRCH } from "../errno.ts";
import { O_NONBLOCK } from "../fs/file.ts";
import { ProcDirectory } from "../fs/proc/proc-inode.ts";
import { fget } from "../fs/syscalls-io.ts";
import type { Kernel } from "../kernel.ts";
import { PidFile } from "../task/pidfd.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { decodeSiginfo, SI_TKILL, SI_USER, SIGINFO_BYTES, type Siginfo } from "../task/siginfo.ts";
import type { Task, ThreadGroup } from "../task/task.ts";
import { killGroup } from "./signal.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";

/** Installs a pidfd; `group` may be set later. The descriptor, or -EMFILE. */
export function installPidfd(k: Kernel, t: Task, group: ThreadGroup | null, flags: number): [number, PidFile] {
  const file = new PidFile(k.vfs.anonymousDentry("[pidfd]"), flags, group);
  return [t.files?.install(file, true, t.rlimit(RLIMIT_NOFILE)) ?? -EBADF, file];
}

/** The process behind a descriptor, or -EBADF. */
export function groupOfPidfd(t: Task, fd: number): ThreadGroup | number {
  const file = t.files?.get(fd);
  return file instanceof PidFile && file.group !== null ? file.group : -EBADF;
}

const sysPidfdOpen: Syscall = (k, t, pid, flags) => {
  if ((flags & ~O_NONBLOCK) !== 0 || pid <= 0) return -EINVAL;
  const target = k.tasks.get(pid);
  if (target === undefined) return -ESRCH;
  if (target.group.leader !== target) return -EINVAL;
  return installPidfd(k, t, target.group, flags)[0];
};

/** The same, an open directory /proc/PID being as good: pidfd_to_pid(). */
function groupOfPidfdOrDirectory(t: Task, fd: number): ThreadGroup | number {
  const inode = fget(t, fd)?.inode;
  return inode instanceof ProcDirectory && inode.process !== null ? inode.process : groupOfPidfd(t, fd);
}

const sysPidfdSendSignal: Syscall = (k, t, fd, signo, infoAddress, flags) => {
  if (flags !== 0) return -EINVAL;
  const group = groupOfPidfdOrDirectory(t, fd);
  if (typeof group === "number") return group;
  let info: Siginfo = { signo, code: SI_USER, pid: t.tgid, uid: t.cred.uid };
  if (infoAddress !== 0) {
    const bytes = k.user.read(infoAddress >>> 0, SIGINFO_BYTES);
    if (bytes === null) return -EFAULT;
    info = decodeSiginfo(bytes);
    if (info.signo !== signo) return -EINVAL;
    if (group !== t.group && (info.code >= 0 || info.code === SI_TKILL)) return -EPERM;
  }
  return group.leader.released ? -ESRCH : killGroup(k, t, group, signo, info);
};

const sysPidfdGetfd: Syscall = (_k, t, pidfd, fd, flags) => {
  if (flags !== 0) return -EINVAL;
  const group = groupOfPidfd(t, pidfd);
  if (typeof group === "number") return group;
  const [thread] = group.liveThreads;
  if (thread === undefined) return -ESRCH;
  if (thread.cred.uid !== t.cred.euid && t.cred.euid !== 0) return -EPERM;
  const file = thread.files?.get(fd);
  if (!file) return -EBADF;
  return t.files?.install(file.get(), true, t.rlimit(RLIMIT_NOFILE)) ?? -EBADF;
};

/** Frees the memory of a process that is being killed; others are not touched. Ending is immediate here. */
const sysProcessMrelease: Syscall = (_k, t, fd, flags) => {
  if (flags !== 0) return -EINVAL;
  const group = groupOfPidfd(t, fd);
  if (typeof group === "number") return group;
  if (group.dead) return -ESRCH;
  return group.groupExit ? 0 : -EINVAL;
};

export const pidfdSyscalls: SyscallTable = {
  424: ["pidfd_send_signal", sysPidfdSendSignal],
  434: ["pidfd_open", sysPidfdOpen],
  438: ["pidfd_getfd", sysPidfdGetfd],
  448: ["process_mrelease", sysProcessMrelease],
};
