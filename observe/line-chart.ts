/** Line charts whose lines are steps, over an axis of time or of sizes that double. */

import { decimal, element, type Markup } from "./markup.ts";
import { box, compact, label, type Point, picture, rule, steps, ticks } from "./svg.ts";

const WIDTH = 1040;
const LEFT = 64;
const RIGHT = 16;
const TOP = 26;
const BOTTOM = 40;
/** Width of what the axes enclose. */
const SPAN = WIDTH - LEFT - RIGHT;

/** Where an axis has its ticks, and where a value lies on it, from 0 to 1. */
export interface Axis {
  readonly title: string;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  at(value: number): number;
}

export interface Line {
  /** Class of its color: "s1" to "s8". */
  readonly color: string;
  /** By x. Each y holds up to the next x. */
  readonly points: readonly Point[];
}

/** What the pointer finds between two x values. */
export interface Hint {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function linearAxis(title: string, highest: number, count: number): Axis {
  const top = highest <= 0 ? 1 : highest;
  return {
    title,
    ticks: ticks(top, count).map((value) => ({ value, text: compact(value) })),
    at: (value) => Math.min(1, value / top),
  };
}

/** From 1 to the first power of two that is not below `highest`. */
export function doublingAxis(title: string, highest: number): Axis {
  const doublings = Math.max(1, Math.ceil(Math.log2(highest)));
  const values = Array.from({ length: doublings + 1 }, (_, n) => 2 ** n);
  return {
    title,
    ticks: values.map((value) => ({ value, text: value < 1024 ? String(value) : `${value / 1024} Ki` })),
    at: (value) => Math.log2(value) / doublings,
  };
}

/** Powers of ten around `lowest` and `highest`, which are above 0; what is below lies at the bottom. */
export function decimalAxis(title: string, lowest: number, highest: number): Axis {
  const first = Math.floor(Math.log10(lowest));
  const last = Math.max(first + 1, Math.ceil(Math.log10(highest)));
  const values = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  return {
    title,
    ticks: values.map((power) => ({ value: 10 ** power, text: power < -2 ? `1e${power}` : compact(10 ** power) })),
    at: (value) => (value <= 0 ? 0 : Math.max(0, (Math.log10(value) - first) / (last - first))),
  };
}

export interface Chart {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  /** Lines are drawn; areas are filled down to the axis, the first one at the back. */
  readonly kind: "lines" | "areas";
  readonly lines: readonly Line[];
  readonly hints: readonly Hint[];
  /** x values at which something reaches beyond the top. */
  readonly beyond?: readonly number[];
}

export function chart({ label: title, height, x, y, kind, lines, hints, beyond = [] }: Chart): Markup {
  const inner = height - TOP - BOTTOM;
  const floor = TOP + inner;
  const across = (value: number) => LEFT + x.at(value) * SPAN;
  const up = (value: number) => floor - y.at(value) * inner;
  const grid = y.ticks.map(({ value, text }) => [
    rule(LEFT, up(value), LEFT + SPAN, up(value), "grid"),
    label(LEFT - 8, up(value) + 4, text, "end"),
  ]);
  const marks = x.ticks.map(({ value, text }) => [
    rule(across(value), floor, across(value), floor + 4, "axis"),
    label(across(value), floor + 17, text, "middle"),
  ]);
  const drawn = lines.map(({ color, points }) => {
    const path = steps(points.map((point) => ({ x: across(point.x), y: up(point.y) })));
    if (kind === "lines") return element("path", { d: path, class: `line ${color}` });
    const [first, last] = [points[0], points[points.length - 1]];
    const closed = first === undefined ? "" : `${path}V${floor}H${across(first.x)}Z`;
    return element("path", { d: last === undefined ? "" : closed, class: `area ${color}` });
  });
  const arrows = beyond.map((value) => {
    const at = across(value);
    return element("path", { d: `M${decimal(at - 4)} ${TOP - 2}h8l-4 -7Z`, class: "beyond" });
  });
  const pointed = hints.map(({ from, to, text }) => {
    return box(across(from), TOP, across(to) - across(from), inner, "hint", text);
  });
  return picture(
    WIDTH,
    height,
    title,
    grid,
    marks,
    rule(LEFT, floor, LEFT + SPAN, floor, "axis"),
    drawn,
    arrows,
    pointed,
    label(LEFT + SPAN, height - 4, x.title, "end", "dim"),
    label(LEFT, 11, y.title, "start", "dim"),
  );
}
