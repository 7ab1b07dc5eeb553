/**
 * Tests that need something the host may lack: a compiler, QEMU, a 32-bit capable processor. Where it is missing the
 * test is skipped loudly: `SKIP <name>: <reason>` on the output, and counted by uvu and so by tests/run.mjs.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { platform, release, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";

/** The answer of a probe: `true`, or the reason why the thing is missing. */
export type Probe = true | string;

/**
 * Registers a uvu test that runs if `probe` is true and is otherwise skipped with the probe's reason.
 *
 *     testIf(have32BitGcc(), "printf of doubles equals native", () => { ... });
 */
export function testIf(probe: Probe, name: string, body: () => void | Promise<void>): void {
  if (probe === true) {
    test(name, body);
  } else {
    console.log(`SKIP ${name}: ${probe}`);
    test.skip(name, body);
  }
}

/** `testIf` for a condition that is no probe: runs if `condition` holds, skips with `reason` otherwise. */
export function skipUnless(reason: string, condition: boolean, name: string, body: () => void | Promise<void>): void {
  testIf(condition ? true : reason, name, body);
}

/** True only if all probes are; otherwise the first reason. */
export function allOf(...probes: Probe[]): Probe {
  return probes.find((probe) => probe !== true) ?? true;
}

const answers = new Map<string, Probe>();

function once(key: string, probe: () => Probe): Probe {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = probe();
  answers.set(key, answer);
  return answer;
}

/** Is the host a Linux of at least this version? */
export function haveLinux(major: number, minor: number): Probe {
  if (platform() !== "linux") return "the host is no Linux";
  const [hostMajor, hostMinor] = release().split(".").map(Number);
  const recent = hostMajor > major || (hostMajor === major && hostMinor >= minor);
  return recent ? true : `Linux ${release()} is older than ${major}.${minor}`;
}

/** Are the tests run by root? */
export function haveRoot(): Probe {
  return process.getuid?.() === 0 ? true : "not run by root";
}

/** Knows the host's kernel huge pages (CONFIG_HUGETLBFS)? It need not have any. */
export function haveHugePages(): Probe {
  return once("huge pages", () => {
    const meminfo = existsSync("/proc/meminfo") ? readFileSync("/proc/meminfo", "utf8") : "";
    return /^Hugepagesize:/m.test(meminfo) ? true : "no huge pages in this kernel";
  });
}

/** Is there such a command on PATH (or at that path)? It is looked up, not run. */
export function haveCommand(command: string): Probe {
  return once(`command ${command}`, () => {
    const found = spawnSync("sh", ["-c", 'command -v "$1" >/dev/null 2>&1', "sh", command]);
    return found.status === 0 ? true : `no ${command} on this host`;
  });
}

/** Does `gcc -m32 -static` link a C program against a 32-bit libc? */
export function have32BitGcc(): Probe {
  return once("gcc -m32", () => {
    const directory = mkdtempSync(join(tmpdir(), "pagewalk-probe-"));
    try {
      const source = join(directory, "probe.c");
      writeFileSync(source, '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n');
      const built = spawnSync("gcc", ["-m32", "-static", "-o", join(directory, "probe"), source]);
      return built.status === 0 ? true : "no gcc -m32 -static with a 32-bit libc on this host";
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

/**
 * The smallest i386 ELF: exit(42).
 * ELF header 52 bytes, one program header 32 bytes, then mov eax,1; mov ebx,42; int 0x80.
 */
function exit42(): Uint8Array {
  const code = [0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80];
  const size = 52 + 32 + code.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true); // e_type ET_EXEC
  view.setUint16(18, 3, true); // e_machine EM_386
  view.setUint32(20, 1, true);
  view.setUint32(24, 0x08048000 + 84, true); // e_entry
  view.setUint32(28, 52, true); // e_phoff
  view.setUint16(40, 52, true); // e_ehsize
  view.setUint16(42, 32, true); // e_phentsize
  view.setUint16(44, 1, true); // e_phnum
  view.setUint32(52, 1, true); // p_type PT_LOAD
  view.setUint32(60, 0x08048000, true);
  view.setUint32(64, 0x08048000, true);
  view.setUint32(68, size, true);
  view.setUint32(72, size, true);
  view.setUint32(76, 5, true); // p_flags R+X
  view.setUint32(80, 0x1000, true);
  bytes.set(code, 84);
  return bytes;
}

/** Can this host's kernel and processor execute i386 ELF programs directly? */
export function haveNativeI386(): Probe {
  return once("native i386", () => {
    const reason = "this host does not execute i386 programs";
    if (process.platform !== "linux" || process.arch !== "x64") return reason;
    const directory = mkdtempSync(join(tmpdir(), "pagewalk-probe-"));
    try {
      const program = join(directory, "exit42");
      writeFileSync(program, exit42());
      chmodSync(program, 0o755);
      return spawnSync(program).status === 42 ? true : reason;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
