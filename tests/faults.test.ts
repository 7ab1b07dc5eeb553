/** `pagewalk faults`: every fault once, in words and in JSON alike, and records that notice any change. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { Failure } from "../cli/failure.ts";
import {
  createMachine,
  type FaultFilter,
  type FaultRecording,
  FaultTrace,
  faultColumns,
  faultDifference,
  faultHeading,
  faultLine,
  faultRecordingText,
  faultSummaryText,
  parseFaultRecording,
  setupDifferences,
  type TracedFault,
} from "../observe/index.ts";
import { pagewalk } from "./package.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-faults-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

interface Traced {
  readonly faults: readonly TracedFault[];
  readonly trace: FaultTrace;
  readonly machine: ReturnType<typeof createMachine>;
}

function traced(name: string, filter: FaultFilter = {}): Traced {
  const machine = createMachine({ mem: 32 << 20 });
  const faults: TracedFault[] = [];
  const trace = new FaultTrace(machine, (fault) => faults.push(fault), filter);
  machine.load(readFileSync(`images/bin/${name}`), { name });
  assert.is(machine.run().reason, "exit");
  return { faults, trace, machine };
}

/** The columns that depend on the program alone. */
function essence(fault: TracedFault): string {
  const words = faultLine(fault).trim().split(/ +/);
  return ["eip", "symbol", "address", "error", "region", "kind", "syscall"]
    .map((name) => words[faultColumns.findIndex(([column]) => column === name)])
    .join(" ");
}

test("what happens in a small program, fault by fault", () => {
  assert.equal(traced("hello").faults.map(essence), [
    "00000000 - bfffff9c kw- [stack] zero kernel",
    "08048074 _start+0x0 08048074 ur- /hello file-major -",
  ]);
  const last = traced("null").faults.at(-1);
  assert.ok(last);
  assert.is(last.address, 0);
  assert.match(essence(last), /^0804\w+ third\.constprop\.0\+0x8 00000000 ur- \[unmapped\] SEGV-MAPERR -$/);
  const repaired = traced("repair").faults.map(essence);
  assert.is(repaired.filter((line) => line.includes(" SEGV-ACCERR ")).length, 5);
  assert.match(repaired.at(-1) ?? "", / uwp \[anon\] COW-copy -$/);
});

test("entries before and after: what a refused fault meets is told, what a resolved one makes is there", () => {
  const { faults } = traced("repair");
  const refused = faults.find(({ signal, present }) => signal === "SEGV_ACCERR" && present);
  assert.ok(refused);
  assert.is(refused.pteBefore, refused.pteAfter);
  assert.is(refused.pteBefore & 3, 1, "present and read-only");
  for (const { pteAfter, frame, signal, access } of faults) {
    if (signal !== null) continue;
    assert.is(pteAfter & 1, 1);
    assert.is(frame, pteAfter >>> 12);
    if (access === "write") assert.is(pteAfter & 2, 2);
  }
});

