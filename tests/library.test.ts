/** The library as a program uses it, and the example of the README. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ENOENT } from "../kernel/index.ts";
import {
  BootError,
  createMachine,
  type MachineEvents,
  MemoryTree,
  type RunResult,
  type SyscallEvent,
} from "../observe/index.ts";
import { exampleOf, runExample } from "./documents.ts";
import { buildElf } from "./elf-builder.ts";
import { loadImages } from "./images.ts";

const images = new Map(loadImages("images/manifest.json").map((image) => [image.name, image]));
const elf = (name: string) => readFileSync(`images/bin/${name}`);
const mem = 16 << 20;

const ended: RunResult = { reason: "exit", exitStatus: 0, signal: null, coreDumped: false, fault: null };

test("a program runs to its end and leaves its output", () => {
  const machine = createMachine({ mem }).load(elf("hello"), { name: "hello" });
  assert.equal(machine.run(), ended);
  assert.is(machine.stdout, "hello, paged world\n");
  assert.is(machine.stderr, "");
  assert.is(machine.counters.instructions, machine.instructions);
  assert.equal(machine.run(), ended, "asking again gives the same answer");
});

test("argv and environment are the program's, in UTF-8", () => {
  const machine = createMachine({ mem });
  machine.load(elf("args"), { argv: ["args", "zwölf Boxkämpfer", ""], env: { KÖNIG: "Ø=1", EMPTY: "" } });
  assert.is(machine.run().reason, "exit");
  assert.match(machine.stdout, "argc 3,");
  assert.match(machine.stdout, 'argv[1] = "zwölf Boxkämpfer"\nargv[2] = ""\n');
  assert.match(machine.stdout, "\nenv KÖNIG=Ø=1\nenv EMPTY=\nAT_PAGESZ");
});

test("a budget stops exactly, in whatever pieces a program runs", () => {
  const whole = createMachine({ mem }).load(elf("demo"));
  whole.run();
  const pieces = createMachine({ mem }).load(elf("demo"));
  let instructions = 0;
  for (let result = pieces.run(10_007); result.reason === "budget"; result = pieces.run(10_007)) {
    instructions += 10_007;
    assert.is(pieces.instructions, instructions);
  }
  assert.is(pieces.stdout, whole.stdout);
  assert.equal(pieces.counters, whole.counters);
});

test("a budget that the last instruction fits is enough", () => {
  const hello = createMachine({ mem }).load(elf("hello"));
  const { instructions } = createMachine({ mem }).load(elf("hello")).counters;
  assert.is(instructions, 0);
  assert.equal(hello.run(8), ended);
  assert.is(hello.instructions, 8);
  assert.equal(createMachine({ mem }).load(elf("hello")).run(7), { reason: "budget" });
});

test("a terminal: lines are edited, echoed and end with ^D", () => {
  const machine = createMachine({ mem, terminal: { rows: 24, columns: 80 }, input: "open" }).load(loopback());
  assert.is(machine.run().reason, "input");
  machine.sendInput("ab\x7fc\r");
  machine.run();
  assert.is(machine.stdout, "ab\b \bc\r\nac\r\n");
  machine.sendInput("\x04");
  assert.equal(machine.run(), ended);
});

test("a budget of cycles ends at the first control transfer behind it", () => {
  const machine = createMachine({ mem }).load(elf("mandelbrot"));
  assert.equal(machine.run({ cycles: 5000 }), { reason: "budget" });
  assert.ok(machine.cycles >= 5000 && machine.cycles < 8000, `${machine.cycles}`);
});

test("the signal that ends a program is named, and where", () => {
  const machine = createMachine({ mem }).load(elf("null"));
  const result = machine.run();
  assert.is(result.reason, "exit");
  if (result.reason !== "exit") return;
  assert.is(result.exitStatus, 139);
  assert.is(result.signal, "SIGSEGV");
  assert.is(result.coreDumped, false, "the core size limit is 0");
  assert.is(result.fault?.address, 0);
});

test("events: what each listener hears agrees with the counters", () => {
  const machine = createMachine({ mem });
  const heard: Record<string, unknown[]> = {};
  for (const name of ["stdout", "fault", "syscall", "signal", "fork", "exec", "exit"] as const) {
    heard[name] = [];
    machine.on(name, (event) => heard[name].push(event));
  }
  machine.load(elf("demo"), { name: "demo" });
  machine.run();
  const { faults, syscalls, processes } = machine.counters;
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, n) => all + n, 0);
  assert.is(heard.fault.length, sum(faults));
  assert.is(heard.syscall.length, sum(syscalls));
  assert.is(heard.fork.length, processes.forks);
  assert.equal(heard.exec, [{ pid: 2, path: "/demo" }]);
  assert.is(heard.exit.length, processes.forks + 1);
  assert.is(heard.stdout.length, (heard.syscall as SyscallEvent[]).filter(writesToStdout).length);
  const text = Buffer.concat(heard.stdout as Uint8Array[]).toString();
  assert.is(text, images.get("demo")?.stdout);
  assert.is(text, machine.stdout);
});

function writesToStdout({ name, args }: SyscallEvent): boolean {
  return name === "write" && args[0] === 1;
}

test("a fault event says what happened to the page", () => {
  const machine = createMachine({ mem });
  const faults: MachineEvents["fault"][] = [];
  const signals: MachineEvents["signal"][] = [];
  machine.on("fault", (fault) => faults.push(fault));
  machine.on("signal", (signal) => signals.push(signal));
  machine.load(elf("null"));
  machine.run();
  const last = faults.at(-1);
  assert.is(last?.kind, "SEGV");
  assert.is(last?.address, 0);
  assert.is(last?.present, false);
  assert.is(last?.by, "program");
  assert.is(last?.access, "read");
  assert.equal(signals.at(-1), { pid: 2, signal: "SIGSEGV", code: 1, address: 0, outcome: "fatal" });
  for (const { kind, access, pteAfter } of faults) {
    if (kind === "zero") assert.is(pteAfter & 0x67, 0x67, "present, writable, user, accessed, dirty");
    if (kind === "COW copy") assert.is(access, "write");
  }
});

test("listening changes nothing, and a listener that leaves hears no more", () => {
  const silent = createMachine({ mem }).load(elf("cow"));
  silent.run();
  const machine = createMachine({ mem });
  let heard = 0;
  const leave = machine.on("fault", () => {
    heard++;
    if (heard === 5) leave();
  });
  const other: number[] = [];
  machine.on("syscall", ({ number }) => other.push(number));
  machine.load(elf("cow"));
  machine.run();
  assert.is(heard, 5);
  assert.ok(other.length > 5);
  assert.equal(machine.counters, silent.counters);
  assert.is(machine.kernel.mm.faults.onFault, null, "nobody is asked any more");
  assert.is(silent.kernel.probe, null);
});

test("standard input: complete, or brought while the program waits", () => {
  const wc = loopback();
  const complete = createMachine({ mem, stdin: "one\ntwo\n" }).load(wc);
  assert.equal(complete.run(), ended);
  assert.is(complete.stdout, "one\ntwo\n");
  const open = createMachine({ mem, stdin: "one", input: "open" }).load(wc);
  assert.equal(open.run(), { reason: "input", until: Number.POSITIVE_INFINITY });
  assert.is(open.stdout, "one");
  const { cycles } = open;
  assert.equal(open.run(), { reason: "input", until: Number.POSITIVE_INFINITY });
  assert.is(open.cycles, cycles, "the clock stands still");
  open.sendInput(new Uint8Array([0x21]));
  assert.is(open.run().reason, "input");
  open.sendInput(" two");
  open.endInput();
  assert.equal(open.run(), ended);
  assert.is(open.stdout, "one! two");
});

/** The smallest cat: read(0, buffer, 64), write(1, buffer, n) until read gives 0; then exit(0). */
function loopback(): Uint8Array {
  // biome-ignore format: one instruction per line
  const code = [
    0xb8, 3, 0, 0, 0,       // mov eax, 3      read
    0x31, 0xdb,             // xor ebx, ebx
    0x8d, 0x4c, 0x24, 0xc0, // lea ecx, [esp - 64]
    0xba, 64, 0, 0, 0,      // mov edx, 64
    0xcd, 0x80,             // int 0x80
    0x85, 0xc0,             // test eax, eax
    0x7e, 16,               // jle exit
    0x89, 0xc2,             // mov edx, eax
    0xb8, 4, 0, 0, 0,       // mov eax, 4      write
    0xbb, 1, 0, 0, 0,       // mov ebx, 1
    0xcd, 0x80,             // int 0x80
    0xeb, 0xda,             // jmp start
    0x89, 0xc3,             // exit: mov ebx, eax
    0xb8, 1, 0, 0, 0,       // mov eax, 1
    0xcd, 0x80,             // int 0x80
  ];
  return tinyElf(code);
}

