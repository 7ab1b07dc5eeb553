// Runs tests: `npm test [-- PATTERN...]`. A pattern selects the test files whose path contains it.
//   --timeout SECONDS   how long one file may take (default 600)
//   --list              names the files and stops
//   --script FILE.ts    instead bundles and runs one script with the remaining arguments (npm run oracle)
//
// Every tests/**/*.test.ts is bundled by esbuild into dist-tests/ and runs in a process of its own, two at a time.
// The last line is `N passed, N failed, N skipped`; a file that crashes, hangs or runs no test at all is a failure.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { bundle, bundleOf, removeBundles, root } from "./bundle.mjs";

const parallel = 2;

function parseArguments(words) {
  const options = { timeoutSeconds: 600, list: false, script: undefined, rest: [], patterns: [] };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "--timeout") options.timeoutSeconds = Number(words[++i]);
    else if (words[i] === "--list") options.list = true;
    else if (words[i] === "--script") {
      options.script = words[++i];
      options.rest = words.slice(i + 1);
      break;
    } else if (words[i].startsWith("-")) usage(`unknown option ${words[i]}`);
    else options.patterns.push(words[i]);
  }
  if (!(options.timeoutSeconds > 0)) usage("--timeout wants a number of seconds");
  if (options.script !== undefined && !existsSync(join(root, options.script))) usage(`no file ${options.script}`);
  return options;
}

function usage(complaint) {
  console.error(`tests/run.mjs: ${complaint}`);
  console.error("usage: npm test [-- [--timeout SECONDS] [--list] PATTERN...]");
  process.exit(2);
}

async function testFiles(patterns) {
  const names = await readdir(join(root, "tests"), { recursive: true });
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `tests/${name.split(sep).join("/")}`)
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .sort();
}

/** Bundles all files at once; if that fails, one by one. Returns file -> esbuild's messages for those that do not bundle. */
async function bundleTests(files) {
  const broken = new Map();
  try {
    await bundle(files);
  } catch {
    for (const file of files) {
      try {
        await bundle([file]);
      } catch (error) {
        broken.set(file, error.message);
      }
    }
  }
  return broken;
}

/** Process groups still running, to be killed when the runner itself is interrupted. */
const running = new Set();

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is already gone.
  }
}

/** Runs one bundle to its end or its timeout. */
function runFile(output, timeoutSeconds) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, ["--enable-source-maps", "--stack-trace-limit=30", output], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" },
    });
    running.add(child.pid);
    const chunks = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, timeoutSeconds * 1000);
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("exit", (status, signal) => {
      clearTimeout(timer);
      running.delete(child.pid);
      // What a test left behind would hold the pipes open for ever.
      killGroup(child.pid);
      const grace = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, 1000);
      child.on("close", () => clearTimeout(grace));
      child.on("close", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ text, status, signal, timedOut, seconds: (performance.now() - started) / 1000 });
      });
    });
  });
}

/** uvu ends its report with `Total: 3`, `Passed: 2`, `Skipped: 1`; a suite is one such report. */
function totals(text) {
  const sum = (label) =>
    [...text.matchAll(new RegExp(`^ {2}${label}: +(\\d+)`, "gm"))].reduce((all, match) => all + Number(match[1]), 0);
  const total = sum("Total");
  const passed = sum("Passed");
  const skipped = sum("Skipped");
  return { total, passed, skipped };
}

/** Counts and, for a failure, one line that says what kind it is. */
function judge(result) {
  const { total, passed, skipped } = totals(result.text);
  let failed = total - passed;
  let complaint = failed > 0 ? `${failed} failed` : "";
  const crash = (text) => {
    failed = Math.max(failed, 1);
    complaint = text;
  };
  if (result.timedOut) crash(`hung, killed after ${result.seconds.toFixed(0)} s`);
  else if (result.signal) crash(`killed by ${result.signal}`);
  else if (result.status !== 0 && failed === 0) crash(`exit status ${result.status}`);
  else if (total + skipped === 0) crash("ran no test");
  return { passed, failed, skipped, complaint };
}

const doesNotBundle = { passed: 0, failed: 1, skipped: 0, complaint: "does not bundle" };

async function runTests(options) {
  const files = await testFiles(options.patterns);
  if (options.list) {
    for (const file of files) console.log(file);
    return 0;
  }
  const sum = { passed: 0, failed: 0, skipped: 0 };
  if (files.length > 0) {
    const broken = await bundleTests(files);
    let next = 0;
    const worker = async () => {
      while (next < files.length) {
        const file = files[next++];
        const text = broken.get(file);
        const result =
          text === undefined ? await runFile(bundleOf(file), options.timeoutSeconds) : { text, seconds: 0 };
        const verdict = text === undefined ? judge(result) : doesNotBundle;
        report(file, result, verdict);
        sum.passed += verdict.passed;
        sum.failed += verdict.failed;
        sum.skipped += verdict.skipped;
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
  } else {
    console.log(`no test file matches ${options.patterns.join(" ") || "tests/**/*.test.ts"}`);
    sum.failed = 1;
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed > 0 ? 1 : 0;
}

function report(file, result, verdict) {
  const name = file.slice("tests/".length);
  const time = `${result.seconds.toFixed(1)} s`;
  const skips = verdict.skipped > 0 ? `, ${verdict.skipped} skipped` : "";
  if (verdict.failed === 0) {
    console.log(`ok    ${name}: ${verdict.passed} passed${skips} (${time})`);
    for (const line of result.text.match(/^SKIP .*$/gm) ?? []) console.log(`      ${line}`);
  } else {
    console.log(`FAIL  ${name}: ${verdict.complaint} (${time})`);
    console.log(result.text.replace(/^/gm, "      ").trimEnd());
  }
}

async function runScript(options) {
  await bundle([options.script]);
  const child = spawn(process.execPath, ["--enable-source-maps", bundleOf(options.script), ...options.rest], {
    cwd: root,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.on("exit", (status) => resolve(status ?? 1)));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    for (const pid of running) killGroup(pid);
    process.exit(130);
  });
}

const options = parseArguments(process.argv.slice(2));
let status = 1;
try {
  status = options.script === undefined ? await runTests(options) : await runScript(options);
} catch (error) {
  console.error(error.message);
} finally {
  await removeBundles();
}
process.exitCode = status;
