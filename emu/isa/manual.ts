/** Where the Intel SDM, volume 2, describes a row. */

import type { Row } from "./row.ts";

/** Pages that describe several mnemonics. */
const sharedPages = [
  "CBW/CWDE/CDQE",
  "CWD/CDQ/CQO",
  "CMPS/CMPSB/CMPSW/CMPSD/CMPSQ",
  "CMPXCHG8B/CMPXCHG16B",
  "FADD/FADDP/FIADD",
  "FCLEX/FNCLEX",
  "FCOM/FCOMP/FCOMPP",
  "FCOMI/FCOMIP/FUCOMI/FUCOMIP",
  "FDIV/FDIVP/FIDIV",
  "FDIVR/FDIVRP/FIDIVR",
  "FICOM/FICOMP",
  "FINIT/FNINIT",
  "FIST/FISTP",
  "FLD1/FLDL2T/FLDL2E/FLDPI/FLDLG2/FLDLN2/FLDZ",
  "FMUL/FMULP/FIMUL",
  "FSAVE/FNSAVE",
  "FST/FSTP",
  "FSTCW/FNSTCW",
  "FSTENV/FNSTENV",
  "FSTSW/FNSTSW",
  "FSUB/FSUBP/FISUB",
  "FSUBR/FSUBRP/FISUBR",
  "FUCOM/FUCOMP/FUCOMPP",
  "INS/INSB/INSW/INSD",
  "INT n/INTO/INT3/INT1",
  "IRET/IRETD/IRETQ",
  "LDS/LES/LFS/LGS/LSS",
  "LGDT/LIDT",
  "LODS/LODSB/LODSW/LODSD/LODSQ",
  "LOOP/LOOPcc",
  "MOVS/MOVSB/MOVSW/MOVSD/MOVSQ",
  "MOVSX/MOVSXD",
  "OUTS/OUTSB/OUTSW/OUTSD",
  "POPA/POPAD",
  "POPF/POPFD/POPFQ",
  "PUSHA/PUSHAD",
  "PUSHF/PUSHFD/PUSHFQ",
  "RCL/RCR/ROL/ROR",
  "SAL/SAR/SHL/SHR",
  "SCAS/SCASB/SCASW/SCASD",
  "STOS/STOSB/STOSW/STOSD/STOSQ",
  "VERR/VERW",
  "WAIT/FWAIT",
  "XLAT/XLATB",
];

const pageOf = new Map<string, string>();
for (const page of sharedPages) for (const name of page.split("/")) pageOf.set(name, page);
for (const [name, page] of [
  ["INT", "INT n/INTO/INT3/INT1"],
  ["LOOPE", "LOOP/LOOPcc"],
  ["LOOPNE", "LOOP/LOOPcc"],
  ["JCXZ/JECXZ", "Jcc"],
  ["CBW/CWDE", "CBW/CWDE/CDQE"],
  ["CWD/CDQ", "CWD/CDQ/CQO"],
  ["RETF", "RET"],
  ["UD0", "UD"],
  ["UD1", "UD"],
  ["UD2", "UD"],
]) {
  pageOf.set(name, page);
}

/** Rows that the SDM does not describe. */
const undocumented = new Set(["SALC", "FNENI", "FNDISI", "FNSETPM", "FFREEP"]);

/** Volume and page, e.g. "SDM 2A FADD/FADDP/FIADD"; null for undocumented instructions. */
export function manualPage(row: Row): string | null {
  if (undocumented.has(row.mnemonic)) return null;
  const page = headingOf(row);
  const letter = page[0];
  return `SDM ${letter <= "L" ? "2A" : letter <= "U" ? "2B" : letter === "V" ? "2C" : "2D"} ${page}`;
}

function headingOf(row: Row): string {
  if (row.condition >= 0) return row.family.split(" ")[0];
  if (row.mnemonic.startsWith("FCMOV")) return "FCMOVcc";
  const methods = row.operands.map(({ method }) => method);
  if (row.mnemonic === "MOV" && methods.includes("C")) return "MOV: Move to/from Control Registers";
  if (row.mnemonic === "MOV" && methods.includes("D")) return "MOV: Move to/from Debug Registers";
  return pageOf.get(row.mnemonic) ?? row.mnemonic;
}
