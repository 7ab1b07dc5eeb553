/** Resource use of a process or of its waited-for children: cycles, faults, KiB. */
export class Usage {
  userCycles = 0;
  systemCycles = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
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
    this.inBlocks += other.inBlocks;
    this.outBlocks += other.outBlocks;
    this.maxRss = Math.max(this.maxRss, other.maxRss);
  }
}
