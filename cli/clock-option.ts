/** `--clock`: what guest time is made of. */
import { type ClockKind, clockKinds } from "../emu/index.ts";
import { choiceOption, type OptionSpec, type Parsed } from "./options.ts";

export const CLOCK_OPTION: OptionSpec = [
  "",
  "clock=KIND",
  "guest time: cycles of the processor, or instructions, whatever TLBs cost",
  "cycles",
];

/** What createMachine() takes. Throws UsageError naming the option and what is allowed. */
export function clockOption(parsed: Parsed): { clock: ClockKind } {
  return { clock: choiceOption(parsed, "clock", clockKinds) };
}
