/** The timing table: every line belongs to a row, every row has clocks, and the rules that make one number of a figure. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  allForms,
  assumedClocks,
  type ClockedCpu,
  clockedCpus,
  clocksOf,
  clockTable,
  keys,
  manualPage,
  penalties,
  priceAll,
  pricedLike,
  type Row,
  repeatedTimingsOf,
  rows,
  rowsOf,
  timings,
  timingsOf,
} from "../emu/isa/index.ts";
import { readFigure } from "../emu/isa/timing.ts";

const row = (key: string, opcode?: string): Row => {
  const found = rowsOf(key).find((each) => opcode === undefined || each.opcode === opcode);
  if (found === undefined) throw new Error(`${key} ${opcode}`);
  return found;
};

test("figures", () => {
  const read = (text: string): string => {
    const figure = readFigure(text);
    return figure === null
      ? "none"
      : `${figure.low}-${figure.high} m${figure.m} n${figure.n} x${figure.x} ts${figure.ts}`;
  };
  assert.is(read("7"), "7-7 m0 n0 x0 ts0");
  assert.is(read("9-14"), "9-14 m0 n0 x0 ts0");
  assert.is(read("7+m"), "7-7 m1 n0 x0 ts0");
  assert.is(read("5+4*n"), "5-5 m0 n4 x0 ts0");
  assert.is(read("13+n"), "13-13 m0 n1 x0 ts0");
  assert.is(read("15+4*(n-1)"), "11-11 m0 n4 x0 ts0");
  assert.is(read("94+4*x+m"), "94-94 m1 n0 x4 ts0");
  assert.is(read("5+ts"), "5-5 m0 n0 x0 ts1");
  assert.is(read("3/1"), "1-3 m0 n0 x0 ts0");
  assert.is(read("2000+"), "2000-2000 m0 n0 x0 ts0");
  assert.is(read("-"), "none");
  assert.throws(() => readFigure("about 7"), /figure about 7/);
});

test("every line of the table is some row's, except the LOCK prefix", () => {
  const used = new Set(rows.flatMap(({ id }) => [...timingsOf(id), ...repeatedTimingsOf(id)]));
  const unused = timings().filter((timing) => !used.has(timing));
  assert.equal(
    unused.map(({ mnemonic }) => mnemonic),
    ["LOCK"],
  );
  assert.ok(penalties().length > 30);
});

test("a line's mnemonic is that of its rows", () => {
  for (const { id, mnemonic, key } of rows) {
    const own = [...mnemonic.split("/"), mnemonic.replace(/^FN/, "F")];
    for (const timing of [...timingsOf(id), ...repeatedTimingsOf(id)]) {
      const names = timing.mnemonic.replace(/^(REP|REPE\/REPNE) /, "").split("/");
      // IRETD is IRET with 32-bit operands.
      assert.ok(
        names.some((name) => own.includes(name) || own.includes(name.replace(/D$/, ""))),
        `${key}: ${timing.mnemonic}`,
      );
    }
  }
});

test("rows without a line are exactly those with an assumption", () => {
  const without = new Set(rows.slice(1).filter(({ id }) => timingsOf(id).length === 0));
  const explained = new Set([...Object.keys(assumedClocks), ...Object.keys(pricedLike)]);
  const unexplained = [...without].filter(({ key, family }) => !explained.has(key) && !explained.has(family));
  assert.equal(
    unexplained.map(({ key }) => key),
    [],
  );
  for (const name of Object.keys(assumedClocks)) {
    assert.ok(
      rowsOf(name).every((each) => without.has(each)),
      `${name} has a line and an assumption`,
    );
  }
  console.log(`${rows.length - 1 - without.size} rows with lines, ${without.size} without`);
});

test("every form of every row has clocks on every processor", () => {
  for (const cpu of clockedCpus) {
    for (const { row: each, memory, operandSize } of allForms()) {
      assert.ok(clocksOf(each.id, memory, cpu, operandSize) > 0, `${each.key} on ${cpu}`);
    }
  }
});

/** Register, memory clocks on i386, i486, Pentium; figures of the manuals, protected mode. */
const wellKnown: [string, string][] = [
  ["ADD Ev,Gv", "2/7 1/3 1/3"],
  ["ADD Gv,Ev", "2/6 1/2 1/2"],
  ["CMP Ev,Gv", "2/5 1/2 1/2"],
  ["MOV Gv,Ev", "2/4 1/1 1/1"],
  ["MOV Ev,Gv", "2/2 1/1 1/1"],
  ["MOV eAX,Ov", "4/4 1/1 1/1"],
  ["PUSH Zv", "2/2 1/1 1/1"],
  ["PUSH Ev", "2/5 4/4 1/2"],
  ["POP Zv", "4/4 4/4 1/1"],
  ["CALL Jv", "8/8 3/3 1/1"],
  ["RET", "11/11 5/5 2/2"],
  ["JMP Ev", "8/11 5/5 2/2"],
  ["LEA Gv,M", "2/2 1/1 1/1"],
  ["MUL Ev", "9/12 13/13 10/10"],
  ["DIV Ev", "38/41 40/40 41/41"],
  ["SHL Ev,Ib", "3/7 2/4 1/3"],
  ["SHL Ev,CL", "3/7 3/4 4/4"],
  ["SETZ Eb", "4/5 3/4 1/2"],
  ["MOVS Yv,Xv", "7/7 7/7 4/4"],
  ["INT Ib", "99/99 71/71 48/48"],
  ["FADD m64fp", "29/29 8/8 1/1"],
  ["FDIV ST0,STi", "88/88 73/73 39/39"],
  ["FDIV STi,ST0", "88/88 73/73 39/39"],
  ["FXCH STi", "18/18 4/4 1/1"],
];

