// An esbuild plugin: the numeric constants at the top level of each of the project's rooms' files become a module of their
// own. esbuild compiles a constant into the code that uses it only if it stands before everything else in its file, imports
// included; any other is a variable that each use loads and checks. Lines keep their numbers.

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const NAMESPACE = "constants";
const sources = /[\\/](?:mmu|emu|kernel|observe|cli|web)[\\/].*\.ts$/;
const declaration = /^(export )?const ([A-Z][A-Z0-9_]*) = ([^;"'`[{]+);/gm;
/** Numbers, operators and other such constants. */
const operands = /[A-Za-z_$][\w$.]*/g;

/** Takes the constants out of a file: what is left of it, and the text of their module; null if there are none. */
function split(text) {
  const known = new Set();
  const exported = [];
  const moved = [];
  const rest = text.replace(declaration, (statement, shared, name, value) => {
    const names = value.replace(/0x[\da-f]+|\d[\d.e]*/gi, "").match(operands) ?? [];
    if (names.some((other) => !known.has(other))) return statement;
    known.add(name);
    if (shared !== undefined) exported.push(name);
    moved.push(`export const ${name} = ${value.replace(/\s+/g, " ")};`);
    return statement.replace(/[^\n]+/g, "");
  });
  return moved.length === 0 ? null : { rest, names: [...known], exported, constants: moved.join("\n") };
}

export const constants = {
  name: "constants",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^constants:/ }, ({ path }) => ({
      path: path.slice("constants:".length),
      namespace: NAMESPACE,
      sideEffects: false,
    }));
    onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path }) => ({
      contents: split(await readFile(join(root, path), "utf8")).constants,
      loader: "ts",
    }));
    onLoad({ filter: sources, namespace: "file" }, async ({ path }) => {
      const parts = split(await readFile(path, "utf8"));
      if (parts === null) return undefined;
      const { rest, names, exported } = parts;
      const from = JSON.stringify(`constants:${relative(root, path)}`);
      const shared = exported.length > 0 ? ` export { ${exported.join(", ")} };` : "";
      return { contents: `${rest}import { ${names.join(", ")} } from ${from};${shared}\n`, loader: "ts" };
    });
  },
};
