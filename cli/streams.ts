/** What the command itself says on the standard streams: written at once, so that it stands in order with the guest's output. */
import { EPIPE, errorText } from "../kernel/index.ts";
import { Failure } from "./failure.ts";
import { StreamOutput } from "./node-host.ts";

const stdout = new StreamOutput(1);
const stderr = new StreamOutput(2);

const FAILED = 1;

/** Text for standard output. A reader that has gone is no error. Throws Failure for a full device. */
export function print(text: string | Uint8Array): void {
  const written = stdout.write(typeof text === "string" ? Buffer.from(text) : text);
  if (written < 0 && written !== -EPIPE) throw new Failure(`standard output: ${errorText(-written)}`, FAILED);
}

/** Text for standard error; if nobody can be told, nobody is. */
export function complain(text: string): void {
  stderr.write(Buffer.from(text));
}
