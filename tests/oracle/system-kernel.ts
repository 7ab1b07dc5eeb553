/** The bare-metal program that runs cases of system-case.ts, on our machine and under QEMU. */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMachine, loadKernel, type MachineOptions } from "../../emu/index.ts";
import { CASES_MAGIC } from "./system-case.ts";

const RAM_MIB = 16;
const runtime = "images/runtime";

/** Builds tests/kernels/system.c. Throws with the compiler's words if that fails. */
export function buildSystemKernel(directory: string): Uint8Array {
  const kernel = join(directory, "system.elf");
  const options =
    "-m32 -march=i386 -mno-sse -O2 -std=gnu11 -Wall -Wextra -ffreestanding -fno-pie -fno-stack-protector -fcf-protection=none " +
    "-mgeneral-regs-only -fno-asynchronous-unwind-tables -static -nostdlib -no-pie -Wl,--build-id=none";
  const sources = [`${runtime}/boot.S`, `${runtime}/say.c`, "tests/kernels/system.S", "tests/kernels/system.c"];
  const flags = [...options.split(" "), `-Wl,-T,${runtime}/boot.ld`, `-I${runtime}`];
  const built = spawnSync("gcc", [...flags, ...sources, "-o", kernel], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`gcc: ${built.error?.message ?? built.stderr}`);
  return readFileSync(kernel);
}

/** The kernel with other words behind the magic number of its section .cases. */
export function withCases(kernel: Uint8Array, words: Uint8Array): Uint8Array {
  const file = kernel.slice();
  const view = new DataView(file.buffer);
  for (let at = 0; at + 4 <= file.length; at += 4) {
    if (view.getUint32(at, true) !== CASES_MAGIC) continue;
    if (view.getUint32(at + 4, true) !== 0) continue;
    file.set(words, at + 4);
    return file;
  }
  throw new Error("the kernel has no section of cases");
}

/** Lines that the kernel prints on our machine. */
export function bootOurs(kernel: Uint8Array, options: MachineOptions = {}): string[] {
  const machine = createMachine({ mem: RAM_MIB << 20, ...options });
  const problem = loadKernel(machine, kernel, "system");
  if (problem !== "") throw new Error(problem);
  const bytes: number[] = [];
  machine.ports.onSerial = (byte) => bytes.push(byte);
  machine.cpu.run(Number.POSITIVE_INFINITY, 4e9);
  return new TextDecoder().decode(Uint8Array.from(bytes)).split("\n");
}

/** Lines that it prints under QEMU; the file is written to a directory for it. */
export function bootQemu(kernel: Uint8Array, directory: string, options: readonly string[] = []): string[] {
  const file = join(directory, "cases.elf");
  writeFileSync(file, kernel);
  const machine = `-m ${RAM_MIB} -device isa-debug-exit,iobase=0xf4,iosize=4 -serial stdio -display none -no-reboot`;
  const run = spawnSync("qemu-system-i386", [...machine.split(" "), ...options, "-kernel", file], {
    encoding: "latin1",
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  return run.stdout.split("\n");
}
