/** The forms of a row: operand size 16 or 32, register or memory operand. What coverage and the clocks are counted by. */

import type { Decoded } from "./decoded.ts";
import type { Row } from "./row.ts";
import { rows } from "./table.ts";

export interface Form {
  readonly row: Row;
  /** Explicit memory operand (ModRM or moffs). */
  readonly memory: boolean;
  /** 4 also where the operand size does not matter. */
  readonly operandSize: 2 | 4;
}

export const FORMS_PER_ROW = 4;

/** row * 4, + 2 with operand size 4, + 1 with an explicit memory operand. */
export function formIndex(row: number, operandSize: number, memory: boolean): number {
  return row * FORMS_PER_ROW + (operandSize === 4 ? 2 : 0) + (memory ? 1 : 0);
}

/** `formIndex` of a decoded instruction. */
export function formOf(d: Decoded): number {
  return formIndex(d.row, d.operandSize, d.memory);
}

/** Does the operand size prefix change what the row does? */
export function usesOperandSize(row: Row, memory: boolean): boolean {
  const bySize = (type: string): boolean => ["v", "p", "a", "s", "bs"].includes(type) || type.startsWith("e");
  return (
    /^(CBW|CWD)/.test(row.mnemonic) ||
    row.references.some(({ bytes }) => bytes === 0) ||
    row.operands.some(({ type }) => bySize(type)) ||
    (!memory && row.operands.some(({ type }) => type === "Rv/Mw")) ||
    (/^(RET|RETF|IRET|JMP|CALL)$/.test(row.mnemonic) && row.operands[0]?.text !== "Jb") ||
    (!memory && row.key === "MOV Sw,Ew")
  );
}

/** The forms of one row; short jumps count with one operand size although 66 truncates their target. */
export function formsOf(row: Row): Form[] {
  const methods = row.operands.map(({ method }) => method);
  const places = methods.includes("E") ? [false, true] : [methods.some((method) => "MmO".includes(method))];
  return places.flatMap((memory) => {
    const sizes: (2 | 4)[] = usesOperandSize(row, memory) ? [2, 4] : [4];
    return sizes.map((operandSize) => ({ row, memory, operandSize }));
  });
}

/** Every form of every row, in table order. */
export function allForms(): Form[] {
  return rows.slice(1).flatMap(formsOf);
}

/** How often each form was executed. */
export class FormCoverage {
  /** By `formIndex`. */
  readonly counts = new Float64Array(rows.length * FORMS_PER_ROW);

  record(d: Decoded): void {
    this.counts[formOf(d)]++;
  }

  /** A form's count; where the operand size does not matter, of both. */
  countOf({ row, memory, operandSize }: Form): number {
    const count = this.counts[formIndex(row.id, operandSize, memory)];
    return usesOperandSize(row, memory) ? count : count + this.counts[formIndex(row.id, 2, memory)];
  }

  /** Forms executed less than `least` times. */
  below(least = 1): Form[] {
    return allForms().filter((form) => this.countOf(form) < least);
  }
}
