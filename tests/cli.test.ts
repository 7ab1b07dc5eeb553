/** The command: its options, its exit statuses, and what it says when something is wrong. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { Failure } from "../cli/failure.ts";
import { buildElf } from "./elf-builder.ts";
import { commandFile, pagewalk } from "./package.ts";
import { haveCommand, testIf } from "./skip.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-cli-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
function write(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

const hello = "images/bin/hello";
const greeting = "hello, paged world\n";
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** What execute() throws; the tests of whole processes show that it becomes one line on stderr and the exit status. */
function failure(words: readonly string[]): Failure {
  try {
    execute(words);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`${words.join(" ")} is no mistake`);
}

function says({ message }: { message: string }, complaint: string | RegExp): void {
  if (typeof complaint === "string") assert.is(message, complaint);
  else assert.match(message, complaint);
  assert.not.match(message, "\n");
}

function mistaken(words: readonly string[], complaint: string | RegExp): void {
  const error = failure(words);
  says(error, complaint);
  assert.is(error.status, 2);
}

/** A program or kernel that cannot be started: a shell's exit status. */
function refused([command, ...words]: readonly string[], status: 126 | 127, reason: string | RegExp): void {
  const error = failure([command, "--mem=8M", ...words]);
  says(error, reason);
  assert.is(error.status, status);
}

/** The only line on stderr. */
function oneLine(stderr: string, complaint: string | RegExp): void {
  assert.match(stderr, /^pagewalk: [^\n]*\n$/);
  if (typeof complaint === "string") assert.is(stderr, `pagewalk: ${complaint}\n`);
  else assert.match(stderr, complaint);
}

test("run: the program's output and exit status, nothing else", () => {
  assert.equal(pagewalk(["run", hello]), { stdout: greeting, stderr: "", status: 0 });
  assert.is(pagewalk(["run", "images/bin/args", "one", "two"]).status, 3);
});

test("help and version", () => {
  for (const words of [["--help"], ["-h"], ["help"]]) {
    const { stdout, stderr, status } = pagewalk(words);
    assert.is(status, 0);
    assert.is(stderr, "");
    assert.match(stdout, /^Usage: pagewalk COMMAND/);
    assert.match(stdout, /^ {2}run {3}/m);
    assert.match(stdout, /^ {2}boot {2}/m);
  }
  for (const words of [["--version"], ["-V"]]) {
    assert.equal(pagewalk(words), { stdout: `${manifest.version}\n`, stderr: "", status: 0 });
  }
  for (const command of ["run", "boot", "faults", "walk", "maps"]) {
    for (const option of ["--help", "-h"]) {
      const { stdout, status } = pagewalk([command, option]);
      assert.is(status, 0);
      assert.match(stdout, new RegExp(`^Usage: pagewalk ${command} `));
      for (const line of stdout.trimEnd().split("\n")) assert.ok(line.length <= 120, line);
    }
  }
});

test("whatever is wrong is one line on stderr, and an exit status", () => {
  const wrong: [string[], number, string][] = [
    [["run"], 2, "run: no program given"],
    [["run", "--mem", "3", hello], 2, "--mem 3: a size from 4M to 3G is allowed, such as 256M"],
    [["run", "package.json"], 126, "cannot run package.json: neither an ELF program nor a script nor an a.out program"],
    [["boot", "nowhere"], 127, "cannot boot nowhere: no such file or directory"],
  ];
  for (const [words, status, complaint] of wrong) {
    assert.equal(pagewalk(words), { stdout: "", stderr: `pagewalk: ${complaint}\n`, status });
  }
});

