/**
 * The processor room: instruction table, decoder, interpreter, x87, and a machine to run them on.
 *
 * It knows no operating system: traps go to whoever runs the machine, or to the guest's own IDT.
 */
export * from "./cpu.ts";
export { EHDR_BYTES, type ElfHeader, type ProgramHeader, readElfHeader, readProgramHeader } from "./elf.ts";
export { type EngineKind, engineKinds } from "./engine.ts";
export {
  type Access,
  allForms,
  clocksOf,
  Decoded,
  decode,
  disassemble,
  INVALID,
  type Level,
  NEED_MORE,
  OK,
  type Reference,
  type Row,
  rows,
  rowsOf,
  supports,
  TOO_LONG,
} from "./isa/index.ts";
export { createMachine, DEFAULT_RAM, type Machine, type MachineOptions } from "./machine.ts";
export { loadKernel } from "./multiboot.ts";
export { Ports } from "./ports.ts";
export { type ClockKind, clockKinds, cpuProfile, DEFAULT_CPU, type Profile, profileNames } from "./profile.ts";
export { loadSegment } from "./segmentation.ts";
export { STATE_FIELDS, STATE_WORDS, type StateField } from "./state.ts";
