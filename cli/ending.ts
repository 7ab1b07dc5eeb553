/** How a program ended, as a shell reports it. */
import { type RunResult, signalDescription } from "../observe/index.ts";
import { complain } from "./streams.ts";

/** Signals whose deaths a shell passes over in silence. */
const silent = ["SIGINT", "SIGPIPE"];

/** The exit status 0..255; a fatal signal is reported on stderr. */
export function reportEnding(ending: RunResult & { reason: "exit" }): number {
  const { exitStatus, signal, coreDumped, fault } = ending;
  if (signal !== null && !silent.includes(signal)) {
    const where = fault === null ? "" : `: instruction at ${hex(fault.eip)}`;
    const address = fault === null || fault.address === null ? "" : `, address ${hex(fault.address)}`;
    complain(`${signalDescription(exitStatus - 128)}${coreDumped ? " (core dumped)" : ""}${where}${address}\n`);
  }
  return exitStatus;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