test("mistakes in the command line", () => {
  mistaken([], /^no command given; there are run, boot\b/);
  mistaken(["stroll"], /^unknown command stroll; there are run, boot\b/);
  mistaken(["run"], "run: no program given");
  mistaken(["boot"], "boot: no kernel given");
  mistaken(["run", "--"], "run: no program given");
  mistaken(["run", "--fast", hello], "unknown option --fast");
  mistaken(["run", "-x", hello], "unknown option -x");
  mistaken(["boot", "--root=/", "x"], "unknown option --root");
  mistaken(["run", "--mem"], "option --mem needs a value");
  mistaken(["run", "--stats=yes", hello], "option --stats takes no value");
  for (const size of ["3", "0", "-1", "1K", "3M", "5G", "99999999999999999999G", "lots", "", "1.5G", "0x100000"]) {
    mistaken(["run", `--mem=${size}`, hello], `--mem ${size}: a size from 4M to 3G is allowed, such as 256M`);
  }
  mistaken(["run", "--mem", "4194305", hello], "--mem 4194305: a whole number of 4 KiB pages is allowed");
  mistaken(["boot", "--mem", "512K", hello], "--mem 512K: a size from 1M to 3G is allowed, such as 256M");
  mistaken(["run", "--cpu", "8086", hello], /^--cpu 8086: allowed are i386, i486, pentium, p6, /);
  for (const count of ["-1", "x", "1e3", "", "1.5", "9".repeat(30)]) {
    mistaken(["run", `--max-instructions=${count}`, hello], /--max-instructions .*: a whole number from 1 to /);
    mistaken(["run", `--seed=${count}`, hello], /--seed .*: a whole number from 0 to 4294967295 is allowed/);
  }
  mistaken(["run", "--max-instructions", "0", hello], /--max-instructions 0: a whole number from 1/);
  mistaken(["run", "--seed", "4294967296", hello], /--seed 4294967296/);
  mistaken(["run", "--env", "NAME", hello], "--env NAME: write NAME=VALUE");
  mistaken(["run", "--env", "=x", hello], "--env =x: write NAME=VALUE");
  mistaken(["run", "--writable", hello], "--writable needs --root DIR");
  mistaken(["run", "--root", at("nowhere"), "/x"], `--root ${at("nowhere")}: no such file or directory`);
  mistaken(["run", "--root", hello, "/x"], `--root ${hello}: not a directory`);
  mistaken(["run", "--cwd", "/nowhere", hello], "--cwd /nowhere: no such file or directory");
  mistaken(["run", "--cwd", "/hello", hello], "--cwd /hello: not a directory");
  const json = at("no/where.json");
  mistaken(["run", "--json", json, hello], `--json ${json}: cannot be written: no such file or directory`);
  mistaken(["boot", "--json", directory, hello], `--json ${directory}: cannot be written: is a directory`);
});

test("programs that cannot be run: 127 if there is none, otherwise 126", () => {
  const elf = readFileSync(hello);
  const patched = (name: string, offset: number, ...bytes: number[]) => {
    const copy = Uint8Array.from(elf);
    copy.set(bytes, offset);
    return write(name, copy);
  };
  const missing = at("missing");
  refused(["run", missing], 127, `cannot run ${missing}: no such file or directory`);
  refused(["run", "--root", directory, "/missing"], 127, "cannot run /missing: no such file or directory");
  refused(["run", directory], 126, `cannot run ${directory}: is a directory`);
  refused(["run", "/dev/null"], 126, "cannot run /dev/null: not a regular file");
  refused(["run", write("empty", "")], 126, /cannot run .*empty: /);
  refused(["run", write("text", "hello\n")], 126, /cannot run .*text: neither an ELF program nor a script/);
  refused(["run", patched("wide", 4, 2)], 126, /wide: a 64-bit ELF file; only 32-bit i386 programs run/);
  refused(["run", patched("big-endian", 5, 2)], 126, /big-endian: not a little-endian ELF file/);
  refused(["run", patched("arm", 18, 40, 0)], 126, /arm: an ELF file for ARM; only i386 programs run/);
  refused(["run", patched("object", 16, 1, 0)], 126, /object: not an executable ELF file/);
  refused(["run", write("cut", elf.subarray(0, 40))], 126, /cut: .*truncated/);
  refused(["run", write("cut-table", elf.subarray(0, 60))], 126, /cut-table: truncated: /);
  refused(["run", write("script", "#!/bin/missing\n")], 127, /script: /);
  chmodSync(write("secret", elf), 0o000);
  if (process.getuid?.() !== 0) refused(["run", at("secret")], 126, /secret: permission denied/);
  chmodSync(at("secret"), 0o644);
  assert.is(pagewalk(["run", at("secret")]).stdout, greeting, "a host file needs no execute permission");
  refused(["run", "--root", directory, "/secret"], 126, "cannot run /secret: permission denied");
});

