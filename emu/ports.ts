/**
 * The I/O address space: a 16550-style serial port at COM1 and the debug-exit port. Reads of anything else give all
 * ones and writes vanish, as on a bus where nobody answers.
 */

const COM1 = 0x3f8;
const LINE_STATUS = COM1 + 5;
/** Transmitter empty, holding register empty (16550 data sheet, LSR). */
const TRANSMITTER_READY = 0x60;
/** Data ready. */
const DATA_READY = 0x01;
/** Where QEMU's isa-debug-exit device sits by convention. */
const DEBUG_EXIT = 0xf4;

export class Ports {
  /** Receives each byte written to the serial port. */
  onSerial: ((byte: number) => void) | null = null;
  /** Exit status asked for at the debug-exit port, (value << 1 | 1) & 0xff as QEMU's device has it; -1 before. */
  exitStatus = -1;
  private readonly received: number[] = [];
  /** The 16550's registers 1..4 and 7, which keep what is written to them. */
  private readonly registers = new Uint8Array(8);

  /** Bytes for the guest to read at the serial port. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.received.push(byte);
  }

  /** @param size 1, 2 or 4 bytes */
  read(port: number, size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.readByte((port + i) & 0xffff) << (8 * i);
    return value;
  }

  /** @param size 1, 2 or 4 bytes */
  write(port: number, value: number, size: number): void {
    if (port === DEBUG_EXIT) {
      this.exitStatus = ((value << 1) | 1) & 0xff;
      return;
    }
    for (let i = 0; i < size; i++) this.writeByte((port + i) & 0xffff, (value >> (8 * i)) & 0xff);
  }

  private readByte(port: number): number {
    if (port === COM1) return this.received.shift() ?? 0;
    if (port === LINE_STATUS) return TRANSMITTER_READY | (this.received.length > 0 ? DATA_READY : 0);
    if (port > COM1 && port < COM1 + 8) return this.registers[port - COM1];
    return 0xff;
  }

  private writeByte(port: number, value: number): void {
    if (port === COM1 && (this.registers[3] & 0x80) === 0) this.onSerial?.(value);
    else if (port > COM1 && port < COM1 + 8) this.registers[port - COM1] = value;
  }
}
