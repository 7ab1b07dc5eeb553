/** Instructions that do nothing, and those that are undefined for good. */
import { NEXT, UD } from "../cpu.ts";
import type { Handler, Handlers } from "./handler.ts";

const nothing: Handler = () => NEXT;
const undefinedOpcode: Handler = (cpu) => cpu.raise(UD);

export const noOperationHandlers: Handlers = {
  /** Row 0, which stands for all reserved encodings. */
  "(bad)": undefinedOpcode,
  NOP: nothing,
  PAUSE: nothing,
  "NOP Ev": nothing,
  ENDBR32: nothing,
  ENDBR64: nothing,
  UD2: undefinedOpcode,
  "UD1 Gv,Ev": undefinedOpcode,
  "UD0 Gv,Ev": undefinedOpcode,
  RSM: undefinedOpcode,
};
