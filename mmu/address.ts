/**
 * The four kinds of number that paging confuses, as types. Cold interfaces use them; hot files use plain numbers and say
 * so. All are unsigned: 0 .. 2^32 - 1 for addresses, 0 .. 2^20 - 1 for page and frame numbers.
 */

declare const brand: unique symbol;

/** What a program uses, after segmentation and before paging (SDM 3A section 3.1). */
export type LinearAddress = number & { readonly [brand]: "linear" };
/** What appears on the bus. */
export type PhysicalAddress = number & { readonly [brand]: "physical" };
/** Linear address / 4096. */
export type PageNumber = number & { readonly [brand]: "page" };
/** Physical address / 4096; Linux's pfn. */
export type FrameNumber = number & { readonly [brand]: "frame" };

/** Any number, modulo 2^32. */
export const linearAddress = (value: number): LinearAddress => (value >>> 0) as LinearAddress;
/** Any number, modulo 2^32. */
export const physicalAddress = (value: number): PhysicalAddress => (value >>> 0) as PhysicalAddress;

export const pageOf = (address: LinearAddress): PageNumber => (address >>> 12) as PageNumber;
export const frameOf = (address: PhysicalAddress): FrameNumber => (address >>> 12) as FrameNumber;

export const pageAddress = (page: PageNumber): LinearAddress => (page * 4096) as LinearAddress;
export const frameAddress = (frame: FrameNumber): PhysicalAddress => (frame * 4096) as PhysicalAddress;