test("boot: what cannot be booted, and how kernels end", () => {
  refused(["boot", at("missing")], 127, `cannot boot ${at("missing")}: no such file or directory`);
  refused(["boot", directory], 126, `cannot boot ${directory}: is a directory`);
  refused(["boot", "/dev/zero"], 126, "cannot boot /dev/zero: not a regular file");
  refused(["boot", write("text", "hello\n")], 126, /cannot boot .*text: not an ELF file/);
  refused(["boot", "--mem", "1M", "images/bin/boot-paging"], 126, /past the 1 MiB of RAM/);
  const paging = pagewalk(["boot", "--stats", "images/bin/boot-paging"]);
  assert.is(paging.status, 33);
  assert.match(paging.stdout, "paging is on\n");
  assert.match(paging.stderr, /^ {2}page walks /m);
  const stopped = pagewalk(["boot", "--max-instructions", "20", "images/bin/boot-paging"]);
  assert.is(stopped.status, 125);
  assert.match(
    stopped.stderr,
    /^pagewalk: stopped by --max-instructions at CS:EIP 8:[0-9a-f]{8} after 20 instructions\n$/,
  );
  // HLT with interrupts off; a jump to where no page is, with no IDT: a triple fault.
  const halted = pagewalk(["boot", write("halt", kernel([0xf4]))]);
  assert.is(halted.status, 125);
  oneLine(halted.stderr, /^pagewalk: halted: .* after 1 instructions\n$/);
  const shut = pagewalk(["boot", write("ud2", kernel([0x0f, 0x0b]))]);
  assert.is(shut.status, 125);
  oneLine(shut.stderr, /triple fault/);
});

const BASE = 0x08048000;
const CODE = 0x100;

/** A kernel of a few bytes at 1 MiB. */
function kernel(code: readonly number[]): Uint8Array {
  const at = 0x100000;
  return buildElf({ entry: at + CODE, headers: [{ vaddr: at, offset: 0 }], pieces: [[CODE, code]], size: 0x1000 });
}

test("arguments reach the program as they are", () => {
  const args = ["--stats", "--help", "-h", "--", "a b", "zwölf", "日本", "", "--mem=1"];
  const shown = args.map((text, i) => `argv[${i + 1}] = "${text}"\n`).join("");
  for (const before of [[], ["--"], ["--mem", "16M", "--"]]) {
    const { stdout, stderr } = pagewalk(["run", ...before, "images/bin/args", ...args]);
    assert.is(stderr, "");
    assert.match(stdout, shown);
  }
  const odd = write("--odd name", readFileSync("images/bin/args"));
  assert.is(pagewalk(["run", "--", "--odd name"], { cwd: directory }).status, 1);
  assert.is(pagewalk(["run", odd]).status, 1);
  const accented = write("größer 日", readFileSync("images/bin/args"));
  assert.is(pagewalk(["run", accented]).status, 1);
  assert.is(pagewalk(["run", "--root", directory, "/größer 日"]).status, 126, "mode 0644");
});

