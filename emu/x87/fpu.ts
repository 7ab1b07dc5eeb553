// The x87 unit as the programmer sees it: register stack, control, status and tag words, and the meaning of every
// instruction. Memory operands pass through X87_MEM and X87_BLOCK; the caller translates addresses, moves the words and
// raises #MF when `pendingException()` holds before a waiting instruction.
// Hot: integers and one typed array, nothing allocated.

import { type Float80Arithmetic, Float80Unit } from "./float80.ts";
import * as image from "./image.ts";
import {
  C0,
  C1,
  C2,
  C3,
  CONTROL_INIT,
  DE,
  EXCEPTIONS,
  IE,
  SE,
  SF,
  X87_CONTROL,
  X87_EFLAGS,
  X87_FCS,
  X87_FDP,
  X87_FDS,
  X87_FIP,
  X87_FOP,
  X87_FULL,
  X87_MEM,
  X87_OPERAND,
  X87_REGISTERS,
  X87_SECOND,
  X87_STATE_WORDS,
  X87_STATUS,
  X87_TOP,
  ZE,
} from "./layout.ts";
import { CLASS_INFINITY, classify } from "./operands.ts";
import { QUOTIENT } from "./remainder.ts";
import { TransferUnit } from "./transfer.ts";

/** Arithmetic operations, numbered as in the reg field of D8, DA, DC and DE (2 and 3 are comparisons). */
export const ADD = 0;
export const MULTIPLY = 1;
export const SUBTRACT = 4;
export const SUBTRACT_REVERSED = 5;
export const DIVIDE = 6;
export const DIVIDE_REVERSED = 7;

/** EFLAGS bits that FCOMI writes. */
const CF = 0x01;
const PF = 0x04;
const ZF = 0x40;
const CONDITION_CODES = C3 | C2 | C0;

/**
 * One x87 unit over a block of X87_WORDS words, of which the first X87_STATE_WORDS are the whole state (layout.ts).
 *
 * Instruction methods return true when the instruction completed and false when an unmasked exception withheld its result:
 * a store then writes nothing to memory, FCOMI leaves EFLAGS alone. Either way the next waiting instruction reports it.
 * `pops` is the number of registers the form pops. i numbers ST(i).
 */
export class FpuState extends TransferUnit {
  constructor(words: Int32Array, unit: Float80Arithmetic = new Float80Unit(words)) {
    super(words, unit);
    this.reset();
  }

  /** Power-up by FNINIT, with empty registers of zero bits. */
  reset(): void {
    this.words.fill(0, 0, X87_STATE_WORDS);
    this.fninit();
  }

  /** Whether a waiting instruction must raise #MF instead of executing (SDM 1 §8.7). */
  pendingException(): boolean {
    const w = this.words;
    return (w[X87_STATUS] & ~w[X87_CONTROL] & EXCEPTIONS) !== 0;
  }

  /** Notes a non-control instruction: its offset, code selector and opcode (low 3 bits of the escape byte, then ModRM). */
  recordInstruction(fip: number, fcs: number, fop: number): void {
    const w = this.words;
    w[X87_FIP] = fip;
    w[X87_FCS] = fcs;
    w[X87_FOP] = fop;
  }

  /** Notes the memory operand of a non-control instruction. */
  recordOperand(fdp: number, fds: number): void {
    const w = this.words;
    w[X87_FDP] = fdp;
    w[X87_FDS] = fds;
  }

  // ---- Arithmetic ----

  /** ST(0) = ST(0) op ST(i) */
  arithmetic(operation: number, i: number): boolean {
    const w = this.words;
    const top = w[X87_TOP];
    const p = (top + i) & 7;
    if (((w[X87_FULL] >> top) & (w[X87_FULL] >> p) & 1) === 0) return this.underflow(0, 0);
    const a = X87_REGISTERS + (top << 2);
    return this.raise(this.operate(operation, a, a, X87_REGISTERS + (p << 2)));
  }

  /** ST(i) = ST(0) op ST(i): the order of operands is that of the encoding, so DC /4 is FSUBR. */
  arithmeticTo(operation: number, i: number, pops: number): boolean {
    const w = this.words;
    const top = w[X87_TOP];
    const p = (top + i) & 7;
    if (((w[X87_FULL] >> top) & (w[X87_FULL] >> p) & 1) === 0) return this.underflow(i, pops);
    const b = X87_REGISTERS + (p << 2);
    if (!this.raise(this.operate(operation, b, X87_REGISTERS + (top << 2), b))) return false;
    this.pop(pops);
    return true;
  }

