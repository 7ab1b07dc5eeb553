/** Binds every row of the instruction table to its handler. */
import { rows } from "../isa/index.ts";
import { arithmeticHandlers } from "./arithmetic.ts";
import { bitHandlers } from "./bits.ts";
import { controlRegisterHandlers } from "./control-registers.ts";
import { decimalHandlers } from "./decimal.ts";
import { descriptorTableHandlers } from "./descriptor-tables.ts";
import { farTransferHandlers } from "./far-transfers.ts";
import { flagBitHandlers } from "./flag-bits.ts";
import type { Handler, Handlers } from "./handler.ts";
import { inputOutputHandlers } from "./input-output.ts";
import { interruptHandlers } from "./interrupts.ts";
import { jumpHandlers } from "./jumps.ts";
import { modelSpecificHandlers } from "./model-specific.ts";
import { moveHandlers } from "./moves.ts";
import { multiplicationHandlers } from "./multiplication.ts";
import { noOperationHandlers } from "./no-operation.ts";
import { privilegeHandlers } from "./privilege.ts";
import { segmentHandlers } from "./segments.ts";
import { shiftHandlers } from "./shifts.ts";
import { stackHandlers } from "./stack.ts";
import { stringHandlers } from "./strings.ts";
import { x87Handlers } from "./x87.ts";

/** All tables of handlers. */
const tables: readonly Handlers[] = [
  arithmeticHandlers,
  bitHandlers,
  controlRegisterHandlers,
  decimalHandlers,
  descriptorTableHandlers,
  farTransferHandlers,
  flagBitHandlers,
  inputOutputHandlers,
  interruptHandlers,
  jumpHandlers,
  modelSpecificHandlers,
  moveHandlers,
  multiplicationHandlers,
  noOperationHandlers,
  privilegeHandlers,
  segmentHandlers,
  shiftHandlers,
  stackHandlers,
  stringHandlers,
  x87Handlers,
];

/**
 * Handlers by row id. Throws where a table names a family that no row has, or two tables the same family.
 */
export function bind(handlerTables: readonly Handlers[]): (Handler | undefined)[] {
  const bound: (Handler | undefined)[] = rows.map(() => undefined);
  const known = new Set(rows.map((row) => row.family));
  for (const table of handlerTables) {
    for (const family of Object.keys(table)) {
      if (!known.has(family)) throw new Error(`handler of an unknown instruction: ${family}`);
    }
    for (const row of rows) {
      const handler = Object.hasOwn(table, row.family) ? table[row.family] : undefined;
      if (handler === undefined) continue;
      if (bound[row.id] !== undefined) throw new Error(`two handlers of ${row.family}`);
      bound[row.id] = handler;
    }
  }
  return bound;
}

const bound = bind(tables);

/** Families without a handler; empty, as a test checks. */
export const unboundFamilies: readonly string[] = [
  ...new Set(rows.filter((row) => bound[row.id] === undefined).map((row) => row.family)),
];

/** The handler of each row, by row id. */
export const handlers: readonly Handler[] = bound.map(
  (handler, id) =>
    handler ??
    (() => {
      throw new Error(`no handler of ${rows[id].family}`);
    }),
);
