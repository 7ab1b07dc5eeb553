/** HTML and SVG as values. Text and attributes are escaped by construction; what comes out is well-formed XML as well. */

import { printable } from "./table.ts";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Child = Markup | string | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Elements that HTML knows without an end tag; an SVG element without children may be one, too. */
const EMPTY = new Set(["meta", "rect", "line", "path", "circle", "col"]);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  const legal = text.split("\n").map(printable).join("\n");
  return legal.replace(/[&<>"]/g, (character) => entities[character]);
}

function contents(child: Child): string {
  if (child instanceof Markup) return child.text;
  return typeof child === "string" ? escaped(child) : child.map(contents).join("");
}

/** Numbers of attributes have two decimals at most; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  let tag = name;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${typeof value === "number" ? decimal(value) : escaped(value)}"`;
  }
  const inner = children.map(contents).join("");
  return new Markup(inner === "" && EMPTY.has(name) ? `<${tag}/>` : `<${tag}>${inner}</${name}>`);
}

/** 12.3456 -> "12.35", 12 -> "12". */
export function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}
