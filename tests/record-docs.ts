/** Brings everything up to date that is generated in the pages for users: npm run docs */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { currentDocument, documentFiles } from "./documents.ts";

for (const file of documentFiles()) {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const page = currentDocument(file);
  if (page === before) continue;
  writeFileSync(file, page);
  console.log(`${file} is rewritten`);
}
