/** Who may look into a process, and who may change it (cf. kernel/ptrace.c __ptrace_may_access()). */

import { CAP_SYS_PTRACE } from "./cred.ts";
import type { Task } from "./task.ts";

/** The identity that asks: "fs" for files of /proc (PTRACE_MODE_FSCREDS), "real" for system calls (PTRACE_MODE_REALCREDS). */
export type AccessCreds = "fs" | "real";

/**
 * A process may always look into itself. Others need the same identity in all of the target's ids, no capability less than
 * the target has, and a target that may be dumped; or CAP_SYS_PTRACE.
 */
export function ptraceMayAccess(caller: Task, target: Task, creds: AccessCreds): boolean {
  if (caller.group === target.group) return true;
  const { cred } = caller;
  if (cred.capable(CAP_SYS_PTRACE)) return true;
  const uid = creds === "fs" ? cred.fsuid : cred.uid;
  const gid = creds === "fs" ? cred.fsgid : cred.gid;
  const { euid, suid, uid: targetUid, egid, sgid, gid: targetGid, capPermitted } = target.cred;
  const same = [euid, suid, targetUid].every((id) => id === uid) && [egid, sgid, targetGid].every((id) => id === gid);
  if (!same) return false;
  if (target.mm !== null && target.dumpable !== 1) return false;
  const held = creds === "fs" ? cred.capEffective : cred.capPermitted;
  return (capPermitted[0] & ~held[0]) === 0 && (capPermitted[1] & ~held[1]) === 0;
}