test("well-known clocks", () => {
  for (const [key, expected] of wellKnown) {
    const { id } = row(key);
    const actual = clockedCpus.map((cpu) => `${clocksOf(id, false, cpu)}/${clocksOf(id, true, cpu)}`).join(" ");
    assert.is(actual, expected, key);
  }
});

test("operand size, branches taken, repeated strings, system registers", () => {
  assert.is(clocksOf(row("DIV Ev").id, false, "pentium", 2), 25);
  assert.is(clocksOf(row("MUL Ev").id, false, "pentium", 2), 11);
  const taken = (key: string, cpu: ClockedCpu): string => {
    const { id } = row(key);
    return `${clocksOf(id, false, cpu)}/${clockTable(cpu).taken[id]}`;
  };
  assert.is(taken("JZ Jb", "i386"), "3/8");
  assert.is(taken("JZ Jv", "i486"), "1/3");
  assert.is(taken("JZ Jb", "pentium"), "1/1");
  assert.is(taken("LOOP Jb", "pentium"), "6/5");
  assert.is(taken("INTO", "i486"), "3/73");
  const repeated = (key: string): string => {
    const { id } = row(key);
    return clockedCpus.map((cpu) => `${clockTable(cpu).repStart[id]}+${clockTable(cpu).repEach[id]}n`).join(" ");
  };
  assert.is(repeated("MOVS Yb,Xb"), "5+4n 12+3n 13+1n");
  assert.is(repeated("STOS Yv,eAX"), "5+5n 7+4n 10+1n");
  assert.is(repeated("SCAS AL,Yb"), "5+8n 7+5n 9+4n");
  assert.is(repeated("INS Yb,DX"), "7+6n 10+8n 8+3n");
  assert.is(clocksOf(row("MOV Cd,Rd", "0F 22 /3").id, false, "pentium"), 46);
  assert.is(clocksOf(row("MOV Cd,Rd", "0F 22 /0").id, false, "i386"), 10);
});

test("every row names its page of the SDM or is undocumented", () => {
  const without = new Set(rows.slice(1).filter((each) => manualPage(each) === null));
  assert.equal(
    [...new Set([...without].map(({ mnemonic }) => mnemonic))],
    ["SALC", "FNENI", "FNDISI", "FNSETPM", "FFREEP"],
  );
  assert.is(manualPage(row("FIADD m32int")), "SDM 2A FADD/FADDP/FIADD");
  assert.is(manualPage(row("JZ Jb")), "SDM 2A Jcc");
  assert.is(manualPage(row("XADD Ev,Gv")), "SDM 2D XADD");
  assert.ok(keys.length > 500);
});

test("the recorded figures are what the timing table says", () => {
  for (const cpu of clockedCpus) assert.equal(clockTable(cpu), priceAll(cpu), "run tests/record-clocks.ts");
});

test.run();
