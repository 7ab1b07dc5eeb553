/** Resource use of a process or of its waited-for children: cycles, faults, KiB. */
export class Usage {
  userCycles = 0;
  systemCycles = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  /** Bytes moved by read and write calls, and the calls: task_io_accounting. */
  readBytes = 0;
  writtenBytes = 0;
  readCalls = 0;
  writeCalls = 0;
  inBlocks = 0;
  outBlocks = 0;
  /** Peak resident set, KiB: the maximum, not the sum. */
  maxRss = 0;

  add(other: Usage): void {
    this.userCycles += other.userCycles;
    this.systemCycles += other.systemCycles;
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.voluntarySwitches += other.voluntarySwitches;
    this.involuntarySwitches += other.involuntarySwitches;
    this.readBytes += other.readBytes;
    this.writtenBytes += other.writtenBytes;
    this.readCalls += other.readCalls;
    this.writeCalls += other.writeCalls;
    this.inBlocks += other.inBlocks;
    this.outBlocks += other.outBlocks;
    this.maxRss = Math.max(this.maxRss, other.maxRss);
  }
}
