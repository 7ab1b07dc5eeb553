/** What a process does about each signal: struct sighand_struct, shared by CLONE_SIGHAND. */

import { NSIG } from "./signals.ts";
import { SignalSet } from "./sigset.ts";
import { WaitQueue } from "./wait.ts";

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 0x00000001;
export const SA_NOCLDWAIT = 0x00000002;
export const SA_SIGINFO = 0x00000004;
export const SA_UNSUPPORTED = 0x00000400;
export const SA_EXPOSE_TAGBITS = 0x00000800;
export const SA_RESTORER = 0x04000000;
export const SA_ONSTACK = 0x08000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000 | 0;

/** struct k_sigaction: addresses are uint32, flags int32. Never changed, only replaced, so that fork() copies no contents. */
export interface SignalAction {
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: SignalSet;
}

const defaultAction: SignalAction = { handler: SIG_DFL, flags: 0, restorer: 0, mask: new SignalSet() };
const ignoringAction: SignalAction = { ...defaultAction, handler: SIG_IGN };

export class Sighand {
  /** By signal number; index 0 is unused. */
  readonly #actions: SignalAction[];
  users = 1;
  /** Readers of signalfds wait here; woken whenever a signal is queued (signalfd_wqh). */
  readonly signalfd = new WaitQueue();

  constructor(from?: Sighand) {
    this.#actions = from ? from.#actions.slice() : new Array<SignalAction>(NSIG + 1).fill(defaultAction);
  }

  action(signal: number): SignalAction {
    return this.#actions[signal];
  }

  setAction(signal: number, action: SignalAction): void {
    this.#actions[signal] = action;
  }

  /** Changes the handler and leaves flags and mask. */
  setHandler(signal: number, handler: number): void {
    this.#actions[signal] = { ...this.#actions[signal], handler };
  }

  /** flush_signal_handlers(): handlers of the old program are gone; what is ignored stays ignored. */
  reset(): void {
    for (let signal = 1; signal <= NSIG; signal++) {
      const ignored = this.#actions[signal].handler === SIG_IGN;
      this.#actions[signal] = ignored ? ignoringAction : defaultAction;
    }
  }
}
