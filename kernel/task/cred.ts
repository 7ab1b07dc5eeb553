/** Who a task is (include/linux/cred.h). All of the machine's programs start as root. */

/** Highest capability, CAP_CHECKPOINT_RESTORE. */
export const CAP_LAST_CAP = 40;

/** Every capability up to CAP_LAST_CAP as the two uint32 words of capget(2). */
export const CAP_FULL: readonly [number, number] = [0xffffffff, 0x1ff];

export class Cred {
  uid = 0;
  euid = 0;
  suid = 0;
  fsuid = 0;
  gid = 0;
  egid = 0;
  sgid = 0;
  fsgid = 0;
  groups: readonly number[] = [];
  capEffective: readonly [number, number] = CAP_FULL;
  capPermitted: readonly [number, number] = CAP_FULL;
  capInheritable: readonly [number, number] = [0, 0];

  clone(): Cred {
    return Object.assign(new Cred(), this);
  }

  /** Does the effective set hold this capability? */
  capable(capability: number): boolean {
    return ((this.capEffective[capability >>> 5] >>> (capability & 31)) & 1) === 1;
  }

  /** In the group, effectively or by supplement (in_group_p(), with fsgid). */
  inGroup(gid: number): boolean {
    return gid === this.fsgid || this.groups.includes(gid);
  }
}

export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_FSETID = 4;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_CHECKPOINT_RESTORE = 40;