test("time runs forward, and each event is what the machine counted", () => {
  for (const name of ["demo", "cow", "shared", "repair", "thread"]) {
    const { faults, trace, machine } = traced(name);
    for (const [n, { fault, instructions, cycles }] of faults.entries()) {
      assert.is(fault, n + 1);
      assert.ok(n === 0 || instructions >= faults[n - 1].instructions);
      assert.ok(n === 0 || cycles >= faults[n - 1].cycles);
    }
    const counted = Object.entries(machine.counters.faults).filter(([, count]) => count > 0);
    const kinds = new Map<string, number>();
    for (const { kind } of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    assert.equal(Object.fromEntries(kinds), Object.fromEntries(counted.sort()), name);
    const summary = trace.summary();
    assert.is(summary.faults, faults.length);
    assert.is(summary.minor + summary.major + summary.refused, faults.length);
    const parts = [summary.kinds, summary.processes].map((of) =>
      Object.values(of).reduce((sum, { faults: n }) => sum + n, 0),
    );
    assert.equal(parts, [faults.length, faults.length]);
  }
});

test("nobody notices that somebody listens", () => {
  const silent = createMachine({ mem: 32 << 20 }).load(readFileSync("images/bin/demo"), { name: "demo" });
  silent.run();
  assert.equal(traced("demo").machine.counters, silent.counters);
});

test("the kernel's own accesses carry the system call", () => {
  const byKernel = traced("demo").faults.filter(({ by }) => by === "kernel");
  assert.ok(byKernel.length > 0);
  assert.is(byKernel[0].syscall, null, "the stack of the program that starts");
  for (const { by, syscall } of traced("filemap").faults) if (by === "program") assert.is(syscall, null);
});

test("filters tell a part, with the numbers of the whole", () => {
  const { faults } = traced("cow");
  const choices: [FaultFilter, (fault: TracedFault) => boolean][] = [
    [{ kinds: ["cow"] }, ({ kind }) => kind.startsWith("COW")],
    [{ kinds: ["cow-copy", "file-major"] }, ({ kind }) => kind === "COW copy" || kind === "file major"],
    [{ kinds: ["zero"] }, ({ kind }) => kind === "zero"],
    [{ kinds: ["kernel"] }, ({ by }) => by === "kernel"],
    [{ kinds: ["major"] }, ({ major }) => major],
    [{ pids: [3] }, ({ pid }) => pid === 3],
    [{ pids: [2, 3], kinds: ["read"] }, ({ access }) => access === "read"],
    [{ pids: [99] }, () => false],
  ];
  for (const [filter, chosen] of choices) assert.equal(traced("cow", filter).faults, faults.filter(chosen));
});

test("a name with blanks stays one word", () => {
  const [fault] = traced("hello").faults;
  const line = faultLine({ ...fault, region: "/a b\\c\td\x1b[", symbol: "" });
  assert.is(line.trim().split(/ +/).length, faultColumns.length);
  assert.match(line, " /a\\040b\\134c\\011d\\033[ ");
});

test("stop() ends run() after the fault at hand, and the program can go on", () => {
  const whole = traced("cow");
  const machine = createMachine({ mem: 32 << 20 });
  let heard = 0;
  machine.on("fault", () => {
    if (++heard % 5 === 0) machine.stop();
  });
  machine.load(readFileSync("images/bin/cow"), { name: "cow" });
  const stops: number[] = [];
  let { reason } = machine.run();
  while (reason === "stopped") {
    stops.push(heard);
    ({ reason } = machine.run());
  }
  assert.is(reason, "exit");
  assert.equal(stops, [5, 10, 15, 20, 25]);
  assert.equal(machine.counters, whole.machine.counters);
});

const recordingOf = (name: string, setup = {}): FaultRecording => {
  const { faults } = traced(name);
  return { setup, lines: faults.map(faultLine), ending: "exit status 0" };
};

test("a record comes back as it was written", () => {
  const recording = recordingOf("cow", { cpu: "p6", arguments: ["a\nb", "ü"], mem: 5 });
  const text = faultRecordingText(recording);
  assert.equal(parseFaultRecording(text), recording);
  assert.is(faultRecordingText(recordingOf("cow", recording.setup)), text, "the same bytes");
  const none = { ...recording, lines: [] };
  assert.equal(parseFaultRecording(faultRecordingText(none)), none);
});

test("a damaged record is named in one clause", () => {
  const text = faultRecordingText(recordingOf("hello", { cpu: "p6" }));
  const damaged: [string, RegExp][] = [
    ["", /^an empty file/],
    ["hello\n", /^not a record/],
    [text.replace("record 1", "record 2"), /^record version 2, this is version 1$/],
    [text.slice(0, -1), /^a truncated record/],
    [text.slice(0, text.indexOf("end:")), /^a truncated record/],
    [text.replace("end: 2 faults", "end: 3 faults"), /^a damaged record: 2 faults/],
    [text.replace('cpu: "p6"', 'cpu: "p6'), /^line 2 is no setting/],
    [text.replace('cpu: "p6"', "cpu p6"), /^line 2 is no setting/],
    [text.replace("fault instructions", "fault cycles"), /^line 4 does not name the columns/],
    [text.replace(/\n +1 [^\n]*/, "\n 1 2 3"), /^line 5 is no fault: {2}1 2 3$/],
    [text.replaceAll("\n", "\r\n"), /./],
  ];
  for (const [bytes, complaint] of damaged) {
    const answer = parseFaultRecording(bytes);
    assert.type(answer, "string");
    assert.match(String(answer), complaint);
    assert.not.match(String(answer), "\n");
  }
});

/** A recording with one line changed. */
const edited = (recording: FaultRecording, line: number, edit: (text: string) => string[]): FaultRecording => ({
  ...recording,
  lines: recording.lines.flatMap((text, n) => (n === line ? edit(text) : [text])),
});

test("a difference is shown among its neighbours and told in words", () => {
  const recording = recordingOf("cow");
  assert.is(faultDifference(recording, recording), null);
  const kind = faultDifference(
    edited(recording, 11, (line) => [line.replace("COW-copy ", "COW-reuse")]),
    recording,
  );
  assert.match(kind ?? "", /^--- recorded\n\+\+\+ this run\n@@ fault 12; 25 faults recorded, 25 in this run @@\n/);
  const rows = (kind ?? "").split("\n");
  assert.is(rows.filter((row) => row.startsWith("-")).length, 2);
  assert.is(rows.filter((row) => row.startsWith("+")).length, 2);
  assert.is(rows[3], ` ${faultHeading().trimEnd()}`);
  assert.is(rows[4], ` ${recording.lines[8].trimEnd()}`);
  assert.match(rows.at(-2) ?? "", /^fault 12: kind was COW-reuse, is COW-copy$/);

  const missing = edited(recording, 11, () => []);
  assert.match(
    faultDifference(recording, missing) ?? "",
    /\nfault 12: the record has 1 fault before it that this run has not\n$/,
  );
  assert.match(
    faultDifference(missing, recording) ?? "",
    /\nfault 12: this run has 1 fault before it that the record has not\n$/,
  );
  const cut = { ...recording, lines: recording.lines.slice(0, 20) };
  assert.match(faultDifference(recording, cut) ?? "", /\nfault 21: this run has no more, the record has 5 more\n$/);
  assert.match(faultDifference(cut, recording) ?? "", /\nfault 21: the record has no more, this run has 5 more\n$/);
  assert.match(faultDifference(recording, { ...recording, lines: [] }) ?? "", /^fault 1: /m);
  assert.is(
    faultDifference(recording, { ...recording, ending: "exit status 7" }),
    "the record ends with exit status 0, this run with exit status 7\n",
  );
});

test("columns that are ignored do not matter, the others do", () => {
  const recording = recordingOf("cow");
  const later = edited(recording, 3, (line) => [line.replace(/^( +\d+ +\d+ +)\d/, "$19")]);
  assert.match(faultDifference(recording, later) ?? "", /\nfault 4: cycles was \d+, is 9\d+\n$/);
  assert.is(faultDifference(recording, later, ["cycles"]), null);
  assert.ok(faultDifference(recording, later, ["instructions", "before"]));
});

test("setups: what differs, name by name", () => {
  assert.equal(setupDifferences({ cpu: "p6", mem: "1K" }, { cpu: "p6", mem: "1K" }), []);
  assert.equal(setupDifferences({ cpu: "p6", kind: ["cow"] }, { cpu: "i386", seed: "2" }), [
    'cpu is "i386", the record has "p6"',
    'kind is absent, the record has ["cow"]',
    'seed is "2", the record has absent',
  ]);
});

test("the command: text, JSON and JSON lines say the same", () => {
  const [json, lines, text] = [at("f.json"), at("f.jsonl"), at("f.txt")];
  const words = ["faults", "--mem=32M", "-o", text, "--json", json, "--jsonl", lines, "images/bin/cow"];
  const { status, stderr, stdout } = pagewalk(words);
  assert.is(status, 0);
  assert.is(stderr, "");
  assert.match(stdout, "parent sees QQQQQQQQ\n");
  const report = JSON.parse(readFileSync(json, "utf8")) as { faults: TracedFault[]; summary: never; schema: number };
  assert.is(report.schema, 1);
  const shown = readFileSync(text, "utf8");
  assert.is(shown, faultHeading() + report.faults.map(faultLine).join("") + faultSummaryText(report.summary));
  assert.is(readFileSync(lines, "utf8"), report.faults.map((fault) => `${JSON.stringify(fault)}\n`).join(""));
  const once = pagewalk(["faults", "--mem=32M", "images/bin/cow"]);
  assert.is(once.stderr, shown);
  const counts = pagewalk(["faults", "--mem=32M", "-c", "--kind", "cow,segv", "-p", "3", "images/bin/cow"]);
  assert.match(counts.stderr, /^\n {2}kind +faults /);
  assert.match(counts.stderr, /\n {2}all +4 /);
});

test("--record and --check: the same is 0, a change is told with 123", () => {
  const record = at("cow.faults");
  const run = (...words: string[]) => pagewalk(["faults", "-c", "-o", at("out"), ...words]);
  assert.is(run("--record", record, "images/bin/cow").status, 0);
  const bytes = readFileSync(record, "utf8");
  assert.is(run("--record", record, "images/bin/cow").status, 0);
  assert.is(readFileSync(record, "utf8"), bytes);
  const same = run("--check", record, "images/bin/cow");
  assert.equal([same.status, same.stderr], [0, `pagewalk: the faults are those of ${record}\n`]);

  const changed = at("changed.faults");
  writeFileSync(changed, bytes.replace(" COW-copy ", " COW-reuse "));
  const edit = run("--check", changed, "images/bin/cow");
  assert.is(edit.status, 123);
  assert.match(edit.stderr, /\nfault 12: kind was COW-reuse, is COW-copy\n$/);
  assert.not.match(edit.stderr, "note:");

  const cpu = run("--cpu", "i486", "--mem", "16M", "--check", record, "images/bin/cow");
  assert.is(cpu.status, 123);
  assert.match(cpu.stderr, 'note: cpu is "i486", the record has "p6"\n');
  assert.match(cpu.stderr, 'note: mem is "16384K", the record has "262144K"\n');
  const program = run("--check", record, "images/bin/shared");
  assert.is(program.status, 123);
  assert.match(program.stderr, /note: sha256 is "\w{64}", the record has "\w{64}"\n/);
  const filtered = run("--kind", "cow", "--check", record, "images/bin/cow");
  assert.match(filtered.stderr, 'note: kind is ["cow"], the record has absent\n');
  const ignored = run("--cpu", "i486", "--ignore", "cycles,before,after", "--check", record, "images/bin/cow");
  assert.is(ignored.status, 0);
  assert.match(ignored.stderr, ', although cpu is "i486"');

  assert.is(run("--record", at("null.faults"), "images/bin/null").status, 139);
  assert.is(run("--check", at("null.faults"), "images/bin/null").status, 0, "how it ends is a part of the record");
});

function mistaken(words: readonly string[], complaint: string | RegExp): void {
  try {
    execute(["faults", ...words]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    assert.match(error.message, complaint);
    assert.not.match(error.message, "\n");
    assert.is(error.status, 2);
    return;
  }
  throw new Error(`${words.join(" ")} is no mistake`);
}

test("mistakes are one line", () => {
  const hello = "images/bin/hello";
  mistaken([], "faults: no program given");
  mistaken(["--kind", "cows", hello], /^--kind cows: allowed are zero, /);
  mistaken(["--kind", "cow,", hello], /^--kind : allowed are /);
  for (const pid of ["x", "0", "-1", "1.5", "99999999999", "2,y"])
    mistaken([`--pid=${pid}`, hello], /^--pid .*: a whole number/);
  mistaken(["--ignore", "cycles", hello], "--ignore needs --check FILE");
  mistaken(["--ignore", "cycle", "--check", "x", hello], /^--ignore cycle: allowed are fault, instructions, /);
  mistaken(["--check", directory, hello], `--check ${directory}: is a directory`);
  mistaken(["--check", at("nowhere"), hello], `--check ${at("nowhere")}: no such file or directory`);
  mistaken(["--check", "/dev/null", hello], "--check /dev/null: an empty file, no record of faults");
  mistaken(["--check", "package.json", hello], "--check package.json: not a record of pagewalk faults");
  mistaken(["--record", directory, hello], `--record ${directory}: cannot be written: is a directory`);
  mistaken(["-o", at("no/where"), hello], `--output ${at("no/where")}: cannot be written: no such file or directory`);
  mistaken(["--jsonl", at("no/where"), hello], /^--jsonl .*: cannot be written/);
  mistaken(["--check"], "option --check needs a value");
  mistaken(["--json=-", "--jsonl=-", hello], "--jsonl -: the same file as that of --json");
});

test("a program that does not start leaves the record as it was, and no heading", () => {
  const record = at("kept.faults");
  writeFileSync(record, "kept");
  const { status, stderr } = pagewalk(["faults", "--record", record, at("no-such-program")]);
  assert.is(status, 127);
  assert.match(stderr, /^pagewalk: cannot run [^\n]*\n$/);
  assert.is(readFileSync(record, "utf8"), "kept");
});

test.run();
