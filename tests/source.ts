/** Reads the project's own sources as text, for the tests that check how they are put together. */

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";

/** One TypeScript file of the project. */
export interface Source {
  /** Relative to the project root, with forward slashes: `mmu/walk.ts`. */
  path: string;
  /** The first component of the path. */
  room: string;
  text: string;
  /** `text` with comments, strings and regular expressions blanked; lines and columns stay. */
  code: string;
  imports: Import[];
}

/** One import or re-export. */
export interface Import {
  /** As written: `../mmu/walk.ts`, `node:fs`. */
  specifier: string;
  /** Relative to the project root if relative, otherwise undefined. */
  target: string | undefined;
  /** `import type` or `export type`: gone once compiled. */
  typeOnly: boolean;
}

/** All `.ts` files below the given top-level directories, sorted by path; a missing directory has none. */
export function sources(...rooms: string[]): Source[] {
  return rooms.flatMap((room) => filesBelow(room).map((path) => readSource(path, room)));
}

function filesBelow(room: string): string[] {
  try {
    return readdirSync(room, { recursive: true, encoding: "utf8" })
      .map((name) => `${room}/${name.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts"))
      .sort();
  } catch {
    return [];
  }
}

function readSource(path: string, room: string): Source {
  const text = readFileSync(path, "utf8");
  const code = blank(text);
  return { path, room, text, code, imports: importsOf(path, text, code) };
}

/** `from "x"`, `import "x"`, `import("x")`; a keyword inside a comment or a string is blank in `code` and so not seen. */
function importsOf(path: string, text: string, code: string): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(?=["'])/g)) {
    const start = match.index + match[0].length;
    const end = text.indexOf(text[start] ?? "", start + 1);
    const specifier = text.slice(start + 1, end);
    const relative = specifier.startsWith(".");
    const statement = code.slice(code.lastIndexOf(";", match.index) + 1, match.index);
    found.push({
      specifier,
      target: relative ? posix.join(posix.dirname(path), specifier) : undefined,
      typeOnly: /^\s*(?:import|export)\s+type\b/.test(statement),
    });
  }
  return found;
}

/** A `/` after one of these begins a regular expression, not a division. */
const beforeRegExp = /(?:^|[=(,;:?!&|[{}>+*%~^-]|\breturn|\bcase|\btypeof|\bof)\s*$/;

/**
 * Replaces what is inside comments, string literals, template text and regular expressions by spaces. Quotes stay, so
 * that an import is still recognised; the code inside `${...}` stays too.
 */
export function blank(text: string): string {
  const out: string[] = [];
  /** For every template that is open: how many braces are open inside its current `${`. */
  const templates: number[] = [];
  let at = 0;

  const keep = (count: number) => {
    out.push(text.slice(at, at + count));
    at += count;
  };
  const hideTo = (end: number) => {
    out.push(text.slice(at, end).replace(/[^\n]/g, " "));
    at = end;
  };
  const templateText = () => {
    let end = at;
    while (end < text.length && text[end] !== "`" && !(text[end] === "$" && text[end + 1] === "{")) {
      end += text[end] === "\\" ? 2 : 1;
    }
    hideTo(Math.min(end, text.length));
    if (text[at] === "$") {
      templates.push(0);
      keep(2);
    } else {
      keep(1);
    }
  };

  while (at < text.length) {
    const char = text[at];
    const pair = text.slice(at, at + 2);
    const depth = templates[templates.length - 1];
    if (pair === "//") hideTo(endOf(text, at, "\n"));
    else if (pair === "/*") hideTo(endOf(text, at + 2, "*/") + 2);
    else if (char === '"' || char === "'") {
      keep(1);
      let end = at;
      while (end < text.length && text[end] !== char && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
      hideTo(end);
      keep(1);
    } else if (char === "`") {
      keep(1);
      templateText();
    } else if (char === "/" && beforeRegExp.test(out.join("").slice(-200))) {
      const literal = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//.exec(text.slice(at, at + 1000));
      if (literal) hideTo(at + literal[0].length);
      else keep(1);
    } else if (char === "}" && depth === 0) {
      templates.pop();
      keep(1);
      templateText();
    } else {
      if (depth !== undefined && (char === "{" || char === "}")) {
        templates[templates.length - 1] = depth + (char === "{" ? 1 : -1);
      }
      keep(1);
    }
  }
  return out.join("");
}

function endOf(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

/** The 1-based line of a character offset. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
