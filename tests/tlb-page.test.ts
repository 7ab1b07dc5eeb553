/** The HTML page of a TLB profile: well-formed, self-contained, and of the same figures as the JSON report. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createMachine,
  grouped,
  MissCurves,
  percent,
  type TlbCounts,
  type TlbPageReport,
  TlbProfile,
  tlbPage,
  tlbReportText,
  WorkingSet,
} from "../observe/index.ts";
import { pagewalk } from "./package.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-page-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

function reportOf(name: string): TlbPageReport {
  const machine = createMachine({ mem: 32 << 20, translation: "traced" });
  const profile = new TlbProfile(machine);
  const curves = new MissCurves(machine, { sets: [1, 16, 64] });
  const working = new WorkingSet(machine);
  machine.load(readFileSync(`images/bin/${name}`), { name });
  while (machine.run(working.untilNext()).reason === "budget");
  return { ...profile.report(), curves: curves.report(), workingSet: working.report() };
}

const demo = reportOf("demo");

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Node | string)[];
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function decoded(text: string): string {
  assert.not.match(text, /&(?!(?:amp|lt|gt|quot);)/);
  return text.replace(/&(\w+);/g, (_, name: string) => entities[name]);
}

/** A strict reader of XML without namespaces, comments and instructions. */
function parse(page: string): Node {
  assert.ok(page.startsWith("<!doctype html>\n"));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has none of them.
  assert.not.match(page, /[\x00-\x08\x0b-\x1f\x7f]/);
  const root: Node = { name: "", attributes: {}, children: [] };
  const open = [root];
  const token = /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z0-9:-]+="[^"<>]*")*)(\/?)>|([^<>]+)/gy;
  token.lastIndex = "<!doctype html>\n".length;
  while (token.lastIndex < page.length) {
    const from = token.lastIndex;
    const found = token.exec(page);
    if (found === null) throw new Error(`not well-formed: ${page.slice(from, from + 80)}`);
    const [, end, name, attributes, empty, text] = found;
    const parent = open[open.length - 1];
    if (text !== undefined) {
      parent.children.push(decoded(text));
    } else if (end === "/") {
      assert.is(open.pop()?.name, name);
    } else {
      const pairs = [...attributes.matchAll(/ ([a-zA-Z0-9:-]+)="([^"]*)"/g)].map(([, key, value]) => [
        key,
        decoded(value),
      ]);
      assert.is(new Set(pairs.map(([key]) => key)).size, pairs.length, "no attribute twice");
      const node: Node = { name, attributes: Object.fromEntries(pairs), children: [] };
      parent.children.push(node);
      if (empty === "") open.push(node);
    }
  }
  assert.is(open.length, 1);
  const [html] = root.children;
  if (typeof html === "string") throw new Error("no element");
  return html;
}

function all(node: Node, name: string): Node[] {
  return node.children.flatMap((child) =>
    typeof child === "string" ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );
}