test("--env adds and replaces, and there is a fixed environment", () => {
  const shown = (words: string[]) => [
    ...pagewalk(["run", ...words, "images/bin/args"]).stdout.matchAll(/^env (.*)$/gm),
  ];
  const names = (words: string[]) => shown(words).map(([, entry]) => entry);
  const fixed = names([]);
  assert.equal(
    fixed.map((entry) => entry.replace(/=.*/, "")),
    ["PATH", "HOME", "TERM"],
  );
  const env = ["--env", "HOME=/root", "--env=A=b=c d", "--env", "EMPTY=", "--env", "Ü=ö", "--env", "A=last"];
  assert.equal(names(env).slice(1), ["HOME=/root", "TERM=dumb", "A=last", "EMPTY=", "Ü=ö"]);
});

test("--root, --cwd, --writable: the guest sees that directory", () => {
  const root = at("root");
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "work"));
  for (const name of ["args", "hello"]) {
    writeFileSync(join(root, "bin", name), readFileSync(`images/bin/${name}`));
    chmodSync(join(root, "bin", name), 0o755);
  }
  symlinkSync("../bin/hello", join(root, "work", "link"));
  symlinkSync("/etc/passwd", join(root, "outside"));
  writeFileSync(join(root, "work", "script"), "#!/bin/args x\n", { mode: 0o755 });
  assert.is(pagewalk(["run", "--root", root, "/bin/hello"]).stdout, greeting);
  assert.is(pagewalk(["run", "--root", root, "bin/hello"]).stdout, greeting);
  assert.is(pagewalk(["run", "--root", root, "--cwd", "/work", "./link"]).stdout, greeting);
  const script = pagewalk(["run", "--root", root, "/work/script", "y"]).stdout;
  assert.match(script, 'argv[1] = "x"\nargv[2] = "/work/script"\nargv[3] = "y"\n');
  refused(["run", "--root", root, "/outside"], 127, "cannot run /outside: no such file or directory");
  refused(["run", "--root", root, "/bin"], 126, /cannot run \/bin: /);
  assert.is(pagewalk(["run", "--root", root, "--writable", "/bin/hello"]).stdout, greeting);
});

test("a fatal signal: its name and place on stderr, 128 + n", () => {
  const { stderr, status } = pagewalk(["run", "images/bin/null"]);
  assert.is(status, 139);
  assert.match(stderr, /^Segmentation fault: instruction at 0x[0-9a-f]{8}, address 0x00000000\n$/);
  const divide = pagewalk(["run", "images/bin/divide"]);
  assert.is(divide.status, 136);
  assert.match(divide.stderr, /^Floating point exception: instruction at 0x[0-9a-f]{8}\n$/);
});

test("--max-instructions stops exactly there, again and again", () => {
  for (const count of [1, 7, 8, 1000, 123_456]) {
    const json = at(`count-${count}.json`);
    const words = ["run", "--max-instructions", String(count), "--json", json, "images/bin/demo"];
    const first = pagewalk(words);
    assert.is(first.status, 125);
    assert.is(first.stderr, `pagewalk: stopped by --max-instructions after ${count} instructions\n`);
    const counters = readFileSync(json, "utf8");
    assert.is(JSON.parse(counters).instructions, count);
    assert.equal(pagewalk(words), first);
    assert.is(readFileSync(json, "utf8"), counters);
  }
  const enough = pagewalk(["run", "--max-instructions", "8", hello]);
  assert.equal(enough, { stdout: greeting, stderr: "", status: 0 });
});

test("same input, same options: same bytes and same counters", () => {
  const run = (name: string, words: string[]) => {
    const json = at(`${name}.json`);
    const result = pagewalk(["run", "--json", json, "--stats", ...words]);
    return { ...result, json: readFileSync(json, "utf8") };
  };
  for (const words of [
    ["images/bin/thread"],
    ["images/bin/pipes"],
    ["--seed", "5", "--cpu", "i486", "images/bin/demo"],
  ]) {
    assert.equal(run("first", words), run("second", words));
  }
  const other = run("other", ["--cpu", "i386", "images/bin/demo"]);
  const demo = run("demo", ["images/bin/demo"]);
  assert.is(other.stdout, demo.stdout);
  assert.is.not(other.json, demo.json);
});

