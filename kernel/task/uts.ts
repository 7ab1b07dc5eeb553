/** What uname() says (include/linux/utsname.h). */

import type { Kernel } from "../kernel.ts";

export const UTS_SYSNAME = "Linux";
export const UTS_RELEASE = "6.1.0-pagewalk";
export const UTS_VERSION = "#1 Sat Jan 1 00:00:00 UTC 2000";

/** "i386" to "i686", from the CPU model; also AT_PLATFORM. */
export function utsMachine(k: Kernel): string {
  return `i${k.machine.profile.level}86`;
}