function textOf(node: Node): string {
  return node.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

/** Rows of cells of the table below a heading. */
function tableUnder(page: Node, heading: string): string[][] {
  const siblings = all(page, "section").flatMap((section) =>
    section.children.filter((child) => typeof child !== "string"),
  );
  const index = siblings.findIndex((node) => /^h[23]$/.test(node.name) && textOf(node) === heading);
  if (index < 0) throw new Error(`no heading ${heading}`);
  return all(all(siblings[index + 1], "tbody")[0], "tr").map((row) => all(row, "td").map(textOf));
}

function selfContained(page: string): void {
  const html = parse(page);
  const loading = ["script", "link", "img", "iframe", "object", "embed", "base", "use", "image", "a"];
  for (const name of loading) assert.equal(all(html, name), []);
  const style = textOf(all(html, "style")[0]);
  assert.not.match(style, /url\(|@import|expression|<|&/);
  assert.not.match(
    page.replaceAll('xmlns="http://www.w3.org/2000/svg"', ""),
    /https?:|\/\/www|\bon[a-z]+="|javascript:/,
  );
}

const page = tlbPage(demo, 25);

test("well-formed, self-contained, the same for the same report", () => {
  selfContained(page);
  assert.is(tlbPage(JSON.parse(JSON.stringify(demo)), 25), page);
});

test("the figures of the report", () => {
  const html = parse(page);
  const tiles = Object.fromEntries(
    all(html, "div")
      .filter((node) => node.attributes.class === "tile")
      .map((tile) => {
        const [name] = all(tile, "dt").map(textOf);
        return [name, all(tile, "dd").map(textOf)];
      }),
  );
  assert.is(tiles.instructions[0], grouped(demo.instructions));
  assert.is(tiles.cycles[0], grouped(demo.cycles));
  assert.equal(tiles.accesses, [grouped(demo.accesses), `${grouped(demo.accesses - demo.misses)} hits`]);
  assert.equal(tiles.misses, [grouped(demo.misses), `${percent(demo.misses, demo.accesses)} of accesses`]);
  assert.is(tiles["page walks"][0], grouped(demo.walks.begun));
  assert.is(tiles["cycles in walks and refills"][0], grouped(demo.walks.clocks + demo.refillClocks));
  assert.is(tiles["page faults"][0], grouped(demo.faults));

  const kinds = demo.kinds.filter(({ accesses }) => accesses > 0);
  const figures = ({ accesses, hits, misses }: (typeof kinds)[number]) =>
    [accesses, hits, misses].map((n) => grouped(n));
  assert.equal(
    tableUnder(html, "Misses by kind").map((cells) => cells.slice(0, 4)),
    kinds.map((kind) => [`${kind.access}, ${kind.by}`, ...figures(kind)]),
  );
  const counts = ({ misses, walks, walkClocks, faults }: TlbCounts) =>
    [misses.all, misses.fetch, misses.read, misses.write, walks, walkClocks, faults].map((n) => grouped(n));
  const lists = [
    ["Processes", demo.processes.map((one) => [`${one.pid} ${one.name}`, ...counts(one)])],
    ["Regions", demo.regions.map((one) => [`${one.pid} ${one.region}`, ...counts(one)])],
    [
      "Functions",
      demo.functions.map((one) => [one.name === "" ? one.file : `${one.name} (${one.file})`, ...counts(one)]),
    ],
    [
      "Pages",
      demo.pages.map((one) => [
        `${one.pid} ${one.address.toString(16).padStart(8, "0")} ${one.region}`,
        ...counts(one),
      ]),
    ],
  ] as const;
  for (const [heading, expected] of lists) {
    const rows = tableUnder(html, heading).filter((cells) => cells.length > 1);
    assert.equal(
      rows.map(([name, misses, , ...others]) => [name, misses, ...others]),
      expected.slice(0, 25),
      heading,
    );
  }
  const [line] = tableUnder(html, "Source lines");
  assert.is(line[0], `${demo.lines[0].source}:${demo.lines[0].line} ${demo.lines[0].name}`);
  assert.match(tableUnder(html, "Pages").at(-1)?.[0] ?? "", `and ${grouped(demo.pages.length - 25)} more`);
});

test("tooltips of the heat map and of the time chart add up to the misses", () => {
  const tipsOf = (label: RegExp) =>
    all(parse(page), "svg")
      .filter((svg) => label.test(svg.attributes["aria-label"] ?? ""))
      .flatMap((svg) => all(svg, "title").map(textOf));
  const sum = (label: RegExp, pattern: RegExp) =>
    tipsOf(label).reduce((total, tip) => total + Number((pattern.exec(tip)?.[1] ?? "0").replaceAll(",", "")), 0);
  assert.is(sum(/^Process /, /^[0-9a-f]{8} .*\n([\d,]+) misses/), demo.misses);
  assert.is(sum(/^TLB misses .* over time/, /\n([\d,]+) misses/), demo.misses);
  assert.is(sum(/^Page faults .* over time/, / ([\d,]+) page faults$/), demo.faults);
});

test("curves and working sets only where the report has them", () => {
  const headings = (text: string) => all(parse(text), "h2").map(textOf);
  assert.equal(headings(page), [
    "Misses by kind",
    "Over time",
    "Working set",
    "Other sizes",
    "Address space",
    "Where the misses come from",
  ]);
  const { curves, workingSet, ...plain } = demo;
  assert.ok(curves !== undefined && workingSet !== undefined);
  assert.not.ok(headings(tlbPage(plain, 25)).some((heading) => /Working set|Other sizes/.test(heading)));
  selfContained(tlbPage({ ...plain, curves: { fetch: [], data: [] }, workingSet: { ...workingSet, samples: [] } }, 25));
});

test("names of the guest are text, in the page and on the terminal", () => {
  const evil = `<script>alert("1 & 2")</script>'\u001b[2J\u0000\ud800\ufffe \u{1f600}`;
  const named: TlbPageReport = {
    ...demo,
    program: evil,
    processes: demo.processes.map((one) => ({ ...one, name: evil })),
    regions: demo.regions.map((one) => ({ ...one, region: evil })),
    pages: demo.pages.map((one) => ({ ...one, region: evil })),
    functions: demo.functions.map((one) => ({ ...one, name: evil, file: evil })),
    lines: demo.lines.map((one) => ({ ...one, source: evil, name: evil })),
  };
  const text = tlbPage(named, 25);
  selfContained(text);
  const shown = evil
    .replace("\u001b", "\\033")
    .replace("\u0000", "\\000")
    .replace("\ud800", "\\154000")
    .replace("\ufffe", "\\177776");
  assert.is(textOf(all(parse(text), "h1")[0]), `TLB profile of ${shown}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them.
  assert.not.match(tlbReportText(named, 10), /[\x00-\x09\x0b-\x1f]/);
});

const none: TlbCounts = {
  lookups: null,
  misses: { fetch: 0, read: 0, write: 0, all: 0 },
  walks: 0,
  walkClocks: 0,
  faults: 0,
};

test("reports of every shape: nothing at all, one instruction, many processes, a huge address space, every lookup", () => {
  const empty: TlbPageReport = {
    ...demo,
    instructions: 0,
    cycles: 0,
    accesses: 0,
    misses: 0,
    missesPerThousandInstructions: 0,
    faults: 0,
    kinds: demo.kinds.map((kind) => ({ ...kind, accesses: 0, hits: 0, misses: 0 })),
    processes: [],
    regions: [],
    pages: [],
    functions: [],
    lines: [],
    sites: [],
    timeline: { width: 1, buckets: [{ from: 0, ...none }] },
  };
  const some = { ...none, misses: { fetch: 1, read: 2, write: 3, all: 6 }, walks: 6 };
  const many = Array.from({ length: 1000 }, (_, pid) => ({ pid, name: `p${pid}`, ...some }));
  const spread = Array.from({ length: 5000 }, (_, n) => ({
    pid: 1,
    address: n * 0x93000,
    region: `r${n % 700}`,
    ...some,
  }));
  const shapes: TlbPageReport[] = [
    empty,
    { ...empty, instructions: 1 },
    { ...demo, processes: many },
    { ...demo, processes: many, pages: spread },
    { ...demo, processes: demo.processes.map((one) => ({ ...one, lookups: 5_000_000 })) },
    {
      ...demo,
      timeline: {
        width: 1024,
        buckets: demo.timeline.buckets.map((one, n) => (n === 3 ? { ...one, ...some } : { ...one, ...none })),
      },
    },
  ];
  for (const shape of shapes) {
    const text = tlbPage(shape, 3);
    selfContained(text);
    assert.not.match(text, /NaN|Infinity|undefined/);
    assert.not.match(tlbReportText(shape, 3), /NaN|Infinity|undefined/);
    assert.ok(text.length < 2_000_000, `${text.length} characters`);
  }
  const rows = tableUnder(parse(tlbPage(shapes[2], 3)), "Processes");
  assert.equal(
    rows.map(([first]) => first),
    ["0 p0", "1 p1", "2 p2", "and 997 more"],
  );
});

test("the command writes the page, to a file or to standard output", () => {
  const [html, json] = [at("report.html"), at("report.json")];
  writeFileSync(html, "something longer".repeat(100_000));
  const ran = pagewalk(["tlb", "--html", html, "--json", json, "--top=4", "images/bin/cow"]);
  assert.is(ran.status, 0);
  const report = JSON.parse(readFileSync(json, "utf8")) as TlbPageReport;
  assert.is(readFileSync(html, "utf8"), tlbPage(report, 4));
  const piped = pagewalk(["tlb", "--html=-", "images/bin/cow"]);
  assert.is(piped.stdout, ran.stdout + tlbPage(report, 25));
});

test("the command: a kernel, its sections and functions", () => {
  const json = at("kernel.json");
  for (const lookups of [[], ["--lookups"]]) {
    const { status, stdout } = pagewalk([
      "tlb",
      "--boot",
      ...lookups,
      "--json",
      json,
      "--html",
      at("kernel.html"),
      "images/bin/boot-cow",
    ]);
    assert.is(status, 33);
    assert.match(stdout, "both share four frames");
    const report = JSON.parse(readFileSync(json, "utf8")) as TlbPageReport;
    assert.is(report.program, "boot-cow");
    assert.ok(
      [".text", ".bss", "[40000000-403fffff]"].every((name) => report.regions.some(({ region }) => region === name)),
    );
    assert.is(report.functions[0].name, "write_bytes");
    assert.ok(report.lines.some(({ source }) => source === "images/boot/cow.c"));
    assert.is(
      report.regions.reduce((sum, { misses }) => sum + misses.all, 0),
      report.misses,
    );
    selfContained(readFileSync(at("kernel.html"), "utf8"));
  }
});

test("the command: what cannot be", () => {
  const wrong = (words: readonly string[], status: number, complaint: RegExp) => {
    const ran = pagewalk(["tlb", ...words]);
    assert.is(ran.status, status);
    assert.match(ran.stderr, complaint);
    assert.is(ran.stderr.split("\n").length, 2, ran.stderr);
    assert.is(ran.stdout, "");
  };
  const cow = "images/bin/cow";
  wrong(["--html", at("no/where"), cow], 2, /^pagewalk: --html .*: cannot be written: no such file or directory$/m);
  wrong(["--html", directory, cow], 2, /: cannot be written: is a directory$/m);
  wrong(
    ["--html", at("same"), "--json", at("same"), cow],
    2,
    /^pagewalk: --html .*same: the same file as that of --json$/m,
  );
  wrong(["--html=-", "--json=-", cow], 2, /^pagewalk: --html -: the same file as that of --json$/m);
  wrong(["--top=0", "--html", at("x"), cow], 2, /--top 0: /);
  wrong(["--html", at("x"), at("missing")], 127, /cannot run /);
  wrong(["--boot", "--html", at("x"), at("missing")], 127, /cannot boot /);
  for (const option of ["--root=/", "--writable", "--env=A=b", "--cwd=/tmp", "--quiet", "--curves", "--working-set"]) {
    wrong(
      ["--boot", option, "images/bin/boot-cow"],
      2,
      /^pagewalk: --[a-z-]+: only for Linux programs; --boot runs a kernel$/m,
    );
  }
});

test.run();
