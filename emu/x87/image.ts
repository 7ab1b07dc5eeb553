// Memory images of the x87 state in X87_BLOCK: FSTENV/FLDENV, FSAVE/FRSTOR (SDM 1 §8.1.10, figures 8-9 to 8-12) and
// FXSAVE/FXRSTOR (SDM 2 "FXSAVE").
//
//   32-bit protected      16-bit protected   32-bit real-address              16-bit real-address
//   +0  control           +0  control        +0  control                      +0  control
//   +4  status            +2  status         +4  status                       +2  status
//   +8  tag               +4  tag            +8  tag                          +4  tag
//   +12 FIP               +6  FIP            +12 FIP 15..0                    +6  FIP 15..0
//   +16 FCS, FOP << 16    +8  FCS            +16 FIP 31..16 << 12, FOP        +8  FIP 19..16 << 12, FOP
//   +20 FDP               +10 FDP            +20 FDP 15..0                    +10 FDP 15..0
//   +24 FDS               +12 FDS            +24 FDP 31..16 << 12             +12 FDP 19..16 << 12
//   +28 registers         +14 registers      +28 registers                    +14 registers      ST(0)..ST(7), 10 bytes each
//
// In the 32-bit formats the high halves without content read as ones.

import {
  BUSY,
  C0,
  C1,
  C2,
  C3,
  ES,
  EXCEPTIONS,
  HI,
  LO,
  SE,
  SF,
  X87_BLOCK,
  X87_CONTROL,
  X87_FCS,
  X87_FDP,
  X87_FDS,
  X87_FIP,
  X87_FOP,
  X87_FULL,
  X87_REGISTERS,
  X87_STATUS,
  X87_TOP,
} from "./layout.ts";
import { CLASS_NORMAL, CLASS_ZERO, classify } from "./operands.ts";

/** Operand size and, for real-address and virtual-8086 mode, "real". */
export type ImageFormat = "protected32" | "protected16" | "real32" | "real16";

/** Bytes of an environment image. */
export function environmentBytes(format: ImageFormat): number {
  return format === "protected32" || format === "real32" ? 28 : 14;
}

/** Bytes of a whole FSAVE image. */
export function stateBytes(format: ImageFormat): number {
  return environmentBytes(format) + 80;
}

/** Bytes of an FXSAVE image that hold x87 state: header and registers. */
export const FX_IMAGE_BYTES = 160;

/** Status word as FNSTSW stores it. */
export function statusWord(w: Int32Array): number {
  const status = w[X87_STATUS] | (w[X87_TOP] << 11);
  return (status & ~w[X87_CONTROL] & EXCEPTIONS) !== 0 ? status | ES | BUSY : status;
}

/** Loads a status word; ES and B follow from the exceptions and their masks. */
export function setStatusWord(w: Int32Array, value: number): void {
  w[X87_STATUS] = value & (EXCEPTIONS | SF | C0 | C1 | C2 | C3);
  w[X87_TOP] = (value >> 11) & 7;
}

/** Loads a control word; bit 6 is always one, bits 7 and 15..13 zero. */
export function setControlWord(w: Int32Array, value: number): void {
  w[X87_CONTROL] = (value & 0x1f3f) | 0x40;
}

/** Tag word with the classes that the processor finds in the registers when it is asked: SDM 1 §8.1.7. */
export function tagWord(w: Int32Array): number {
  let tags = 0;
  for (let p = 0; p < 8; p++) {
    let tag = 3;
    if (((w[X87_FULL] >> p) & 1) !== 0) {
      const kind = classify(w, X87_REGISTERS + p * 4);
      tag = kind === CLASS_NORMAL ? 0 : kind === CLASS_ZERO ? 1 : 2;
    }
    tags |= tag << (p * 2);
  }
  return tags;
}

/** Loads a tag word: only "empty" is taken from it, the other classes follow from the registers. */
export function setTagWord(w: Int32Array, tags: number): void {
  let full = 0;
  for (let p = 0; p < 8; p++) if (((tags >> (p * 2)) & 3) !== 3) full |= 1 << p;
  w[X87_FULL] = full;
}

/** The image buffer as 16-bit halves, little-endian as the words are. */
function halvesOf(w: Int32Array): Uint16Array {
  return new Uint16Array(w.buffer, w.byteOffset + X87_BLOCK * 4, 256);
}

/** Writes the environment into X87_BLOCK. */
export function writeEnvironment(w: Int32Array, format: ImageFormat): void {
  const fip = w[X87_FIP];
  const fdp = w[X87_FDP];
  const fop = w[X87_FOP] & 0x7ff;
  const first = [w[X87_CONTROL], statusWord(w), tagWord(w)];
  switch (format) {
    case "protected32": {
      const words = [...first.map(withOnes), fip, (w[X87_FCS] & 0xffff) | (fop << 16), fdp, withOnes(w[X87_FDS])];
      w.set(words, X87_BLOCK);
      return;
    }
    case "real32": {
      const words = [
        ...first.map(withOnes),
        withOnes(fip),
        ((fip >>> 16) << 12) | fop,
        withOnes(fdp),
        (fdp >>> 16) << 12,
      ];
      w.set(words, X87_BLOCK);
      return;
    }
    case "protected16":
      halvesOf(w).set([...first, fip, w[X87_FCS], fdp, w[X87_FDS]]);
      return;
    case "real16":
      halvesOf(w).set([...first, fip, ((fip >>> 16) << 12) | fop, fdp, (fdp >>> 16) << 12]);
      return;
  }
}

