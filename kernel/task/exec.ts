/** execve(): another program in the same process (fs/exec.c begin_new_exec()). */

import { ESP } from "../../emu/state.ts";
import { loadProgram } from "../binfmt/load.ts";
import type { File } from "../fs/file.ts";
import { S_ISGID, S_ISUID } from "../fs/inode.ts";
import { openExec } from "../fs/syscalls-open.ts";
import type { Kernel } from "../kernel.ts";
import { cancelPosixTimers } from "../time/timer-signal.ts";
import { CAP_FULL, type Cred } from "./cred.ts";
import { doExit, mmRelease, releaseTask } from "./exit.ts";
import { clearFpu } from "./fpstate.ts";
import { Sighand } from "./sighand.ts";
import { forceFatalSignal } from "./signal.ts";
import { SIGCHLD, SIGSEGV } from "./signals.ts";
import type { Task } from "./task.ts";
import { utsMachine } from "./uts.ts";

export const AT_FDCWD = -100;
/** IF, and bit 1, which is always one. */
const EFLAGS_START = 0x202;
/** TASK_COMM_LEN - 1. */
const COMM_LENGTH = 15;
const S_IXGRP = 0o010;

/** argv and envp, one character per byte. */
export interface ProgramStrings {
  readonly argv: readonly string[];
  readonly envp: readonly string[];
}

export interface ExecRequest {
  /** Directory that a relative path starts at: a descriptor or AT_FDCWD. */
  dirfd: number;
  path: string;
  /** AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW. */
  flags: number;
  /** Fetches the strings, or says -errno. Asked once the file is open: what is wrong with the path comes first. */
  strings(): ProgramStrings | number;
  /** Told in one sentence why a file is no program. */
  refused?(reason: string): void;
}

/**
 * do_execveat_common() for the current task, or for one that has no program yet. 0, and the registers are the new program's; or
 * -errno, and a task whose old program is lost has a fatal signal pending.
 */
export function doExecve(k: Kernel, task: Task, request: ExecRequest): number {
  const file = openExec(task, request.dirfd, request.path, request.flags);
  if (typeof file === "number") return file;
  const strings = request.strings();
  const result = typeof strings === "number" ? strings : execFile(k, task, file, request, strings);
  file.put();
  return result;
}

/** The name that the program and the interpreter of a script see (bprm->filename). */
function execFilename(request: ExecRequest): string {
  const { dirfd, path } = request;
  if (dirfd === AT_FDCWD || path.startsWith("/")) return path;
  return path === "" ? `/dev/fd/${dirfd}` : `/dev/fd/${dirfd}/${path}`;
}

function execFile(k: Kernel, task: Task, file: File, request: ExecRequest, { argv, envp }: ProgramStrings): number {
  const filename = execFilename(request);
  const loaded = loadProgram(k.mm, file, {
    argv,
    envp,
    filename,
    // An empty name is the working directory, which is no program (getname_kernel()).
    openExec: (path) => openExec(task, AT_FDCWD, path === "" ? "." : path, 0),
    cred: programCred(task, file),
    caller: task,
    random: k.random,
    hwcap: k.machine.profile.features,
    platform: utsMachine(k),
    ...(request.refused ? { refused: request.refused } : {}),
  });
  if ("error" in loaded) {
    if (loaded.oldProgram === "is lost" && task.mm !== null) forceFatalSignal(k, task, SIGSEGV);
    return loaded.error;
  }
  // The old program is given up. What it promised to write at its end goes to its own memory.
  const old = task.mm;
  if (old !== null && (old.users > 1 || task.robustList !== 0)) k.mm.activate(old, task);
  deThread(k, task);
  mmRelease(k, task);
  task.mm = loaded.mm;
  if (old !== null) {
    const { usage } = task.group;
    usage.maxRss = Math.max(usage.maxRss, old.tables.peakRss * 4, old.tables.rssPages * 4);
  }
  k.mm.activate(loaded.mm, task);
  if (old !== null) k.mm.mmput(old);
  if (task.files?.shared) {
    const own = task.files.clone();
    task.files.release();
    task.files = own;
  }
  task.files?.closeOnExec();
  if (task.sighand.users > 1) {
    task.sighand.users--;
    task.sighand = new Sighand(task.sighand);
  }
  task.sighand.reset();
  cancelPosixTimers(k, task.group);
  task.altStack = { sp: 0, size: 0, flags: task.altStack.flags };
  task.comm = filename.slice(filename.lastIndexOf("/") + 1).slice(0, COMM_LENGTH);
  task.group.didExec = true;
  task.group.exitSignal = SIGCHLD;
  task.restart = null;
  task.keepCapabilities = false;
  task.dumpable = 1;
  task.tls.fill(0);
  task.personality = loaded.personality;
  // The interpreter of a script is the program.
  const cred = programCred(task, loaded.mm.exeFile ?? file);
  if (cred.euid !== task.cred.euid || cred.egid !== task.cred.egid) {
    task.parentDeathSignal = 0;
    task.dumpable = 0;
  }
  task.cred = cred;
  startProgram(k, task, loaded.entry, loaded.stackPointer);
  k.counters.execs++;
  k.probe?.exec?.(task, filename);
  return 0;
}

/** de_thread(): every other thread ends, and the caller becomes the leader with the leader's id. */
function deThread(k: Kernel, task: Task): void {
  const { group } = task;
  for (const thread of [...group.threads]) if (thread !== task && !thread.exited) doExit(k, thread, 0);
  const { leader } = group;
  if (leader === task) return;
  k.tasks.remove(leader);
  k.tasks.remove(task);
  const { pid } = task;
  task.pid = leader.pid;
  leader.pid = pid;
  group.leader = task;
  k.tasks.add(task);
  releaseTask(k, leader);
}

/** bprm_fill_uid(), cap_bprm_creds_from_file(): who a program runs as. */
function programCred(task: Task, file: File): Cred {
  const { inode } = file;
  const cred = task.cred.clone();
  if (!task.noNewPrivileges) {
    if ((inode.mode & S_ISUID) !== 0) cred.euid = inode.uid;
    if ((inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) cred.egid = inode.gid;
  }
  cred.suid = cred.euid;
  cred.fsuid = cred.euid;
  cred.sgid = cred.egid;
  cred.fsgid = cred.egid;
  // A program executed by root has all capabilities, another one none (handle_privileged_root()).
  const root = cred.euid === 0 || cred.uid === 0;
  cred.capPermitted = root ? CAP_FULL : [0, 0];
  cred.capEffective = cred.euid === 0 ? CAP_FULL : [0, 0];
  return cred;
}

/** start_thread(): all registers zero, flat segments, no TLS, a fresh x87. */
function startProgram(k: Kernel, task: Task, entry: number, stackPointer: number): void {
  const { cpu } = k;
  cpu.regs.fill(0);
  cpu.regs[ESP] = stackPointer;
  cpu.eip = entry;
  cpu.setEflags(EFLAGS_START);
  k.segments.loadLdt(null);
  k.segments.loadTls(task.tls);
  k.segments.loadFlat();
  clearFpu(cpu);
  task.origEax = -1;
  task.trapNumber = 0;
  task.errorCode = 0;
  task.cr2 = 0;
}
