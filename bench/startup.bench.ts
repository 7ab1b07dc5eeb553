/** From start to exit: `pagewalk run hello` beside a Node that does nothing. */

import { compareCommands } from "./measure.ts";

compareCommands(
  "hello world, start to exit",
  [
    { name: "node -e 0", command: [process.execPath, "-e", "0"] },
    { name: "pagewalk run hello", command: [process.execPath, "dist/pagewalk.mjs", "run", "images/bin/hello"] },
  ],
  { runs: 15, metric: "wall" },
);
