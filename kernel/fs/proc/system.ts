/** /proc about the machine as a whole. cf. fs/proc/{meminfo,stat,uptime,loadavg,version}.c, arch/x86/kernel/cpu/proc.c. */

import { EINVAL } from "../../errno.ts";
import type { Kernel } from "../../kernel.ts";
import { OWNER_ANON, OWNER_FILE, OWNER_PAGE_TABLE, OWNER_SHMEM } from "../../mm/frames.ts";
import { HUGE_PAGE_SIZE } from "../../mm/hugetlb-pool.ts";
import { OVERCOMMIT_GUESS, OVERCOMMIT_NEVER, type Overcommit } from "../../mm/overcommit.ts";
import { PAGE_SIZE } from "../../mm/physical-memory.ts";
import { ZONE_HIGHMEM } from "../../mm/zone.ts";
import { clockTicks } from "../../task/notify.ts";
import { PID_MAX } from "../../task/pid.ts";
import { UTS_RELEASE, UTS_SYSNAME, UTS_VERSION } from "../../task/uts.ts";
import { NSEC_PER_SEC } from "../../time/clock.ts";
import { NR_OPEN } from "../files-struct.ts";
import { PIPE_MAX_SIZE } from "../pipe.ts";
import { fixedEntries, type ProcEntry } from "./proc-inode.ts";
import { countOwners, vmstatText } from "./vmstat.ts";

const text = (read: () => string, mode = 0o444): ProcEntry => ({ kind: "text", read, mode });

/** Names of CPUID.1:EDX bits as /proc/cpuinfo spells them, bit 0 first. */
const featureNames =
  "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe".split(
    " ",
  );

function cpuinfoText(k: Kernel): string {
  const { name, level, signature, features, vendor, hertz } = k.machine.profile;
  const flags = featureNames.filter((feature, bit) => feature !== "-" && ((features >>> bit) & 1) === 1);
  const family = signature === 0 ? level : (signature >>> 8) & 15;
  const rows: [string, string | number][] = [
    ["processor", 0],
    ["vendor_id", vendor === "" ? "unknown" : vendor],
    ["cpu family", family],
    ["model", (signature >>> 4) & 15],
    ["model name", name],
    ["stepping", signature & 15],
    ["cpu MHz", (hertz / 1e6).toFixed(3)],
    ["fdiv_bug", "no"],
    ["f00f_bug", "no"],
    ["coma_bug", "no"],
    ["fpu", "yes"],
    ["fpu_exception", "yes"],
    ["cpuid level", signature === 0 ? -1 : 1],
    ["wp", k.machine.mmu.profile.wp ? "yes" : "no"],
    ["flags", flags.join(" ")],
    ["bugs", ""],
    ["bogomips", ((hertz * 2) / 1e6).toFixed(2)],
    ["clflush size", 32],
    ["cache_alignment", 32],
    ["address sizes", "32 bits physical, 32 bits virtual"],
    ["power management", ""],
  ];
  return `${rows.map(([key, value]) => `${key}${"\t".repeat(key.length < 8 ? 2 : 1)}: ${value}\n`).join("")}\n`;
}

/** One field of meminfo, right-aligned. */
function field(name: string, value: number): string {
  return `${`${name}:`.padEnd(16)}${String(value).padStart(8)}`;
}

/** hugetlb_report_meminfo(): nothing on a processor without 4 MiB pages. */
function hugePagesText(k: Kernel): string {
  const pool = k.mm.memory.hugePages;
  if (!pool.supported) return "";
  const kib = HUGE_PAGE_SIZE / 1024;
  const counts: [string, number][] = [
    ["HugePages_Total", pool.total],
    ["HugePages_Free", pool.free],
    ["HugePages_Rsvd", pool.reserved],
    ["HugePages_Surp", 0],
  ];
  const sizes = `${field("Hugepagesize", kib)} kB\n${field("Hugetlb", pool.total * kib)} kB\n`;
  return counts.map(([name, count]) => `${field(name, count)}\n`).join("") + sizes;
}

