/** docs/syscalls.md as the system call table has it. */

import { SYSCALL_NAMES } from "../kernel/index.ts";
import { absentSyscalls, forbiddenSyscalls } from "../kernel/syscall/system.ts";
import { syscalls } from "../kernel/syscall/table.ts";

const width = 120;

/** Words in lines of at most `width` characters. */
function paragraph(words: readonly string[]): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line.length + word.length + 1 > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}

function named(numbers: readonly number[]): string {
  if (numbers.length === 0) return "None.";
  return paragraph(numbers.map((number, i) => `${SYSCALL_NAMES[number]}${i < numbers.length - 1 ? "," : "."}`));
}

/** The whole page. */
export function syscallPage(): string {
  const absent = new Set(absentSyscalls.map(([number]) => number));
  const forbidden = new Set(forbiddenSyscalls.map(([number]) => number));
  const numbers = Object.keys(SYSCALL_NAMES).map(Number);
  const present = numbers.filter((number) => syscalls[number] !== undefined);
  const implemented = present.filter((number) => !absent.has(number) && !forbidden.has(number));
  const missing = numbers.filter((number) => syscalls[number] === undefined);
  return `# System calls

Generated from the system call table (\`kernel/syscall/table.ts\`) by \`npm run docs\`; a test fails when it is not current.
Programs enter by \`int $0x80\` or SYSENTER; numbers, arguments and results are those of Linux for i386.

## Implemented: ${implemented.length}

${named(implemented)}

## Refused by design

Silently, as by a kernel that was built without them: ENOSYS.

${named(numbers.filter((number) => absent.has(number)))}

As root in a container is refused them: EPERM.

${named(numbers.filter((number) => forbidden.has(number)))}

## Not written

ENOSYS, and one line on standard error at the first call of each number (\`--quiet\` silences it).

${named(missing)}
`;
}
