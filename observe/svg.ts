/** Pieces of pictures: shapes, text that fits, and axes with round numbers. Lengths are pixels of the picture's own size. */

import { type Child, decimal, element, type Markup } from "./markup.ts";

/** Width of a character of the pictures' monospaced labels. */
export const CHARACTER = 6.6;

/** A picture of that size, which shrinks with its page. */
export function picture(width: number, height: number, label: string, ...children: readonly Child[]): Markup {
  const viewBox = `0 0 ${decimal(width)} ${decimal(height)}`;
  const style = `max-width:${decimal(width)}px`;
  return element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox, style, role: "img", "aria-label": label },
    ...children,
  );
}

export function box(x: number, y: number, width: number, height: number, kind: string, tip?: string): Markup {
  const title = tip === undefined ? [] : [element("title", {}, tip)];
  return element("rect", { x, y, width, height, class: kind }, ...title);
}

export function rule(x1: number, y1: number, x2: number, y2: number, kind: string): Markup {
  return element("line", { x1, y1, x2, y2, class: kind });
}

/** @param anchor the end of the text that lies at x */
export function label(
  x: number,
  y: number,
  text: string,
  anchor: "start" | "middle" | "end" = "start",
  kind?: string,
): Markup {
  return element("text", { x, y, "text-anchor": anchor, class: kind }, text);
}

/** A label of at most so many characters; the rest is in its tooltip. Paths lose their beginning, other names their end. */
export function shortLabel(x: number, y: number, name: string, most: number, kind?: string): Markup {
  if (name.length <= most) return label(x, y, name, "start", kind);
  const short = name.startsWith("/") ? `…${name.slice(name.length - most + 1)}` : `${name.slice(0, most - 1)}…`;
  return element("text", { x, y, class: kind }, element("title", {}, name), short);
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A path that keeps the height of each point up to the next one. */
export function steps(points: readonly Point[]): string {
  let path = "";
  for (const [n, { x, y }] of points.entries()) {
    path += n === 0 ? `M${decimal(x)} ${decimal(y)}` : `H${decimal(x)}${y === points[n - 1].y ? "" : `V${decimal(y)}`}`;
  }
  return path;
}

/** 0, and the multiples of 1, 2 or 5 times a power of ten up to `highest`, about `count` of them. */
export function ticks(highest: number, count: number): number[] {
  if (highest <= 0) return [0];
  let step = 1;
  while (step * count > highest) step /= 10;
  while (step * count * 10 <= highest) step *= 10;
  const fine = [1, 2, 5, 10].map((n) => n * step).find((width) => Math.floor(highest / width) <= count) ?? step * 10;
  return Array.from({ length: Math.floor(highest / fine + 1e-9) + 1 }, (_, n) => n * fine);
}

const PREFIXES = ["", " k", " M", " G", " T", " P"];

/** 1234567 -> "1.23 M", 0.05 -> "0.05": three digits. */
export function compact(value: number): string {
  let scaled = value;
  let prefix = 0;
  while (scaled >= 999.5 && prefix < PREFIXES.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  const digits = scaled >= 99.5 ? 0 : scaled >= 9.95 ? 1 : 2;
  return `${String(Number(scaled.toFixed(digits)))}${PREFIXES[prefix]}`;
}