function meminfoText(k: Kernel): string {
  const { memory } = k.mm;
  const owners = countOwners(k);
  const count = (owner: number) => owners.get(owner) ?? 0;
  const kib = (pages: number) => (pages * PAGE_SIZE) / 1024;
  const total = memory.frames.total - memory.reservedFrames;
  const cached = count(OWNER_FILE) + count(OWNER_SHMEM);
  const highZone = memory.zones[ZONE_HIGHMEM];
  const high = highZone?.managed ?? 0;
  const highFree = highZone?.buddy.freeFrames ?? 0;
  const rows: [string, number][] = [
    ["MemTotal", kib(total)],
    ["MemFree", kib(memory.freeFrames)],
    ["MemAvailable", kib(memory.freeFrames + count(OWNER_FILE))],
    ["Buffers", 0],
    ["Cached", kib(cached)],
    ["SwapCached", 0],
    ["Active", kib(count(OWNER_ANON))],
    ["Inactive", kib(cached)],
    ["HighTotal", kib(high)],
    ["HighFree", kib(highFree)],
    ["LowTotal", kib(total - high)],
    ["LowFree", kib(memory.freeFrames - highFree)],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", 0],
    ["Writeback", 0],
    ["AnonPages", kib(count(OWNER_ANON))],
    ["Mapped", kib(count(OWNER_FILE))],
    ["Shmem", kib(count(OWNER_SHMEM))],
    ["KReclaimable", 0],
    ["Slab", 0],
    ["SReclaimable", 0],
    ["SUnreclaim", 0],
    ["KernelStack", 8 * k.tasks.size],
    ["PageTables", kib(count(OWNER_PAGE_TABLE))],
    ["CommitLimit", kib(memory.overcommit.limit)],
    ["Committed_AS", kib(memory.overcommit.committed)],
    ["VmallocTotal", 122880],
    ["VmallocUsed", 0],
    ["VmallocChunk", 0],
  ];
  return rows.map(([name, value]) => `${field(name, value)} kB\n`).join("") + hugePagesText(k);
}

