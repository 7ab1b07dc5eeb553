/** docs/instructions.md as the instruction table has it. */

import {
  type ClockedCpu,
  clockedCpus,
  clockTable,
  confidenceOf,
  formIndex,
  formsOf,
  type Level,
  type Reference,
  type Row,
  rows,
  supports,
} from "../emu/isa/index.ts";

/** Where the page is. */
export const instructionPageFile = "docs/instructions.md";

/** The newest instructions of each clock column: the later models have the P6's and the Pentium's clocks. */
const levels: Readonly<Record<ClockedCpu, Level>> = { i386: 3, i486: 4, pentium: 6 };
const since: Readonly<Record<Level, string>> = { 3: "386", 4: "486", 5: "Pentium", 6: "P6" };

const flagLetters: readonly [string, number][] = [
  ["O", 0x800],
  ["D", 0x400],
  ["I", 0x200],
  ["T", 0x100],
  ["S", 0x80],
  ["Z", 0x40],
  ["A", 0x10],
  ["P", 0x4],
  ["C", 0x1],
];
const allFlags = 0x247fd5;
const conditionCodes: readonly [string, number][] = [
  ["C3", 0x4000],
  ["C2", 0x400],
  ["C1", 0x200],
  ["C0", 0x100],
];

function letters(mask: number, names: readonly [string, number][]): string {
  return names
    .filter(([, bit]) => (mask & bit) !== 0)
    .map(([name]) => name)
    .join("");
}

function flagText({ flags }: Row): string {
  const eflags = (mask: number) => (mask === allFlags ? "all" : letters(mask, flagLetters));
  const parts: [string, string][] = [
    ["tests", eflags(flags.tested)],
    ["writes", eflags(flags.written) + letters(flags.conditionWritten, conditionCodes)],
    ["clears", eflags(flags.cleared)],
    ["sets", eflags(flags.set)],
    ["undefined", eflags(flags.undefined) + letters(flags.conditionUndefined, conditionCodes)],
  ];
  return parts
    .filter(([, names]) => names !== "")
    .map(([verb, names]) => `${verb} ${names}`)
    .join(", ");
}

function referenceText(row: Row): string {
  const one = ({ at, access, bytes, always }: Reference) =>
    `${at}${bytes === 0 ? "v" : bytes}:${access}${always ? "" : "?"}`;
  const texts = row.references.map(one);
  return texts.length === 0 && row.dynamicReferences ? "by case" : texts.join(" ");
}

/** Base clocks with 32-bit operands: register form / memory form, `≈` before what is approximate. */
function clockText(row: Row, cpu: ClockedCpu): string {
  if (!supports(row.id, levels[cpu])) return "";
  const { base, taken, repStart, repEach } = clockTable(cpu);
  const forms = formsOf(row).filter(({ operandSize }) => operandSize === 4);
  const texts = forms.map(({ memory }) => {
    const approximate = confidenceOf(row, memory, 4, cpu) === "C" ? "≈" : "";
    return `${approximate}${base[formIndex(row.id, 4, memory)]}`;
  });
  const text = [...new Set(texts)].join(" / ");
  if (taken[row.id] !== base[formIndex(row.id, 4, false)]) return `${text}, taken ${taken[row.id]}`;
  return repEach[row.id] === 0
    ? text
    : `${text}; rep ${repStart[row.id]} + ${repEach[row.id] === 1 ? "" : repEach[row.id]}n`;
}

function rowText(row: Row): string {
  const { opcode, key, references, flags } = { ...row, references: referenceText(row), flags: flagText(row) };
  const marks = [
    row.alias ? "alias" : "",
    row.privilege === "any" ? "" : row.privilege === "cpl0" ? "CPL 0" : "IOPL",
    row.lockable ? "LOCK" : "",
    row.protectedOnly ? "protected mode" : "",
    row.until < 6 ? "no later" : "",
  ].filter((mark) => mark !== "");
  const clocks = clockedCpus.map((cpu) => clockText(row, cpu));
  return `| ${[`\`${opcode}\``, key, since[row.since], references, flags, marks.join(", "), ...clocks].join(" | ")} |`;
}

function table(list: readonly Row[]): string {
  return [
    "| opcode | instruction | since | references | flags | | i386 | i486 | Pentium, P6 |",
    "|---|---|---|---|---|---|---|---|---|",
    ...list.map(rowText),
  ].join("\n");
}

/** The whole page. */
export function instructionPage(): string {
  const all = rows.slice(1);
  const isX87 = (row: Row) => /^D[89A-F]/.test(row.opcode);
  const oneByte = all.filter((row) => !row.opcode.startsWith("0F") && !isX87(row));
  const twoByte = all.filter((row) => row.opcode.startsWith("0F"));
  return `# Instructions

Generated from the instruction table (\`emu/isa/\`) by \`npm run docs\`; a test fails when it is not current.
${all.length} rows, ${all.flatMap(formsOf).length} forms (register or memory operand, 16 or 32 bits).

**opcode**: \`/r\` a ModRM byte follows, \`/3\` one with that digit, \`+r\` the low three bits name a register, \`+i\` an x87
register. **instruction**: operands as in the opcode map of the Intel SDM (volume 2D, appendix A.2). **since**: the first
processor that has it; on older ones it is #UD.

**references**: the data references in order, each one TLB lookup (two if it crosses a page). This list defines what the
counters count. \`E\` the ModRM or direct operand, \`S\` the stack, \`X\` and \`Y\` the string operands at (E)SI and (E)DI, \`B\`
XLAT's table, \`D\` a descriptor; then bytes (\`v\`: operand size), access (\`rw\`: one reference with write intent), \`?\` if it
depends on the state. Repeated strings make theirs once per iteration. \`by case\`: gates, privilege changes, levels of ENTER.

**Clocks**: base clocks in protected mode, 32-bit operands, everything in the TLB and the cache: register form / memory form.
\`taken 7\`: a taken branch. \`rep 5 + 4n\`: n iterations with a repeat prefix. **\`≈\`: approximate**, because the figure is recalled,
inferred, borrowed from another processor or assumed (confidence C in \`emu/isa/timing-table.ts\`, or \`assumedClocks\` in
\`emu/isa/pricing.ts\`, each with its reason). The models later than the Pentium have its clocks.

## One byte

${table(oneByte)}

## Two bytes

${table(twoByte)}

## x87

${table(all.filter(isX87))}
`;
}
