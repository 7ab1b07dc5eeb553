/** What CPUID answers, by leaf (SDM 2A CPUID). */
import type { Profile } from "./profile.ts";

/** EAX EBX ECX EDX. */
export type CpuidAnswer = readonly [number, number, number, number];

const NOTHING: CpuidAnswer = [0, 0, 0, 0];

function vendorWord(profile: Profile, at: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word |= profile.vendor.charCodeAt(at + i) << (8 * i);
  return word;
}

/** Highest basic leaf: the i486 and Pentium end at 1, AMD's processors of that time too. */
function highestLeaf(profile: Profile): number {
  return profile.cacheDescriptors === undefined ? 1 : 2;
}

/** @param leaf EAX, any number. Beyond the highest leaf an Intel processor repeats it, AMD's answer nothing. */
export function cpuid(profile: Profile, leaf: number): CpuidAnswer {
  const highest = highestLeaf(profile);
  let known = leaf >>> 0;
  if (known > highest) {
    if (profile.vendor !== "GenuineIntel") return NOTHING;
    known = highest;
  }
  if (known === 0) {
    // The vendor string reads on in EBX, EDX, ECX.
    return [highest, vendorWord(profile, 0), vendorWord(profile, 8), vendorWord(profile, 4)];
  }
  if (known === 1) return [profile.signature, 0, 0, profile.features];
  return profile.cacheDescriptors ?? NOTHING;
}