  /** ST(0) = ST(0) op m32fp */
  arithmetic32(operation: number): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    return this.arithmeticOperand(operation, this.unit.fromFloat32(X87_OPERAND) & DE);
  }

  /** ST(0) = ST(0) op m64fp */
  arithmetic64(operation: number): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    return this.arithmeticOperand(operation, this.unit.fromFloat64(X87_OPERAND) & DE);
  }

  /** ST(0) = ST(0) op m16int */
  arithmeticInt16(operation: number): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    this.unit.fromInt16(X87_OPERAND);
    return this.arithmeticOperand(operation, 0);
  }

  /** ST(0) = ST(0) op m32int */
  arithmeticInt32(operation: number): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    this.unit.fromInt32(X87_OPERAND);
    return this.arithmeticOperand(operation, 0);
  }

  /** `denormal` is DE when the memory operand was a denormal: an exception below #IA, NaN operands and #Z. */
  private arithmeticOperand(operation: number, denormal: number): boolean {
    const w = this.words;
    const a = this.slot(0);
    if (denormal === 0) return this.raise(this.operate(operation, a, a, X87_OPERAND));
    const isNan = classify(w, a) > CLASS_INFINITY;
    const flags = this.operate(operation, X87_SECOND, a, X87_OPERAND);
    const all = isNan || (flags & (IE | ZE)) !== 0 ? flags : (w[X87_CONTROL] & DE) === 0 ? DE : flags | DE;
    if (!this.raise(all)) return false;
    this.copySlot(a, X87_SECOND);
    return true;
  }

  private operate(operation: number, dst: number, a: number, b: number): number {
    switch (operation) {
      case ADD:
        return this.unit.add(dst, a, b);
      case MULTIPLY:
        return this.unit.multiply(dst, a, b);
      case SUBTRACT:
        return this.unit.subtract(dst, a, b);
      case SUBTRACT_REVERSED:
        return this.unit.subtract(dst, b, a);
      case DIVIDE:
        return this.unit.divide(dst, a, b);
      case DIVIDE_REVERSED:
        return this.unit.divide(dst, b, a);
      default:
        throw new Error(`x87: no arithmetic operation ${operation}`);
    }
  }

  /** FCHS */
  fchs(): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    this.words[this.slot(0) + SE] ^= 0x8000;
    return this.raise(0);
  }

  /** FABS */
  fabs(): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    this.words[this.slot(0) + SE] &= 0x7fff;
    return this.raise(0);
  }

  /** FSQRT */
  fsqrt(): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.squareRoot(a, a));
  }

  /** FRNDINT */
  frndint(): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.roundToIntegral(a, a));
  }

  /** FSCALE */
  fscale(): boolean {
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.scale(a, a, this.slot(1)));
  }

  /** FPREM */
  fprem(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raiseQuotient(this.unit.remainder(a, a, this.slot(1)));
  }

  /** FPREM1 */
  fprem1(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raiseQuotient(this.unit.remainderNearest(a, a, this.slot(1)));
  }

  /** C0 and C3 keep their values when an operand is no number. */
  private raiseQuotient(codes: number): boolean {
    if ((codes & QUOTIENT) === 0) return this.raise(codes);
    this.words[X87_STATUS] &= ~(C0 | C3);
    return this.raise(codes & ~QUOTIENT);
  }

  /** FXTRACT */
  fxtract(): boolean {
    if (this.isEmpty(0) || !this.isEmpty(7)) return this.pairFault();
    const a = this.slot(0);
    return this.pushSecond(this.unit.extract(a, a));
  }

  /** Stack fault of an instruction that replaces ST(0) and pushes: both become the indefinite QNaN if #IS is masked. */
  private pairFault(): boolean {
    if (!this.raise(IE | SF | (this.isEmpty(0) ? 0 : C1))) return false;
    this.storeIndefinite(this.slot(0));
    this.markFull(0);
    this.push();
    this.storeIndefinite(this.slot(0));
    return true;
  }

  private pushSecond(flags: number): boolean {
    if (!this.raise(flags)) return false;
    this.push();
    this.copySlot(this.slot(0), X87_SECOND);
    return true;
  }

  // ---- Transcendental functions ----

  /** FSIN */
  fsin(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.sin(a, a));
  }

  /** FCOS */
  fcos(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.cos(a, a));
  }

  /** FSINCOS: sine to ST(0), then the cosine is pushed. */
  fsincos(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0) || !this.isEmpty(7)) return this.pairFault();
    const a = this.slot(0);
    return this.pushUnlessOutOfRange(this.unit.sinCos(a, a));
  }

  /** FPTAN: tangent to ST(0), then 1 is pushed. */
  fptan(): boolean {
    this.words[X87_STATUS] &= ~C2;
    if (this.isEmpty(0) || !this.isEmpty(7)) return this.pairFault();
    const a = this.slot(0);
    return this.pushUnlessOutOfRange(this.unit.tan(a, a));
  }

  private pushUnlessOutOfRange(flags: number): boolean {
    return (flags & C2) !== 0 ? this.raise(flags) : this.pushSecond(flags);
  }

  /** FPATAN: ST(1) = angle of the point (ST(0), ST(1)), pop. */
  fpatan(): boolean {
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(1, 1);
    const y = this.slot(1);
    return this.raiseAndPop(this.unit.arcTangent(y, y, this.slot(0)));
  }

  /** F2XM1 */
  f2xm1(): boolean {
    if (this.isEmpty(0)) return this.underflow(0, 0);
    const a = this.slot(0);
    return this.raise(this.unit.exponentialMinusOne(a, a));
  }

  /** FYL2X: ST(1) = ST(1) * log2(ST(0)), pop. */
  fyl2x(): boolean {
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(1, 1);
    const y = this.slot(1);
    return this.raiseAndPop(this.unit.logarithm(y, y, this.slot(0)));
  }

  /** FYL2XP1: ST(1) = ST(1) * log2(ST(0) + 1), pop. */
  fyl2xp1(): boolean {
    if (this.isEmpty(0) || this.isEmpty(1)) return this.underflow(1, 1);
    const y = this.slot(1);
    return this.raiseAndPop(this.unit.logarithmPlusOne(y, y, this.slot(0)));
  }

  private raiseAndPop(flags: number): boolean {
    if (!this.raise(flags)) return false;
    this.pop(1);
    return true;
  }

  // ---- Comparisons ----

  private raiseCodes(codes: number): boolean {
    this.words[X87_STATUS] &= ~CONDITION_CODES;
    return this.raise(codes);
  }

  private compareUnderflow(pops: number): boolean {
    if (!this.raiseCodes(CONDITION_CODES | IE | SF)) return false;
    this.pop(pops);
    return true;
  }

  private finishCompare(codes: number, pops: number): boolean {
    if (!this.raiseCodes(codes)) return false;
    this.pop(pops);
    return true;
  }

  /** FCOM, FCOMP, FCOMPP ST(i) */
  fcom(i: number, pops: number): boolean {
    if (this.isEmpty(0) || this.isEmpty(i)) return this.compareUnderflow(pops);
    return this.finishCompare(this.unit.compare(this.slot(0), this.slot(i)), pops);
  }

  /** FUCOM, FUCOMP, FUCOMPP ST(i) */
  fucom(i: number, pops: number): boolean {
    if (this.isEmpty(0) || this.isEmpty(i)) return this.compareUnderflow(pops);
    return this.finishCompare(this.unit.compareUnordered(this.slot(0), this.slot(i)), pops);
  }

  /** FCOM, FCOMP m32fp */
  fcom32(pops: number): boolean {
    if (this.isEmpty(0)) return this.compareUnderflow(pops);
    return this.compareOperand(this.unit.fromFloat32(X87_OPERAND) & DE, pops);
  }

  /** FCOM, FCOMP m64fp */
  fcom64(pops: number): boolean {
    if (this.isEmpty(0)) return this.compareUnderflow(pops);
    return this.compareOperand(this.unit.fromFloat64(X87_OPERAND) & DE, pops);
  }

  /** FICOM, FICOMP m16int */
  ficom16(pops: number): boolean {
    if (this.isEmpty(0)) return this.compareUnderflow(pops);
    this.unit.fromInt16(X87_OPERAND);
    return this.compareOperand(0, pops);
  }

  /** FICOM, FICOMP m32int */
  ficom32(pops: number): boolean {
    if (this.isEmpty(0)) return this.compareUnderflow(pops);
    this.unit.fromInt32(X87_OPERAND);
    return this.compareOperand(0, pops);
  }

  private compareOperand(denormal: number, pops: number): boolean {
    const codes = this.unit.compare(this.slot(0), X87_OPERAND);
    return this.finishCompare((codes & IE) !== 0 ? codes : codes | denormal, pops);
  }

  /** FCOMI, FCOMIP: ZF, PF and CF to X87_EFLAGS; OF, SF and AF are cleared by the caller. */
  fcomi(i: number, pops: number): boolean {
    if (this.isEmpty(0) || this.isEmpty(i)) return this.finishCompareFlags(CONDITION_CODES | IE | SF, pops);
    return this.finishCompareFlags(this.unit.compare(this.slot(0), this.slot(i)), pops);
  }

  /** FUCOMI, FUCOMIP */
  fucomi(i: number, pops: number): boolean {
    if (this.isEmpty(0) || this.isEmpty(i)) return this.finishCompareFlags(CONDITION_CODES | IE | SF, pops);
    return this.finishCompareFlags(this.unit.compareUnordered(this.slot(0), this.slot(i)), pops);
  }

  private finishCompareFlags(codes: number, pops: number): boolean {
    if (!this.raise(codes & ~CONDITION_CODES)) return false;
    this.words[X87_EFLAGS] =
      ((codes & C0) !== 0 ? CF : 0) | ((codes & C2) !== 0 ? PF : 0) | ((codes & C3) !== 0 ? ZF : 0);
    this.pop(pops);
    return true;
  }

  /** FTST */
  ftst(): boolean {
    if (this.isEmpty(0)) return this.compareUnderflow(0);
    return this.raiseCodes(this.unit.test(this.slot(0)));
  }

  /** FXAM */
  fxam(): boolean {
    const slot = this.slot(0);
    const empty = C3 | C0 | ((this.words[slot + SE] & 0x8000) !== 0 ? C1 : 0);
    return this.raiseCodes(this.isEmpty(0) ? empty : this.unit.examine(slot));
  }

  // ---- Control ----

  /** FNINIT */
  fninit(): boolean {
    const w = this.words;
    w[X87_CONTROL] = CONTROL_INIT;
    w[X87_STATUS] = 0;
    w[X87_TOP] = 0;
    w[X87_FULL] = 0;
    w[X87_FIP] = 0;
    w[X87_FCS] = 0;
    w[X87_FOP] = 0;
    w[X87_FDP] = 0;
    w[X87_FDS] = 0;
    return true;
  }

  /** FNCLEX */
  fnclex(): boolean {
    this.words[X87_STATUS] &= ~(EXCEPTIONS | SF);
    return true;
  }

  /** FLDCW: the control word is in X87_MEM. */
  fldcw(): boolean {
    image.setControlWord(this.words, this.words[X87_MEM]);
    return true;
  }

  /** FNSTCW to X87_MEM. */
  fnstcw(): boolean {
    this.words[X87_MEM] = this.words[X87_CONTROL];
    return true;
  }

  /** FNSTSW to X87_MEM, for m2byte and AX. */
  fnstsw(): boolean {
    this.words[X87_MEM] = image.statusWord(this.words);
    return true;
  }

  /** FNSTENV to X87_BLOCK; masks all exceptions. */
  fnstenv(format: image.ImageFormat): boolean {
    image.writeEnvironment(this.words, format);
    this.words[X87_CONTROL] |= EXCEPTIONS;
    return true;
  }

  /** FLDENV from X87_BLOCK. */
  fldenv(format: image.ImageFormat): boolean {
    image.readEnvironment(this.words, format);
    return true;
  }

  /** FNSAVE to X87_BLOCK; initialises. */
  fnsave(format: image.ImageFormat): boolean {
    image.writeState(this.words, format);
    return this.fninit();
  }

  /** FRSTOR from X87_BLOCK. */
  frstor(format: image.ImageFormat): boolean {
    image.readState(this.words, format);
    return true;
  }

  /** FXSAVE: the first FX_IMAGE_BYTES bytes of the image to X87_BLOCK. */
  fxsave(): boolean {
    image.writeFxImage(this.words);
    return true;
  }

  /** FXRSTOR: the first FX_IMAGE_BYTES bytes of the image from X87_BLOCK. */
  fxrstor(): boolean {
    image.readFxImage(this.words);
    return true;
  }
}
