/** Text tables: right-aligned numbers with thousands separators, columns as wide as they must be. */

/** 1234567 -> "1,234,567"; fractions keep `digits` digits. */
export function grouped(value: number, digits = 0): string {
  const [whole, fraction] = value.toFixed(digits).split(".");
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** "12.3 %", or "-" of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(3)} %`;
}

/** A name with what a terminal obeys and a document may not hold as `\033`: control characters, halves of surrogate pairs. */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/**
 * Lines of equal columns, two spaces apart. The first column is left-aligned, numbers behind it right-aligned, the column
 * `notes` and what follows left-aligned.
 */
export function textTable(rows: readonly (readonly string[])[], notes = Number.POSITIVE_INFINITY): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => (i === 0 || i >= notes ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
      return `  ${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
