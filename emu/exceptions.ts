/**
 * Exceptions and interrupts of a guest that owns its IDT: delivery, double fault, shutdown (SDM 3A 6.15, interrupt 8).
 *
 * The state is that of the interrupted program until a frame is complete; a fault on the way starts again with the
 * exception that results (P32 to P35). Where the handler of an exception cannot be entered:
 *
 * ```
 *   while delivering      benign      contributory   page fault      contributory: #DE #TS #NP #SS #GP
 *   a benign one          it          it             it
 *   a contributory one    it          #DF            it
 *   a page fault          it          #DF            #DF
 *   #DF                   shutdown    shutdown       shutdown
 * ```
 */
import { AC_FAULT, type Cpu, DE, DOUBLE_FAULT, FAULT, GP, NP, PF, SS_FAULT, TS } from "./cpu.ts";
import { enterGate, NO_ERROR_CODE } from "./gate.ts";
import { EIP } from "./state.ts";

const SHUTDOWN = -1;
/** Instruction set level of the i386. */
const I386 = 3;

function hasErrorCode(vector: number): boolean {
  return vector === DOUBLE_FAULT || (vector >= TS && vector <= PF) || vector === AC_FAULT;
}

function isContributory(vector: number): boolean {
  return vector === DE || vector === TS || vector === NP || vector === SS_FAULT || vector === GP;
}

/**
 * What follows when delivering `first` raised `second`: a vector or SHUTDOWN.
 *
 * @param reentered the i386 has entered the page-fault handler's delivery a second time already: its silicon takes a
 *   second page fault as such, where the manual has #DF, and shuts down on the third (P32)
 */
function combine(cpu: Cpu, first: number, second: number, reentered: boolean): number {
  if (first === DOUBLE_FAULT) return SHUTDOWN;
  if (first === PF && second === PF && cpu.profile.level === I386) return reentered ? SHUTDOWN : PF;
  if (isContributory(first) && isContributory(second)) return DOUBLE_FAULT;
  if (first === PF && (second === PF || isContributory(second))) return DOUBLE_FAULT;
  return second;
}

/**
 * Delivers the fault or trap in `cpu.trap` through the guest's IDT.
 *
 * @returns false if the processor shuts down
 */
export function deliver(cpu: Cpu): boolean {
  let { vector, errorCode } = cpu.trap;
  let reentered = false;
  for (;;) {
    cpu.faulted = 0;
    const pushed = hasErrorCode(vector) ? errorCode : NO_ERROR_CODE;
    if (enterGate(cpu, vector, "external", pushed, cpu.state[EIP]) !== FAULT) return true;
    const next = combine(cpu, vector, cpu.trap.vector, reentered);
    if (next === SHUTDOWN) {
      cpu.faulted = 0;
      return false;
    }
    reentered = vector === PF && next === PF;
    errorCode = next === DOUBLE_FAULT ? 0 : cpu.trap.errorCode;
    vector = next;
  }
}

/**
 * Delivers the external interrupt `cpu.pendingInterrupt` between two instructions; who asks for it respects IF and the
 * interrupt shadow. An interrupt whose handler cannot be entered is lost to the exception that results.
 *
 * @returns false if the processor shuts down
 */
export function deliverInterrupt(cpu: Cpu): boolean {
  const vector = cpu.pendingInterrupt;
  cpu.pendingInterrupt = -1;
  if (enterGate(cpu, vector, "external", NO_ERROR_CODE, cpu.state[EIP]) !== FAULT) return true;
  return deliver(cpu);
}