const ENTRY = 0x08048054;

/** Code at ENTRY, in one page. */
function tinyElf(code: readonly number[]): Uint8Array {
  const headers = [{ vaddr: 0x08048000, offset: 0, filesz: 84 + code.length }];
  return buildElf({ entry: ENTRY, headers, pieces: [[84, code]], size: 84 + code.length });
}

test("output is collected up to a limit, and told in full", () => {
  const machine = createMachine({ mem, collect: 10 });
  let told = 0;
  machine.on("stdout", (bytes) => {
    told += bytes.length;
  });
  machine.load(elf("mandelbrot"));
  machine.run();
  assert.is(machine.stdoutBytes.length, 10);
  assert.is(told, images.get("mandelbrot")?.stdout.length);
});

test("memory and registers can be looked at without a trace", () => {
  const machine = createMachine({ mem }).load(tinyElf([0xb8, 0x78, 0x56, 0x34, 0x12, 0xeb, 0xfe]));
  const start = machine.process();
  assert.is(start?.registers().eip, ENTRY, "the entry point, before the first instruction");
  assert.is(start?.registers().cs, 0x73);
  machine.run(3);
  const before = machine.counters;
  const view = machine.process();
  assert.ok(view);
  assert.equal([view.pid, view.parentPid, view.name, view.state], [2, 1, "program", "running"]);
  const { eax, eip, eflags, ds } = view.registers();
  assert.equal([eax, eip, eflags & 0x202, ds], [0x12345678, 0x08048059, 0x202, 0x7b]);
  assert.equal([...view.read(ENTRY, 4)], [0xb8, 0x78, 0x56, 0x34]);
  assert.is(view.read(0x08048000, 8192).length, 4096, "up to the end of the mapping");
  assert.is(view.read(0, 16).length, 0);
  const { esp } = view.registers();
  assert.is(new DataView(view.read(esp, 4).buffer).getUint32(0, true), 1, "argc");
  const argv0 = new DataView(view.read(esp + 4, 4).buffer).getUint32(0, true);
  assert.is(view.readText(argv0), "program");
  assert.match(view.maps(), /^08048000-08049000 r-xp 00000000 .* \/program\n.*\[stack\]\n$/s);
  assert.equal(machine.counters, before);
  // A debugger's writes: the loop becomes exit(eax).
  assert.is(view.write(ENTRY, new Uint8Array([0x93, 0x31, 0xc0, 0x40, 0xcd, 0x80])), 6);
  view.setRegister("eax", 7);
  view.setRegister("eip", ENTRY);
  const result = machine.run(10);
  assert.equal(result, { ...ended, exitStatus: 7 });
  assert.is(view.maps(), "");
  assert.is(view.read(ENTRY, 4).length, 0, "the address space is gone");
});

