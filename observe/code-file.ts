/** A file whose code ran: what its instructions belong to. */

import { ElfImage } from "./elf-image.ts";
import { type SourceLine, SourceLines } from "./source-lines.ts";
import { SymbolTable } from "./symbols.ts";

/** How instructions of a file are numbered: by their offsets in it, or by the addresses that its headers give them. */
export type SiteKind = "offset" | "address";

export class CodeFile {
  /** Path in the guest; a region's name for code that is in no file. */
  readonly path: string;
  /** Numbers that a profile has given to its instructions. */
  readonly sites = new Map<number, number>();
  private readonly kind: SiteKind;
  private readonly image: ElfImage;
  private readonly symbols: SymbolTable;
  private readonly lines: SourceLines;

  /** @param bytes the whole file; nothing for code that is in no file */
  constructor(path: string, bytes: Uint8Array, kind: SiteKind) {
    this.path = path;
    this.kind = kind;
    this.image = new ElfImage(bytes);
    this.symbols = new SymbolTable(bytes);
    this.lines = new SourceLines(bytes);
  }

  /** The function of an instruction; "" if none is known. */
  functionAt(site: number): string {
    const address = this.addressOf(site);
    return address === null ? "" : (this.symbols.functionAt(address) ?? "");
  }

  /** Its source line; "" and 0 if none is known. */
  lineAt(site: number): SourceLine {
    const address = this.addressOf(site);
    return (address === null ? null : this.lines.at(address)) ?? { source: "", line: 0 };
  }

  private addressOf(site: number): number | null {
    return this.kind === "address" ? site : this.image.addressOf(site);
  }
}
