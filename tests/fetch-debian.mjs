// Fetches i386 programs that the tests run: `node tests/fetch-debian.mjs [PACKAGE...]` (default: busybox-static).
//
// Each package of Debian's `main` is unpacked, not installed, into .cache/debian/PACKAGE/. The package lists live in
// .cache/apt/, so neither root nor a change to the host's apt is needed; apt-get, dpkg-deb and Debian's archive keys are.
// DEBIAN_MIRROR and DEBIAN_SUITE replace http://deb.debian.org/debian and bookworm.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const apt = join(cache, "apt");
const mirror = process.env.DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const suite = process.env.DEBIAN_SUITE ?? "bookworm";

const packages = process.argv.slice(2);
if (packages.length === 0) packages.push("busybox-static");

/** Every path that apt would take from the host is turned to ours; the host's apt.conf (proxies) stays in force. */
const settings = [
  ["APT::Architecture", "i386"],
  ["APT::Architectures", "i386"],
  ["APT::Sandbox::User", "root"],
  ["Acquire::Languages", "none"],
  ["Acquire::Retries", "3"],
  ["Dir::Etc::SourceList", join(apt, "sources.list")],
  ["Dir::Etc::SourceParts", "/dev/null"],
  ["Dir::State", join(apt, "state")],
  ["Dir::State::status", join(apt, "status")],
  ["Dir::Cache", join(apt, "cache")],
].flatMap(([name, value]) => ["-o", `${name}=${value}`]);

class Failure extends Error {}

function run(command, args, cwd = apt) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000,
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  if (error) throw new Failure(`${command}: ${error.message}`);
  if (status !== 0) throw new Failure(`${command} ${args.at(-1)}: exit status ${status}\n${stdout}${stderr}`.trim());
  return stdout;
}

async function prepareApt() {
  await mkdir(join(apt, "state", "lists", "partial"), { recursive: true });
  await mkdir(join(apt, "cache", "archives", "partial"), { recursive: true });
  await writeFile(join(apt, "status"), "");
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const signedBy = existsSync(keys) ? ` signed-by=${keys}` : "";
  await writeFile(join(apt, "sources.list"), `deb [arch=i386${signedBy}] ${mirror} ${suite} main\n`);
  run("apt-get", [...settings, "update"]);
}

/** Unpacks beside the target and renames at the end, so that a broken download never looks like a package. */
async function fetchPackage(name) {
  const work = join(cache, "debian", `.${name}.${process.pid}`);
  const target = join(cache, "debian", name);
  await mkdir(work, { recursive: true });
  try {
    run("apt-get", [...settings, "download", name], work);
    const archive = (await readdir(work)).find((file) => file.endsWith(".deb"));
    if (archive === undefined) throw new Failure(`apt-get download ${name} left no .deb`);
    const files = join(work, "files");
    run("dpkg-deb", ["-x", join(work, archive), files]);
    await rm(target, { recursive: true, force: true });
    await rename(files, target);
    return run("dpkg-deb", ["-f", join(work, archive), "Version"], work).trim();
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

try {
  await prepareApt();
  for (const name of packages) console.log(`${name} ${await fetchPackage(name)} in .cache/debian/${name}`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`fetch-debian: ${error.message}`);
  process.exitCode = 1;
}