function withOnes(half: number): number {
  return (half & 0xffff) | -0x10000;
}

/** Loads the environment from X87_BLOCK. */
export function readEnvironment(w: Int32Array, format: ImageFormat): void {
  const wide = format === "protected32" || format === "real32";
  const halves = halvesOf(w);
  const at = (index: number): number => (wide ? w[X87_BLOCK + index] : halves[index]);
  setControlWord(w, at(0));
  setStatusWord(w, at(1));
  setTagWord(w, at(2));
  if (format === "protected32" || format === "protected16") {
    w[X87_FIP] = at(3);
    w[X87_FCS] = at(4) & 0xffff;
    w[X87_FOP] = wide ? (at(4) >>> 16) & 0x7ff : 0;
    w[X87_FDP] = at(5);
    w[X87_FDS] = at(6) & 0xffff;
    return;
  }
  w[X87_FIP] = (at(3) & 0xffff) | ((at(4) >>> 12) << 16);
  w[X87_FCS] = 0;
  w[X87_FOP] = at(4) & 0x7ff;
  w[X87_FDP] = (at(5) & 0xffff) | ((at(6) >>> 12) << 16);
  w[X87_FDS] = 0;
}

/** Writes environment and registers into X87_BLOCK. */
export function writeState(w: Int32Array, format: ImageFormat): void {
  writeEnvironment(w, format);
  const halves = halvesOf(w);
  let at = environmentBytes(format) / 2;
  for (let i = 0; i < 8; i++) {
    const slot = X87_REGISTERS + ((w[X87_TOP] + i) & 7) * 4;
    halves[at++] = w[slot + LO];
    halves[at++] = w[slot + LO] >>> 16;
    halves[at++] = w[slot + HI];
    halves[at++] = w[slot + HI] >>> 16;
    halves[at++] = w[slot + SE];
  }
}

/** Loads environment and registers from X87_BLOCK. */
export function readState(w: Int32Array, format: ImageFormat): void {
  readEnvironment(w, format);
  const halves = halvesOf(w);
  let at = environmentBytes(format) / 2;
  for (let i = 0; i < 8; i++) {
    const slot = X87_REGISTERS + ((w[X87_TOP] + i) & 7) * 4;
    w[slot + LO] = halves[at] | (halves[at + 1] << 16);
    w[slot + HI] = halves[at + 2] | (halves[at + 3] << 16);
    w[slot + SE] = halves[at + 4];
    at += 5;
  }
}

/** Writes the x87 part of an FXSAVE image, FX_IMAGE_BYTES bytes, into X87_BLOCK; MXCSR reads as zero: there is no SSE. */
export function writeFxImage(w: Int32Array): void {
  const fop = w[X87_FOP] & 0x7ff;
  w[X87_BLOCK] = w[X87_CONTROL] | (statusWord(w) << 16);
  w[X87_BLOCK + 1] = w[X87_FULL] | (fop << 16);
  w[X87_BLOCK + 2] = w[X87_FIP];
  w[X87_BLOCK + 3] = w[X87_FCS] & 0xffff;
  w[X87_BLOCK + 4] = w[X87_FDP];
  w[X87_BLOCK + 5] = w[X87_FDS] & 0xffff;
  w[X87_BLOCK + 6] = 0;
  w[X87_BLOCK + 7] = 0;
  for (let i = 0; i < 8; i++) {
    const slot = X87_REGISTERS + ((w[X87_TOP] + i) & 7) * 4;
    w.copyWithin(X87_BLOCK + 8 + i * 4, slot, slot + 4);
  }
}

/** Loads the x87 part of an FXSAVE image from X87_BLOCK. */
export function readFxImage(w: Int32Array): void {
  setControlWord(w, w[X87_BLOCK]);
  setStatusWord(w, w[X87_BLOCK] >>> 16);
  w[X87_FULL] = w[X87_BLOCK + 1] & 0xff;
  w[X87_FOP] = (w[X87_BLOCK + 1] >>> 16) & 0x7ff;
  w[X87_FIP] = w[X87_BLOCK + 2];
  w[X87_FCS] = w[X87_BLOCK + 3] & 0xffff;
  w[X87_FDP] = w[X87_BLOCK + 4];
  w[X87_FDS] = w[X87_BLOCK + 5] & 0xffff;
  for (let i = 0; i < 8; i++) {
    const slot = X87_REGISTERS + ((w[X87_TOP] + i) & 7) * 4;
    const at = X87_BLOCK + 8 + i * 4;
    w[slot + LO] = w[at + LO];
    w[slot + HI] = w[at + HI];
    w[slot + SE] = w[at + SE] & 0xffff;
  }
}