function seconds(nanoseconds: number): string {
  const hundredths = Math.floor((nanoseconds * 100) / NSEC_PER_SEC);
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** CPU time of everything, clock ticks. */
function cpuTicks(k: Kernel): { user: number; system: number; idle: number } {
  let [user, system] = [0, 0];
  for (const task of k.tasks) {
    user += task.usage.userCycles;
    system += task.usage.systemCycles;
  }
  const total = k.clock.cycles;
  return {
    user: clockTicks(k, user),
    system: clockTicks(k, system),
    idle: clockTicks(k, Math.max(0, total - user - system)),
  };
}

function statText(k: Kernel): string {
  const { user, system, idle } = cpuTicks(k);
  const times = `${user} 0 ${system} ${idle} 0 0 0 0 0 0`;
  const running = [...k.tasks].filter((task) => task.state === "running").length;
  const { sec } = k.clock.realtimeAt(0);
  return [
    `cpu  ${times}`,
    `cpu0 ${times}`,
    "intr 0",
    `ctxt ${k.counters.contextSwitches}`,
    `btime ${sec}`,
    `processes ${k.counters.forks + 1}`,
    `procs_running ${Math.max(1, running)}`,
    "procs_blocked 0",
    "softirq 0 0 0 0 0 0 0 0 0 0 0",
    "",
  ].join("\n");
}

function loadavgText(k: Kernel): string {
  let [last, running, all] = [0, 0, 0];
  for (const task of k.tasks) {
    last = Math.max(last, task.pid);
    all += 1;
    if (task.state === "running") running += 1;
  }
  return `0.00 0.00 0.00 ${running}/${all} ${last}\n`;
}

const filesystems = [
  "nodev\ttmpfs",
  "nodev\tproc",
  "nodev\tdevtmpfs",
  "nodev\tsockfs",
  "nodev\tpipefs",
  "nodev\toverlay",
  "nodev\thugetlbfs",
  "\text4",
];

/** A number of /proc/sys: read, and written where `write` is given. */
function sysctl(read: () => string | number, write?: (value: number) => number): ProcEntry {
  const entry: ProcEntry = { kind: "text", mode: write === undefined ? 0o444 : 0o644, read: () => `${read()}\n` };
  if (write !== undefined) {
    entry.write = (value) => {
      const number = Number(value.trim());
      return Number.isInteger(number) ? write(number) : -EINVAL;
    };
  }
  return entry;
}

const directory = (table: Readonly<Record<string, ProcEntry>>): ProcEntry => ({
  kind: "directory",
  children: () => fixedEntries(table),
});

/** The 16 bytes of a UUID as text, version 4. */
function uuid(k: Kernel): string {
  const bytes = new Uint8Array(16);
  k.random.fill(bytes);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A number of /proc/sys that is kept as it is written, from `min` to `max`. */
function knob(read: () => number, min: number, max: number, keep: (value: number) => void): ProcEntry {
  return sysctl(read, (value) => {
    if (value < min || value > max) return -EINVAL;
    keep(value);
    return 0;
  });
}

/** The limit is a share of RAM or a number of KiB: writing one clears the other. */
function overcommitEntries(overcommit: Overcommit): Readonly<Record<string, ProcEntry>> {
  const ulong = (read: () => number, keep: (value: number) => void) => knob(read, 0, 0xffffffff, keep);
  return {
    admin_reserve_kbytes: ulong(
      () => overcommit.adminReserve,
      (value) => {
        overcommit.adminReserve = value;
      },
    ),
    overcommit_kbytes: ulong(
      () => overcommit.kbytes,
      (value) => {
        overcommit.kbytes = value;
        overcommit.ratio = 0;
      },
    ),
    overcommit_memory: knob(
      () => overcommit.policy,
      OVERCOMMIT_GUESS,
      OVERCOMMIT_NEVER,
      (value) => {
        overcommit.policy = value;
      },
    ),
    overcommit_ratio: knob(
      () => overcommit.ratio,
      0,
      0x7fffffff,
      (value) => {
        overcommit.ratio = value;
        overcommit.kbytes = 0;
      },
    ),
    user_reserve_kbytes: ulong(
      () => overcommit.userReserve,
      (value) => {
        overcommit.userReserve = value;
      },
    ),
  };
}

/** nr_hugepages: a larger pool is made as far as memory allows, without complaint. */
function hugePagesEntry(k: Kernel): ProcEntry {
  const pool = k.mm.memory.hugePages;
  const resize = (count: number): number => {
    if (count < 0) return -EINVAL;
    pool.resize(count);
    return 0;
  };
  return sysctl(() => pool.total, resize);
}

function sysEntry(k: Kernel): ProcEntry {
  return directory({
    fs: directory({
      "file-max": sysctl(() => 26214),
      "file-nr": sysctl(() => "0\t0\t26214"),
      nr_open: sysctl(() => NR_OPEN),
      "pipe-max-size": sysctl(() => PIPE_MAX_SIZE),
      protected_hardlinks: sysctl(() => 0),
      protected_symlinks: sysctl(() => 0),
    }),
    kernel: directory({
      cap_last_cap: sysctl(() => 40),
      core_pattern: sysctl(() => "core"),
      domainname: sysctl(() => k.domainname),
      hostname: sysctl(() => k.hostname),
      msgmax: sysctl(() => 8192),
      ngroups_max: sysctl(() => 65536),
      osrelease: sysctl(() => UTS_RELEASE),
      ostype: sysctl(() => UTS_SYSNAME),
      overflowgid: sysctl(() => 65534),
      overflowuid: sysctl(() => 65534),
      pid_max: sysctl(() => PID_MAX),
      random: directory({
        boot_id: sysctl(() => "00000000-0000-4000-8000-000000000000"),
        entropy_avail: sysctl(() => 256),
        poolsize: sysctl(() => 256),
        uuid: sysctl(() => uuid(k)),
      }),
      randomize_va_space: sysctl(() => 0),
      sched_child_runs_first: sysctl(() => 0),
      sem: sysctl(() => "32000\t1024000000\t500\t32000"),
      shmall: sysctl(() => 4278190079),
      shmmax: sysctl(() => 4278190079),
      shmmni: sysctl(() => 4096),
      "threads-max": sysctl(() => 2048),
      version: sysctl(() => UTS_VERSION),
    }),
    vm: directory({
      max_map_count: sysctl(() => 65530),
      mmap_min_addr: sysctl(() => 65536),
      ...(k.mm.memory.hugePages.supported ? { nr_hugepages: hugePagesEntry(k) } : {}),
      swappiness: sysctl(() => 60),
      ...overcommitEntries(k.mm.memory.overcommit),
    }),
  });
}

/** Everything in /proc but the processes. */
export function systemEntries(k: Kernel): Readonly<Record<string, ProcEntry>> {
  return {
    buddyinfo: text(() => buddyinfoText(k), 0o400),
    cmdline: text(() => "\n"),
    cpuinfo: text(() => cpuinfoText(k)),
    devices: text(() => "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n136 pts\n\nBlock devices:\n"),
    filesystems: text(() => `${filesystems.join("\n")}\n`),
    loadavg: text(() => loadavgText(k)),
    meminfo: text(() => meminfoText(k)),
    vmstat: text(() => vmstatText(k)),
    mounts: { kind: "link", read: () => "self/mounts" },
    partitions: text(() => "major minor  #blocks  name\n\n"),
    self: { kind: "link", read: () => String(k.current.tgid) },
    stat: text(() => statText(k)),
    swaps: text(() => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
    sys: sysEntry(k),
    "thread-self": { kind: "link", read: () => `${k.current.tgid}/task/${k.current.pid}` },
    uptime: text(() => `${seconds(k.clock.now())} ${seconds(k.clock.now())}\n`),
    version: text(() => `${UTS_SYSNAME} version ${UTS_RELEASE} (pagewalk) (TypeScript) ${UTS_VERSION}\n`),
  };
}

/** Free blocks by order and zone. */
function buddyinfoText(k: Kernel): string {
  return k.mm.memory.zones
    .map(({ name, buddy }) => {
      return `Node 0, zone ${name.padStart(8)} ${[...buddy.freeBlocks].map((count) => `${String(count).padStart(6)} `).join("")}\n`;
    })
    .join("");
}