test("pages that were never touched can be read, and stay untouched", () => {
  const machine = createMachine({ mem }).load(elf("brk"));
  machine.run(1);
  const view = machine.process();
  const data = /^([0-9a-f]+)-([0-9a-f]+) rw-p/m.exec(view?.maps() ?? "");
  assert.ok(data, "there is a data segment");
  const faults = machine.counters.faults;
  assert.is(view?.read(Number.parseInt(data[1], 16), 4096).length, 4096);
  assert.equal(machine.counters.faults, faults);
});

test("files: a root directory made of bytes, or a tree", () => {
  const program = elf("hello");
  const listed = createMachine({ mem, files: { "/bin/grüß": program, "etc/motd": new Uint8Array(3) } }).load(
    "/bin/grüß",
  );
  assert.equal(listed.run(), ended);
  const tree = new MemoryTree().addFile("usr/hello", program, 0o755).addSymlink("bin", "usr");
  assert.equal(createMachine({ mem, files: tree }).load("/bin/hello").run(), ended);
  const relative = createMachine({ mem, files: { "/opt/hello": program } });
  assert.equal(relative.load("./hello", { cwd: "/opt" }).run(), ended);
});

test("what the guest wrote can be read, and the tree given to it is as it was", () => {
  // biome-ignore format: one instruction per line
  const code = [
    0xb8, 8, 0, 0, 0,              // mov eax, 8       creat
    0xbb, 0x7d, 0x80, 0x04, 0x08,  // mov ebx, path
    0xb9, 0xa4, 1, 0, 0,           // mov ecx, 0644
    0xcd, 0x80,                    // int 0x80
    0x89, 0xc3,                    // mov ebx, eax
    0xb8, 4, 0, 0, 0,              // mov eax, 4       write
    0xb9, 0x7d, 0x80, 0x04, 0x08,  // mov ecx, path
    0xba, 4, 0, 0, 0,              // mov edx, 4
    0xcd, 0x80,                    // int 0x80
    0x31, 0xc0, 0x40,              // mov eax, 1       exit
    0xcd, 0x80,                    // int 0x80
    ...new TextEncoder().encode("/out\0"),
  ];
  assert.is(code.length, 0x7d - 0x54 + 5);
  const files = { "/out": new Uint8Array([1]), "/other": new Uint8Array([2, 3]) };
  const machine = createMachine({ mem, files }).load(tinyElf(code));
  assert.is(machine.run().reason, "exit");
  assert.equal(machine.readFile("/out"), new TextEncoder().encode("/out"));
  assert.equal(machine.readFile("/out", 1), new TextEncoder().encode("/"));
  assert.equal(machine.readFile("/other"), new Uint8Array([2, 3]));
  assert.is(machine.readFile("/none"), null);
  assert.is(machine.readFile("/"), null);
  assert.equal(files["/out"], new Uint8Array([1]));
});

