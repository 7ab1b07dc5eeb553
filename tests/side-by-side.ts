/**
 * One command line run twice: by the host's own Linux and by the emulator, each in a tree of its own that was filled alike.
 * What a person could tell apart is compared: both outputs, the exit status, and what lies in the working directory after it.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NodeTree } from "../cli/node-tree.ts";
import { bootLinux } from "../kernel/boot.ts";
import type { Host, HostInput, HostOutput, HostTree } from "../kernel/host.ts";
import { run } from "../kernel/run.ts";
import { shellStatus } from "./images.ts";
import type { Probe } from "./skip.ts";

/** A command line and where it finds itself. */
export interface CommandLine {
  /** Path of the program below the root, without a leading slash. */
  readonly program: string;
  /** argv, the program's name included, one character per byte. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** The host runs it with the tree as its root too, from there; otherwise from the working directory. */
  readonly confined?: boolean;
}

/** What came of it; texts are one character per byte. */
export interface Traces {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell shows it, 128 + n for signal n; -1 if it did not end. */
  readonly status: number;
  /** One line per entry of the working directory: path, kind, permissions, and the contents of a file. */
  readonly files: readonly string[];
}

/** Command lines from a file: paragraphs parted by blank lines, each under the `## heading` that stands above it. */
export function readCommandLines(path: string): { area: string; line: string }[] {
  let area = "";
  const found: { area: string; line: string }[] = [];
  for (const paragraph of readFileSync(path, "latin1").trimEnd().split("\n\n")) {
    if (paragraph.startsWith("## ")) area = paragraph.slice(3);
    else found.push({ area, line: paragraph });
  }
  return found;
}

/** Files of a tree by path; text is one character per byte. */
export type Filling = Readonly<Record<string, FillingEntry>>;
export type FillingEntry =
  | { readonly copyOf: string }
  | { readonly text: string; readonly mode?: number }
  | { readonly linkTo: string }
  | "directory";

/** Everything that a command line may do before it counts as hanging. */
const MAX_INSTRUCTIONS = 3e9;
const MAX_NATIVE_MS = 30_000;
/** Modification time of every file that the test makes, seconds. */
const FILLED_AT = 1_000_000_000;
const WORK = "work";

/** Makes an empty temporary tree. */
export function makeTree(): string {
  return mkdtempSync(join(tmpdir(), "pagewalk-tree-"));
}

/** Removes a tree; "" is none. */
export function removeTree(root: string): void {
  if (root !== "") rmSync(root, { recursive: true, force: true });
}

/** Puts files into a tree, and a working directory if there is none. */
export function fill(root: string, filling: Filling): void {
  mkdirSync(join(root, WORK), { recursive: true });
  const made = new Set([join(root, WORK)]);
  for (const [path, entry] of Object.entries(filling)) {
    const full = join(root, path);
    const directory = entry === "directory" ? full : dirname(full);
    mkdirSync(directory, { recursive: true });
    for (let at = directory; at.length > root.length; at = dirname(at)) made.add(at);
    if (entry === "directory") continue;
    if ("copyOf" in entry) {
      copyFileSync(entry.copyOf, full);
      chmodSync(full, 0o755);
    } else if ("linkTo" in entry) symlinkSync(entry.linkTo, full);
    else {
      writeFileSync(full, Buffer.from(entry.text, "latin1"));
      chmodSync(full, entry.mode ?? 0o644);
      made.add(full);
    }
  }
  for (const path of made) utimesSync(path, FILLED_AT, FILLED_AT);
}

/** What lies below a directory, sorted by path. A link's own permissions mean nothing. */
function survey(directory: string, prefix = ""): string[] {
  const lines: string[] = [];
  for (const name of readdirSync(directory, { encoding: "latin1" }).sort()) {
    const path = join(directory, name);
    const shown = prefix + name;
    const stat = lstatSync(path);
    const permissions = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) lines.push(`${shown} -> ${readlinkSync(path)}`);
    else if (stat.isDirectory()) lines.push(`${shown}/ ${permissions}`, ...survey(path, `${shown}/`));
    else if (stat.isFile()) lines.push(`${shown} ${permissions} ${stat.nlink} ${readFileSync(path, "latin1")}`);
    // FIFOs, sockets and devices never reach the host's tree: they live in the guest's memory.
  }
  return lines;
}

/** Where a command of the host is; the environment of the programs that it starts is not the host's. */
function whereIs(command: string): string {
  const script = 'PATH=$PATH:/usr/sbin:/sbin; command -v "$1"';
  return spawnSync("sh", ["-c", script, "sh", command], { encoding: "utf8" }).stdout.trim();
}

/** Who is not root can become it in a namespace of their own. */
const changeRoot = [...(process.getuid?.() === 0 ? [] : [whereIs("unshare"), "-r"]), whereIs("chroot")];

function hostCommand(root: string, program: string, args: string[], confined: boolean): [string, string[]] {
  if (!confined) return [join(root, program), args];
  const [command, ...words] = [...changeRoot, root, `/${program}`, ...args];
  return [command ?? "", words];
}

/** Can this host run a program with another root directory? */
export function haveChangeOfRoot(): Probe {
  const [command, ...words] = [...changeRoot, "/", "true"];
  const tried = spawnSync(command ?? "", words);
  return tried.status === 0 || "this host lets nobody change the root directory";
}

