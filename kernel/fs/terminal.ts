/**
 * The terminal that the host's standard streams are. cf. drivers/tty/n_tty.c.
 *
 * While the guest wants lines and echo, the host's own terminal edits and echoes (it is "cooked"); when a program switches
 * either off, the host's terminal is made raw and the discipline below does what the remaining flags ask for.
 */

import { EAGAIN, EFAULT, EIO, ENOTTY } from "../errno.ts";
import type { HostInput, HostOutput } from "../host.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../task/signals.ts";
import type { ControllingTerminal } from "../task/terminal.ts";
import type { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, type IoctlMemory, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./file.ts";
import {
  FIONREAD,
  TCFLSH,
  TCGETA,
  TCGETS,
  TCGETS2,
  TCSBRK,
  TCSBRKP,
  TCSETA,
  TCSETAF,
  TCSETAW,
  TCSETS,
  TCSETSF,
  TCSETSW,
  TCXONC,
  TIOCEXCL,
  TIOCGETD,
  TIOCGPTN,
  TIOCGWINSZ,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSWINSZ,
} from "./ioctl-numbers.ts";
import type { IovIter } from "./iov-iter.ts";
import {
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHONL,
  ICANON,
  ICRNL,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  NOFLSH,
  ONLCR,
  OPOST,
  TERMIO_SIZE,
  TERMIOS_SIZE,
  TERMIOS2_SIZE,
  Termios,
  VEOF,
  VEOL,
  VERASE,
  VINTR,
  VKILL,
  VMIN,
  VQUIT,
  VSUSP,
  VWERASE,
} from "./termios.ts";

/** Lines longer than this lose what does not fit: N_TTY_BUF_SIZE. */
const LINE_LIMIT = 4096;

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;

/** What the terminal needs from outside. */
export interface TerminalDoors {
  input: HostInput;
  output: HostOutput;
  windowSize(): { rows: number; columns: number };
  signalPgrp(pgrp: number, signo: number): void;
  inputArrived: WaitQueue;
}

export class Terminal implements ControllingTerminal {
  foregroundPgrp = 0;
  session = 0;
  readonly termios = new Termios();
  readonly doors: TerminalDoors;
  /** Bytes that may be read. */
  private ready: number[] = [];
  /** Positions in `ready` at which an end of file was typed, ascending. */
  private ends: number[] = [];
  /** Canonical mode: the line being typed. */
  private line: number[] = [];
  private raw: boolean;
  private hungUp = false;
  private size: { rows: number; columns: number } | null = null;

  constructor(doors: TerminalDoors) {
    this.doors = doors;
    this.raw = doors.input.alwaysRaw ?? false;
  }

  get canonical(): boolean {
    return (this.termios.lflag & ICANON) !== 0;
  }

  /** Takes what the host has, without waiting. */
  private fill(): void {
    const { input } = this.doors;
    const buffer = new Uint8Array(1024);
    while (!this.hungUp && this.ready.length < LINE_LIMIT && input.ready()) {
      const bytes = input.read(buffer, 0, buffer.length);
      if (bytes === -EAGAIN) return;
      if (bytes <= 0) {
        // The end of a cooked terminal is a ^D typed there; more may follow. A raw one does not end but by hanging up.
        if (this.raw) this.hungUp = true;
        else this.ends.push(this.ready.length);
        return;
      }
      for (const byte of buffer.subarray(0, bytes)) {
        if (this.raw) this.receive(byte);
        else this.ready.push(byte);
      }
    }
  }

  /** One typed byte: n_tty_receive_char_special() and n_tty_receive_char(). */
  private receive(typed: number): void {
    const { iflag, lflag, cc } = this.termios;
    let byte = (iflag & ISTRIP) !== 0 ? typed & 0x7f : typed;
    if ((lflag & ISIG) !== 0 && this.signalFor(byte)) return;
    if (byte === RETURN) {
      if ((iflag & IGNCR) !== 0) return;
      if ((iflag & ICRNL) !== 0) byte = NEWLINE;
    } else if (byte === NEWLINE && (iflag & INLCR) !== 0) {
      byte = RETURN;
    }
    if (!this.canonical) {
      this.ready.push(byte);
      this.echo(byte);
    } else if (byte === cc[VERASE]) {
      if (this.line.pop() !== undefined) this.eraseEcho();
    } else if (byte === cc[VWERASE]) {
      while (this.line.at(-1) === SPACE && this.line.pop() !== undefined) this.eraseEcho();
      while (this.line.length > 0 && this.line.at(-1) !== SPACE && this.line.pop() !== undefined) this.eraseEcho();
    } else if (byte === cc[VKILL]) {
      if ((lflag & ECHOK) !== 0) for (const _ of this.line) this.eraseEcho();
      this.line = [];
    } else if (byte === cc[VEOF]) {
      this.finishLine();
      if (this.ready.length === (this.ends.at(-1) ?? 0) || this.ready.at(-1) === NEWLINE)
        this.ends.push(this.ready.length);
    } else if (byte === NEWLINE || (byte === cc[VEOL] && byte !== 0)) {
      this.line.push(byte);
      if ((lflag & (ECHO | ECHONL)) !== 0) this.put([NEWLINE]);
      this.finishLine();
    } else if (this.line.length < LINE_LIMIT - 1) {
      this.line.push(byte);
      this.echo(byte);
    }
  }

  private signalFor(byte: number): boolean {
    const { cc, lflag } = this.termios;
    const signo = byte === cc[VINTR] ? SIGINT : byte === cc[VQUIT] ? SIGQUIT : byte === cc[VSUSP] ? SIGTSTP : 0;
    if (signo === 0 || byte === 0) return false;
    if ((lflag & NOFLSH) === 0) this.flushInput();
    this.echo(byte);
    if (this.foregroundPgrp !== 0) this.doors.signalPgrp(this.foregroundPgrp, signo);
    return true;
  }

  private finishLine(): void {
    this.ready.push(...this.line);
    this.line = [];
  }

  private flushInput(): void {
    this.ready = [];
    this.ends = [];
    this.line = [];
  }

  private echo(byte: number): void {
    const { lflag } = this.termios;
    if ((lflag & ECHO) === 0) return;
    const control = byte < SPACE && byte !== NEWLINE && byte !== 9;
    this.put(control && (lflag & ECHOCTL) !== 0 ? [0x5e, byte + 64] : [byte]);
  }

  private eraseEcho(): void {
    if ((this.termios.lflag & (ECHO | ECHOE)) === (ECHO | ECHOE)) this.put([8, SPACE, 8]);
  }

  private put(bytes: number[]): void {
    const cooked = this.cooksOutput ? bytes.flatMap((byte) => (byte === NEWLINE ? [RETURN, NEWLINE] : [byte])) : bytes;
    this.doors.output.write(Uint8Array.from(cooked));
  }

  /** Can a read return something, be it the end of input? */
  get readable(): boolean {
    this.fill();
    if (this.hungUp || this.ends.length > 0) return true;
    return this.ready.length >= (this.canonical ? 1 : Math.max(1, this.termios.cc[VMIN] ?? 1));
  }

  /** Bytes read, 0 at the end of input, -EAGAIN if none are there. */
  read(to: IovIter): number {
    this.fill();
    const end = this.ends[0];
    let available = end ?? this.ready.length;
    if (this.canonical) {
      const newline = this.ready.indexOf(NEWLINE);
      if (newline >= 0 && newline < available) available = newline + 1;
    } else if (available < Math.min(to.count, this.termios.cc[VMIN] ?? 1) && !this.hungUp) {
      return -EAGAIN;
    }
    if (available === 0) {
      if (end !== undefined) {
        this.ends.shift();
        return 0;
      }
      return this.hungUp || (!this.canonical && this.termios.cc[VMIN] === 0) ? 0 : -EAGAIN;
    }
    const wanted = Math.min(available, to.count);
    const copied = to.copyTo(Uint8Array.from(this.ready.slice(0, wanted)), 0, wanted);
    if (copied === 0 && wanted > 0) return -EFAULT;
    this.ready.splice(0, copied);
    this.ends = this.ends.map((at) => at - copied);
    return copied;
  }

  /** Does the guest turn a newline into return and newline? A terminal of the host does that itself, even if raw. */
  get cooksOutput(): boolean {
    const wanted = (this.termios.oflag & (OPOST | ONLCR)) === (OPOST | ONLCR);
    return wanted && (this.doors.input.alwaysRaw ?? false);
  }

  /** OPOST with ONLCR. */
  writeCooked(output: HostOutput, from: IovIter): number {
    let done = 0;
    while (from.count > 0) {
      const bytes = new Uint8Array(Math.min(from.count, 4096));
      const copied = from.copyFrom(bytes, 0, bytes.length);
      const cooked: number[] = [];
      for (const byte of bytes.subarray(0, copied)) cooked.push(...(byte === NEWLINE ? [RETURN, NEWLINE] : [byte]));
      const written = copied > 0 ? output.write(Uint8Array.from(cooked)) : 0;
      if (written < 0) return done > 0 ? done : written;
      done += copied;
      if (copied < bytes.length) return done > 0 ? done : -EFAULT;
    }
    return done;
  }

  setTermios(change: (termios: Termios) => void, flush: boolean): void {
    change(this.termios);
    if (flush) this.flushInput();
    const raw = (this.termios.lflag & (ICANON | ECHO)) !== (ICANON | ECHO);
    if (raw !== this.raw && this.doors.input.setRaw !== undefined) {
      this.raw = raw;
      this.doors.input.setRaw(raw);
    }
    if (!this.canonical) this.finishLine();
  }

  /** The settings that are no affair of job control; -ENOTTY for what is none of them. */
  ioctl(command: number, argument: number, memory: IoctlMemory): number {
    const address = argument >>> 0;
    const give = (bytes: Uint8Array) => (memory.write(address, bytes) ? 0 : -EFAULT);
    const take = (length: number, use: (bytes: Uint8Array) => void) => {
      const bytes = memory.read(address, length);
      if (bytes === null) return -EFAULT;
      use(bytes);
      return 0;
    };
    switch (command >>> 0) {
      case TCGETS:
        return give(this.termios.encode(TERMIOS_SIZE));
      case TCGETS2:
        return give(this.termios.encode(TERMIOS2_SIZE));
      case TCGETA:
        return give(this.termios.encodeOld());
      case TCSETS:
      case TCSETSW:
      case TCSETSF:
        return take(TERMIOS_SIZE, (bytes) => this.setTermios((t) => t.decode(bytes), command === TCSETSF));
      case TCSETA:
      case TCSETAW:
      case TCSETAF:
        return take(TERMIO_SIZE, (bytes) => this.setTermios((t) => t.decodeOld(bytes), command === TCSETAF));
      case TIOCGWINSZ: {
        const { rows, columns } = this.size ?? this.doors.windowSize();
        return give(new Uint8Array(Uint16Array.of(rows, columns, 0, 0).buffer));
      }
      case TIOCSWINSZ:
        return take(8, (bytes) => {
          const view = new DataView(bytes.buffer, bytes.byteOffset);
          this.size = { rows: view.getUint16(0, true), columns: view.getUint16(2, true) };
        });
      case FIONREAD:
        this.fill();
        return give(new Uint8Array(Int32Array.of(this.ready.length).buffer));
      case TCFLSH:
        if ((argument & 3) !== 1) this.flushInput();
        return 0;
      case TIOCOUTQ:
      case TIOCGETD:
      case TIOCGPTN:
        return give(new Uint8Array(4));
      case TCSBRK:
      case TCSBRKP:
      case TCXONC:
      case TIOCEXCL:
      case TIOCNXCL:
        return 0;
      default:
        return -ENOTTY;
    }
  }
}

/** The terminal, open. Job control is the system calls' affair: they know who reads. */
export class TerminalFile extends File {
  readonly terminal: Terminal;
  private readonly output: HostOutput;

  constructor(dentry: Dentry, flags: number, terminal: Terminal, output = terminal.doors.output) {
    super(dentry, flags);
    this.terminal = terminal;
    this.output = output;
  }

  override read(to: IovIter): number {
    if (!this.terminal.doors.input.terminal) return -EIO;
    return this.terminal.read(to);
  }

  override write(from: IovIter): number {
    return this.terminal.cooksOutput ? this.terminal.writeCooked(this.output, from) : writeOutput(this.output, from);
  }

  override poll(): number {
    return (this.terminal.readable ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM;
  }

  override get queues(): WaitQueue[] {
    return [this.terminal.doors.inputArrived];
  }

  override ioctl(command: number, argument: number, memory: IoctlMemory): number {
    return this.terminal.ioctl(command, argument, memory);
  }
}

/** Bytes on their way to the host. Never holds anything across calls. */
const bounce = new Uint8Array(65536);

/** Everything goes out; what cannot be read from the guest does not. */
export function writeOutput(output: HostOutput, from: IovIter): number {
  let done = 0;
  while (from.count > 0) {
    const wanted = Math.min(from.count, bounce.length);
    const copied = from.copyFrom(bounce, 0, wanted);
    if (copied > 0) {
      const written = output.write(bounce.subarray(0, copied));
      if (written < 0) return done > 0 ? done : written;
    }
    done += copied;
    if (copied < wanted) return done > 0 ? done : -EFAULT;
  }
  return done;
}
