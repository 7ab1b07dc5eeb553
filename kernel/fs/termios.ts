/** Terminal settings and their layouts, i386. Source: include/uapi/asm-generic/termbits.h, termios.h. */

export const ISTRIP = 0o40;
export const INLCR = 0o100;
export const IGNCR = 0o200;
export const ICRNL = 0o400;
export const OPOST = 1;
export const ONLCR = 4;
export const ISIG = 1;
export const ICANON = 2;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;

/** Indices into c_cc. */
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VMIN = 6;
export const VSUSP = 10;
export const VEOL = 11;
export const VWERASE = 14;

const NCCS = 19;

/** sizeof struct termios, struct termios2, struct termio as the kernel has them. */
export const TERMIOS_SIZE = 36;
export const TERMIOS2_SIZE = 44;
export const TERMIO_SIZE = 18;

/** B38400. */
const SPEED = 38400;

export class Termios {
  /** ICRNL | IXON. */
  iflag = 0o2400;
  /** OPOST | ONLCR. */
  oflag = 5;
  /** B38400 | CS8 | CREAD | HUPCL. */
  cflag = 0o2277;
  /** ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN. */
  lflag = 0o105073;
  line = 0;
  /** INIT_C_CC: ^C ^\ DEL ^U ^D, time 0, min 1, ^Q ^S ^Z, ^R ^O ^W ^V. */
  readonly cc = Uint8Array.of(3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17, 0x16, 0, 0, 0);

  /** struct termios (36 bytes) or struct termios2 (44, with the speeds). */
  encode(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    [this.iflag, this.oflag, this.cflag, this.lflag].forEach((flags, i) => {
      view.setUint32(4 * i, flags, true);
    });
    bytes[16] = this.line;
    bytes.set(this.cc, 17);
    if (size === TERMIOS2_SIZE) {
      view.setUint32(36, SPEED, true);
      view.setUint32(40, SPEED, true);
    }
    return bytes;
  }

  decode(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.iflag = view.getUint32(0, true);
    this.oflag = view.getUint32(4, true);
    this.cflag = view.getUint32(8, true);
    this.lflag = view.getUint32(12, true);
    this.line = bytes[16] ?? 0;
    this.cc.set(bytes.subarray(17, 17 + NCCS));
  }

  /** struct termio: 16-bit flags, 8 control characters. */
  encodeOld(): Uint8Array {
    const bytes = new Uint8Array(TERMIO_SIZE);
    const view = new DataView(bytes.buffer);
    [this.iflag, this.oflag, this.cflag, this.lflag].forEach((flags, i) => {
      view.setUint16(2 * i, flags & 0xffff, true);
    });
    bytes[8] = this.line;
    bytes.set(this.cc.subarray(0, 8), 9);
    return bytes;
  }

  /** The upper halves of the flags stay. */
  decodeOld(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const merged = (old: number, at: number) => ((old & 0xffff0000) | view.getUint16(at, true)) >>> 0;
    this.iflag = merged(this.iflag, 0);
    this.oflag = merged(this.oflag, 2);
    this.cflag = merged(this.cflag, 4);
    this.lflag = merged(this.lflag, 6);
    this.line = bytes[8] ?? 0;
    this.cc.set(bytes.subarray(9, 17));
  }
}