/**
 * Runs it on the host, in the working directory of `root`. Its input is a file; its outputs are sockets, which is what
 * node:child_process makes, so no program here may open /dev/stdout. Throws if it cannot be started or hangs.
 */
export function runOnHost(root: string, { program, argv, env, stdin, confined = false }: CommandLine): Traces {
  const [argv0, ...args] = argv;
  const cwd = join(root, WORK);
  const input = join(root, ".stdin");
  writeFileSync(input, Buffer.from(stdin ?? "", "latin1"));
  const fd = openSync(input, "r");
  try {
    const { status, signal, stdout, stderr, error } = spawnSync(...hostCommand(root, program, args, confined), {
      ...(confined ? {} : { argv0 }),
      cwd,
      env: { ...env },
      timeout: MAX_NATIVE_MS,
      maxBuffer: 1 << 28,
      stdio: [fd, "pipe", "pipe"],
    });
    if (error) throw error;
    const text = (bytes: Buffer) => bytes.toString("latin1");
    return { stdout: text(stdout), stderr: text(stderr), status: shellStatus(status, signal), files: survey(cwd) };
  } finally {
    closeSync(fd);
  }
}

class Capture implements HostOutput {
  readonly terminal = false;
  private readonly pieces: Buffer[] = [];

  write(bytes: Uint8Array): number {
    this.pieces.push(Buffer.from(bytes));
    return bytes.length;
  }

  text(): string {
    return Buffer.concat(this.pieces).toString("latin1");
  }
}

/** A host with a tree, all of its input at hand, and ears for what the guest and the machine say. */
function captureHost(tree: HostTree, input: string) {
  let held = Buffer.from(input, "latin1");
  const lines: string[] = [];
  const stdin: HostInput = {
    terminal: false,
    ready: () => true,
    read: (buffer, offset, length) => {
      const given = held.subarray(0, length);
      held = held.subarray(given.length);
      buffer.set(given, offset);
      return given.length;
    },
  };
  const stdout = new Capture();
  const stderr = new Capture();
  return {
    tree,
    program: null,
    stdin,
    stdout,
    stderr,
    lines,
    hostTimes: true,
    windowSize: () => ({ rows: 24, columns: 80 }),
    log: (line: string) => {
      lines.push(line);
    },
  } satisfies Host & { lines: string[] };
}

/** Runs it in the emulator, with `root` as its root. Lines about the machine itself come at the end of stderr. */
export function runInEmulator(root: string, { program, argv, env, stdin }: CommandLine): Traces {
  const host = captureHost(new NodeTree(root, "write"), stdin ?? "");
  const kernel = bootLinux({
    host,
    program: `/${program}`,
    argv,
    envp: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    cwd: `/${WORK}`,
    writable: true,
  });
  const reason = run(kernel, { instructions: MAX_INSTRUCTIONS });
  if (reason.kind !== "exit") host.log(`the machine stopped: ${reason.kind}`);
  const ending = reason.kind === "exit" ? reason.status : -1;
  return {
    stdout: host.stdout.text(),
    stderr: host.stderr.text() + host.lines.map((line) => `[${line}]\n`).join(""),
    status: ending < 0 ? -1 : (ending & 0x7f) === 0 ? ending >> 8 : 128 + (ending & 0x7f),
    files: survey(join(root, WORK)),
  };
}

/** Both in the same tree, one after the other, each in a new working directory that is filled with `work` (paths below it). */
export function runBoth(root: string, work: Filling, command: CommandLine): { host: Traces; emulator: Traces } {
  const filling = Object.fromEntries(Object.entries(work).map(([path, entry]) => [`${WORK}/${path}`, entry]));
  const mask = process.umask(0o022);
  try {
    const each = (runner: (root: string, command: CommandLine) => Traces) => {
      rmSync(join(root, WORK), { recursive: true, force: true });
      fill(root, filling);
      return runner(root, command);
    };
    return { host: each(runOnHost), emulator: each(runInEmulator) };
  } finally {
    process.umask(mask);
  }
}

const SHOWN_DIFFERENCES = 12;

/** What differs, a few lines of each kind; "" if nothing does. */
export function differences({ host, emulator }: { host: Traces; emulator: Traces }): string {
  const texts = (traces: Traces): [string, string][] => [
    ["stdout", traces.stdout],
    ["stderr", traces.stderr],
    ["status", String(traces.status)],
    ["files", traces.files.join("\n")],
  ];
  const complaints: string[] = [];
  const others = texts(emulator);
  for (const [index, [name, text]] of texts(host).entries()) {
    const expected = text.split("\n");
    const actual = (others[index]?.[1] ?? "").split("\n");
    let shown = 0;
    for (let line = 0; line < Math.max(expected.length, actual.length) && shown < SHOWN_DIFFERENCES; line++) {
      if (expected[line] === actual[line]) continue;
      shown++;
      complaints.push(
        `${name} line ${line + 1}:`,
        `  host     ${quoted(expected[line])}`,
        `  emulator ${quoted(actual[line])}`,
      );
    }
  }
  return complaints.join("\n");
}

function quoted(line: string | undefined): string {
  return line === undefined ? "(nothing)" : JSON.stringify(line.slice(0, 240));
}
