/**
 * The one memory of a machine: a WebAssembly.Memory that never grows, so that typed-array views made once stay valid
 * and generated WebAssembly code sees the same bytes as TypeScript.
 *
 *   0           64                         ramBase (4 KiB aligned)            ramBase + ramBytes
 *   +-----------+--------------------------+-----------------------------------+
 *   | unused    | state: reserve() regions | guest RAM                         |
 *   +-----------+--------------------------+-----------------------------------+
 *
 * Offset 0 is never handed out: a host offset of 0 is always a bug.
 */

export const PAGE_BYTES = 4096;
const WASM_PAGE_BYTES = 65536;
const FIRST_RESERVABLE = 64;

/** The largest guest RAM, in bytes: state and RAM must fit the 4 GiB of a 32-bit WebAssembly memory. */
export const MAX_RAM_BYTES = 3 * 1024 ** 3;

/** State bytes of a machine unless its builder asks for more: enough for every CPU of the geometry table. */
export const DEFAULT_STATE_BYTES = 256 * 1024;

/** The host did not give the memory; the message is one line for the user. */
export class HostMemoryError extends Error {
  override readonly name = "HostMemoryError";
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HostMemoryError(`the host refuses ${Math.ceil(bytes / 1048576)} MiB of memory (${reason})`);
  }
}

/** Owner of the bytes; the only place that decides what lies where. */
export class MachineMemory {
  /** What generated code imports. */
  readonly wasm: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  /** The whole memory, state and RAM. */
  readonly bytes: Uint8Array;
  /** Byte offset of guest physical address 0; a multiple of 4096. */
  readonly ramBase: number;
  readonly ramBytes: number;
  private next = FIRST_RESERVABLE;

  /**
   * @param ramBytes guest RAM, a multiple of 4096 from 4096 to MAX_RAM_BYTES; otherwise RangeError
   * @param stateBytes room for reserve(); one flag byte per RAM frame is added to it
   * @throws HostMemoryError when the host refuses the reservation
   */
  constructor(ramBytes: number, stateBytes: number = DEFAULT_STATE_BYTES) {
    if (!Number.isInteger(ramBytes) || ramBytes < PAGE_BYTES || ramBytes > MAX_RAM_BYTES || ramBytes % PAGE_BYTES) {
      throw new RangeError(`guest RAM must be a multiple of 4096 bytes, from 4096 to 3 GiB, not ${ramBytes}`);
    }
    const state = FIRST_RESERVABLE + stateBytes + ramBytes / PAGE_BYTES;
    this.ramBytes = ramBytes;
    this.ramBase = Math.ceil(state / PAGE_BYTES) * PAGE_BYTES;
    this.wasm = allocate(this.ramBase + ramBytes);
    this.buffer = this.wasm.buffer;
    this.bytes = new Uint8Array(this.buffer);
  }

  /** Hands out `bytes` zeroed state bytes, once and for ever; only while a machine is built. Returns their offset. */
  reserve(bytes: number, align = 8): number {
    const offset = Math.ceil(this.next / align) * align;
    if (offset + bytes > this.ramBase) {
      throw new RangeError(`machine state needs ${offset + bytes} bytes, only ${this.ramBase} were planned`);
    }
    this.next = offset + bytes;
    return offset;
  }
}
