/**
 * The observing room, and the package's front door: machines that run Linux programs, what happens in them, and reports
 * of what they counted. For the bare machine without a kernel see the emu room.
 */
export { cpuProfile, DEFAULT_CPU, DEFAULT_RAM, type Machine, type MachineOptions, profileNames } from "../emu/index.ts";
export {
  BootError,
  DEFAULT_ENVIRONMENT,
  type Host,
  type HostEntry,
  type HostFile,
  type HostInput,
  type HostKind,
  type HostOutput,
  type HostProgram,
  type HostStat,
  type HostTree,
  type HostTreeChanges,
  type Kernel,
  MemoryTree,
  type RunBudget,
  signalDescription,
  type Timespec,
} from "../kernel/index.ts";
export { HostMemoryError, MAX_RAM_BYTES } from "../mmu/index.ts";
export {
  type AddressMap,
  addressMap,
  type MappedPage,
  type MappedProcess,
  type MappedRegion,
  type MappedTable,
  type PageKind,
} from "./address-map.ts";
export { addressMapSvg } from "./address-map-svg.ts";
export { missCurvesText, workingSetText } from "./curves-text.ts";

export type {
  FaultKind,
  FaultSignalCode,
  MachineEvents,
  PageFaultEvent,
  ProcessExitEvent,
  SignalEvent,
  SyscallEvent,
} from "./events.ts";
export {
  type FaultRecording,
  type FaultSetup,
  faultDifference,
  faultRecordingText,
  parseFaultRecording,
  setupDifferences,
} from "./fault-recording.ts";
export { faultColumns, faultHeading, faultLine, faultSummaryText } from "./fault-text.ts";
export {
  type FaultCounts,
  type FaultFilter,
  type FaultSummary,
  FaultTrace,
  faultKind,
  faultWords,
  type TracedFault,
} from "./fault-trace.ts";
export { type LinuxWalk, linuxWalk } from "./linux-walk.ts";
export { type MissCurve, missesOf } from "./lru-curves.ts";
export { createMachine, LinuxMachine, type LinuxMachineOptions, type ProgramOptions } from "./machine.ts";
export {
  DEFAULT_CURVE_SETS,
  MissCurves,
  type MissCurvesOptions,
  type MissCurvesReport,
  type SetCurves,
} from "./miss-curves.ts";
export { listenToMmu } from "./mmu-events.ts";
export { type CachedPage, type PageWalk, pageWalk, type Rights, type WalkedEntry } from "./page-walk.ts";
export { fileContents, Places } from "./places.ts";
export { pmapText } from "./pmap-text.ts";
export { type GeneralRegister, ProcessView, type Registers, type SegmentRegister } from "./process.ts";
export { exitStatusOf, type FatalFault, type RunResult } from "./run-result.ts";
export { StaleCheck, type StaleLoss, type StalePlace, type StaleReport, type StaleSite } from "./stale.ts";
export { staleReportText, staleSummaryText } from "./stale-text.ts";
export { bareWitness, linuxWitness, type StaleWitness } from "./stale-witness.ts";
export {
  type LinuxSummary,
  linuxSummary,
  linuxSummaryText,
  type MachineSummary,
  machineSummary,
  machineSummaryText,
} from "./summary.ts";
export type { BootedKernel } from "./surroundings.ts";
export {
  type Shard,
  SWEEP_SCHEMA,
  type SweepOutcome,
  type SweepPlan,
  type SweepReport,
  type SweepRun,
  shardOf,
  sweepOutcome,
  sweepReport,
  sweepRun,
  sweepText,
  WalkClocks,
  WHOLE,
} from "./sweep.ts";
export { mergeSweeps, type NamedSweep, parseShard, sweepError } from "./sweep-merge.ts";
export { SymbolTable } from "./symbols.ts";
export { grouped, percent, textTable } from "./table.ts";
export type { TlbCounts } from "./tlb-counts.ts";
export type { EvictEvent, FlushEvent, LookupEvent, TlbEvents, WalkEvent } from "./tlb-events.ts";
export { type TlbPageReport, tlbPage } from "./tlb-page.ts";
export {
  STEPPED,
  type TlbFunction,
  type TlbKind,
  type TlbLine,
  type TlbPage,
  type TlbProcess,
  TlbProfile,
  type TlbRegion,
  type TlbReport,
  type TlbSite,
} from "./tlb-profile.ts";
export { tlbReportText } from "./tlb-report.ts";
export type { TlbMoment, TlbTimeline } from "./tlb-timeline.ts";
export { linuxWalkText, pageWalkText } from "./walk-text.ts";
export { type PageCounts, WorkingSet, type WorkingSetReport } from "./working-set.ts";
