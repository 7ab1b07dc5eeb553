/** The instruction set as data: rows, decoder, disassembler, clocks. Everything is derived from the tables in `rows-*.ts`. */

export * from "./clocks.ts";
export * from "./decode.ts";
export * from "./decoded.ts";
export * from "./disassemble.ts";
export * from "./forms.ts";
export * from "./manual.ts";
export { assumedClocks, confidenceOf, figureOf, priceAll, pricedLike } from "./pricing.ts";
export type {
  Access,
  Flags,
  Level,
  Operand,
  Place,
  Privilege,
  Reference,
  RepClass,
  Row,
  Transfer,
} from "./row.ts";
export { conditions } from "./row.ts";
export { keys, rows, rowsOf, supports } from "./table.ts";
export {
  type Figure,
  penalties,
  repeatedTimingsOf,
  type Timing,
  timings,
  timingsOf,
} from "./timing.ts";
