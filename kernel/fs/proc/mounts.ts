/** What is mounted, as /proc/PID/mounts and mountinfo show it. cf. fs/proc_namespace.c. */

import type { Kernel } from "../../kernel.ts";
import { type Dentry, type Mount, pathFrom } from "../dentry.ts";

/** mangle(): blanks and backslashes of names in octal. */
const mangle = (text: string) =>
  text.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);

/** Where a mount is seen from a root; null if it is not. */
function placeOf(mount: Mount, root: Dentry): string | null {
  const { path, reachable } = pathFrom(mount.root, root);
  return reachable ? mangle(path) : null;
}

export function mountsText(k: Kernel, root: Dentry): string {
  return k.vfs.mounts
    .map((mount) => {
      const place = placeOf(mount, root);
      return place === null ? "" : `${mangle(mount.source)} ${place} ${mount.sb.type} ${mount.options} 0 0\n`;
    })
    .join("");
}

export function mountinfoText(k: Kernel, root: Dentry): string {
  return k.vfs.mounts
    .map((mount) => {
      const place = placeOf(mount, root);
      if (place === null) return "";
      const { dev, type } = mount.sb;
      const parent = mount.mountpoint === null ? 0 : 1;
      const device = `${(dev >>> 8) & 0xfff}:${dev & 0xff}`;
      return `${mount.id} ${parent} ${device} / ${place} ${mount.options} - ${type} ${mangle(mount.source)} rw\n`;
    })
    .join("");
}