test("a script runs its interpreter from the tree", () => {
  const script = new TextEncoder().encode("#!/bin/args first second\n");
  const machine = createMachine({ mem, files: { "/bin/args": elf("args"), "/s": script } });
  machine.load("/s", { argv: ["s", "third"], env: {} });
  machine.run();
  assert.match(machine.stdout, 'argv[1] = "first second"\nargv[2] = "/s"\nargv[3] = "third"\n');
});

test("what cannot be started is one BootError with a reason", () => {
  const refuses = (load: () => unknown, reason: RegExp, errno?: number) => {
    try {
      load();
      assert.unreachable();
    } catch (error) {
      if (!(error instanceof BootError)) throw error;
      assert.match(error.message, reason);
      assert.not.match(error.message, "\n");
      if (errno !== undefined) assert.is(error.errno, errno);
    }
  };
  refuses(() => createMachine({ mem }).load(new Uint8Array(0)), /cannot run \/program: /);
  refuses(() => createMachine({ mem }).load(elf("hello").subarray(0, 60)), /cannot run \/program: .*truncated/);
  refuses(() => createMachine({ mem }).load("/bin/no"), /cannot run \/bin\/no: no such file/, ENOENT);
  refuses(
    () => createMachine({ mem }).load(elf("hello"), { cwd: "/nö" }),
    /cannot start in \/nö: no such file/,
    ENOENT,
  );
  refuses(
    () => createMachine({ mem }).load(elf("hello"), { argv: ["x".repeat(200_000)] }),
    /cannot run \/program: argument list too long/,
  );
  refuses(
    () => createMachine({ mem }).load(elf("hello"), { argv: Array.from({ length: 300_000 }, () => "words") }),
    /cannot run \/program: argument list too long/,
  );
});

test("a machine is for one program, and mistakes of the caller are exceptions", () => {
  const machine = createMachine({ mem });
  assert.throws(() => machine.run(), /no program is loaded/);
  machine.load(elf("hello"));
  assert.throws(() => machine.load(elf("hello")), /one machine runs one program/);
  assert.throws(() => createMachine({ cpu: "8086" }), /8086/);
  assert.throws(() => createMachine({ mem: 5000 }), /4096/);
});

test("the same seed gives the same run, another seed other random bytes", () => {
  const run = (seed: number) => {
    const machine = createMachine({ mem, seed }).load(elf("thread"));
    machine.run();
    const stack = machine.kernel.random.next();
    return { counters: machine.counters, stdout: machine.stdout, stack };
  };
  assert.equal(run(7), run(7));
  assert.is.not(run(7).stack, run(8).stack);
});

test("the README's example has fifteen lines at most and runs as it stands", () => {
  const example = exampleOf(readFileSync("README.md", "utf8"));
  assert.ok(example.trimEnd().split("\n").length <= 15, example);
  assert.match(runExample(example), "hello, paged world - exit 0\n");
});

test("the miss-ratio curve of docs/library.md has fifteen lines at most, and falls", () => {
  const example = exampleOf(readFileSync("docs/library.md", "utf8"));
  assert.ok(example.trimEnd().split("\n").length <= 15, example);
  const ratios = [...runExample(example).matchAll(/ ([\d.]+) %/g)].map(([, ratio]) => Number(ratio));
  assert.is(ratios.length, 11);
  assert.ok(ratios.every((ratio, n) => n === 0 || ratio <= ratios[n - 1]));
});

test.run();