test("--stats goes to stderr behind the program, --json to a file or a stream", () => {
  const { stdout, stderr } = pagewalk(["run", "--stats", "images/bin/demo"]);
  assert.not.match(stdout, "TLB flushes");
  for (const row of [
    "instructions",
    "cycles",
    "guest time",
    "page faults",
    "system calls",
    "processes",
    "page walks",
  ]) {
    assert.match(stderr, new RegExp(`^  ${row} +[\\d,]+`, "m"));
  }
  const piped = shell(`"$0" "$1" run --json /dev/stdout ${hello} | cat`).stdout;
  assert.ok(piped.startsWith(greeting));
  const counters = JSON.parse(piped.slice(greeting.length));
  assert.is(counters.schema, 1);
  assert.is(counters.cpu, "p6");
  assert.is(counters.syscalls.write, 1);
});

const shell = (script: string, ...args: string[]) =>
  spawnSync("sh", ["-c", script, process.execPath, commandFile(), ...args], { encoding: "utf8", timeout: 60_000 });

test("readers that leave early, and closed streams", () => {
  const head = shell('"$0" "$1" run images/bin/mandelbrot | head -n 1');
  assert.is(head.stderr, "");
  assert.is(head.status, 0);
  assert.is(head.stdout.split("\n").length, 2);
  // A status behind the pipe: SIGPIPE of the program, and silence.
  const status = shell('{ "$0" "$1" run "$2"; echo $? >&2; } | :', write("yes", endless()));
  assert.is(status.stderr, "141\n");
  assert.is(shell('"$0" "$1" --help | :').stderr, "");
  assert.is(shell('"$0" "$1" boot images/bin/boot-paging | :').stderr, "");
  const noInput = shell('"$0" "$1" run images/bin/hello <&-');
  assert.is(noInput.stdout, greeting);
  const noOutput = shell('"$0" "$1" run images/bin/hello >&-; "$0" "$1" run --stats images/bin/hello 2>&-');
  assert.is(noOutput.stdout, greeting);
  assert.is(noOutput.status, 0);
});

/** Writes 16 bytes for ever. */
function endless(): Uint8Array {
  // biome-ignore format: one instruction per line
  const code = [
    0xb8, 4, 0, 0, 0,           // mov eax, 4   write
    0xbb, 1, 0, 0, 0,           // mov ebx, 1
    0xb9, 0, 0x80, 4, 8,        // mov ecx, 0x08048000
    0xba, 16, 0, 0, 0,          // mov edx, 16
    0xcd, 0x80,                 // int 0x80
    0xeb, 0xe8,                 // jmp start
  ];
  return buildElf({ entry: BASE + CODE, headers: [{ vaddr: BASE, offset: 0 }], pieces: [[CODE, code]], size: 0x1000 });
}

testIf(process.platform === "linux" ? true : "no /dev/full on this host", "a full device is told, not hidden", () => {
  const { stderr, status } = shell('"$0" "$1" --help >/dev/full');
  assert.is(status, 1);
  oneLine(stderr, "standard output: no space left on the device");
});

testIf(haveCommand("prlimit"), "a host that refuses the memory is one line", () => {
  const { stderr, status } = shell('prlimit --as=8000000000 "$0" "$1" run --mem 3G images/bin/hello');
  if (status === 0) return;
  assert.is(status, 1, stderr);
  oneLine(stderr, /^pagewalk: the host refuses \d+ MiB of memory/);
});

testIf(haveCommand("prlimit"), "too many arguments for the guest are one line", () => {
  // A large stack lets the host's own execve() pass them on.
  const script = 'exec prlimit --stack=67108864 sh -c \'exec "$0" "$@" $(seq 1 330000)\' "$0" "$1" run images/bin/args';
  const { stderr, status } = shell(script);
  assert.is(status, 126, stderr.slice(0, 500));
  oneLine(stderr, "cannot run images/bin/args: argument list too long");
});

test.run();
