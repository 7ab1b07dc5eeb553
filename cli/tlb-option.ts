/** `--tlb`: other TLBs than the CPU's. */
import { parseTlbSpec, type TlbGeometry } from "../mmu/index.ts";
import { UsageError } from "./failure.ts";
import { type OptionSpec, type Parsed, textOption } from "./options.ts";

export const TLB_OPTION: OptionSpec = [
  "",
  "tlb=SPEC",
  "other TLBs, such as itlb=32x4,dtlb=64x4,stlb=1024x8,policy=plru, or another CPU's: skylake",
];

/** What createMachine() takes. Throws UsageError naming the option and what is allowed. */
export function tlbOption(parsed: Parsed): { tlb?: TlbGeometry } {
  const spec = textOption(parsed, "tlb");
  if (spec === undefined) return {};
  try {
    return { tlb: parseTlbSpec(spec) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--tlb ${spec}: ${error.message}`);
  }
}
