/** Guests about anything but memory, compared with the host's own Linux. */

import { test } from "uvu";
import { compareGuests } from "./guest-comparison.ts";

await compareGuests(({ name }) => !name.startsWith("mm-"));

test.run();
