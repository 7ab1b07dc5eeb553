/** `--engine`: how code is executed. */
import { type EngineKind, engineKinds } from "../emu/index.ts";
import { choiceOption, type OptionSpec, type Parsed } from "./options.ts";

export const ENGINE_OPTION: OptionSpec = [
  "",
  "engine=NAME",
  `how code is executed, which changes no count: ${engineKinds.join(", ")}`,
  "translator",
];

/** What createMachine() takes. Throws UsageError naming the option and what is allowed. */
export function engineOption(parsed: Parsed): { engine: EngineKind } {
  return { engine: choiceOption(parsed, "engine", engineKinds) };
}
