/** The guest's line discipline: what is typed, what is echoed, what is read. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN } from "../kernel/errno.ts";
import { POLLIN } from "../kernel/fs/file.ts";
import { TCGETS, TCSETS, TCSETSF, TIOCGWINSZ, TIOCSWINSZ } from "../kernel/fs/ioctl-numbers.ts";
import { KernelIter } from "../kernel/fs/iov-iter.ts";
import { TerminalFile } from "../kernel/fs/terminal.ts";
import { ECHO, ICANON, ISIG, Termios, VMIN } from "../kernel/fs/termios.ts";
import { Vfs } from "../kernel/fs/vfs.ts";
import { MemoryHost } from "../kernel/memory-host.ts";
import { SIGINT, SIGTSTP } from "../kernel/task/signals.ts";
import { WaitQueue } from "../kernel/task/wait.ts";
import { bytesOf, EPOCH, textOf } from "./fs-rig.ts";

class Rig {
  screen = "";
  readonly signals: string[] = [];
  readonly host = new MemoryHost({
    terminal: { rows: 50, columns: 132 },
    onOutput: (_stream, bytes) => {
      this.screen += textOf(bytes);
    },
  });
  readonly vfs = new Vfs({
    host: this.host,
    now: () => EPOCH,
    random: { fill: () => {} },
    hostInput: new WaitQueue(),
    signalPgrp: (pgrp, signo) => this.signals.push(`${pgrp} ${signo}`),
    writable: false,
  });
  readonly file: TerminalFile;
  /** Memory for ioctl arguments at address 0. */
  readonly memory = new Uint8Array(64);

  constructor() {
    const file = this.vfs.standardFiles().get(0);
    if (!(file instanceof TerminalFile)) throw new Error("descriptor 0 is no terminal");
    this.file = file;
    file.terminal.foregroundPgrp = 7;
  }

  type(text: string): void {
    this.host.feed(bytesOf(text));
  }

  read(length = 100): string | number {
    const buffer = new Uint8Array(length);
    const bytes = this.file.read(new KernelIter(buffer));
    return bytes < 0 ? bytes : textOf(buffer.subarray(0, bytes));
  }

  /** What has been echoed since the last look. */
  echoed(): string {
    const { screen } = this;
    this.screen = "";
    return screen;
  }

  ioctl(command: number): number {
    return this.file.ioctl(command, 0, {
      read: (address, length) => this.memory.slice(address, address + length),
      write: (address, bytes) => {
        this.memory.set(bytes, address);
        return true;
      },
    });
  }

  change(change: (termios: Termios) => void, command = TCSETS): void {
    const termios = new Termios();
    this.ioctl(TCGETS);
    termios.decode(this.memory);
    change(termios);
    this.memory.set(termios.encode(36));
    assert.is(this.ioctl(command), 0);
  }
}

test("standard streams of a terminal are one open file", () => {
  const { vfs } = new Rig();
  const files = vfs.standardFiles();
  assert.is(files.get(0), files.get(1));
  assert.is(files.get(0), files.get(2));
  assert.is(files.get(0)?.dentry.name, "0");
});

test("lines are edited, echoed and read one at a time", () => {
  const rig = new Rig();
  assert.is(rig.read(), -EAGAIN);
  rig.type("ab\u007fc");
  assert.is(rig.read(), -EAGAIN);
  assert.is(rig.echoed(), "ab\b \bc");
  rig.type("\rnext\r");
  assert.ok((rig.file.poll() & POLLIN) !== 0);
  assert.is(rig.read(2), "ac");
  assert.is(rig.read(), "\n");
  assert.is(rig.echoed(), "\r\nnext\r\n");
  assert.is(rig.read(), "next\n");
  rig.type("two words\u0017\u0017x\u0015kept\u0003");
  assert.is(rig.read(), -EAGAIN);
  assert.equal(rig.signals, [`7 ${SIGINT}`]);
  rig.type("\r");
  assert.is(rig.read(), "\n", "the interrupt has flushed the line");
});

test("end of file", () => {
  const rig = new Rig();
  rig.type("\u0004");
  assert.is(rig.read(), "");
  assert.is(rig.read(), -EAGAIN, "once");
  rig.type("half\u0004");
  assert.is(rig.read(), "half", "the line so far, without a newline");
  assert.is(rig.read(), -EAGAIN);
  rig.type("a\r\u0004");
  assert.is(rig.read(), "a\n");
  assert.is(rig.read(), "");
  rig.host.endInput();
  assert.is(rig.read(), "");
  assert.is(rig.read(), "", "a terminal that hung up stays so");
});

test("raw mode", () => {
  const rig = new Rig();
  rig.change((termios) => {
    termios.lflag &= ~(ICANON | ECHO);
    termios.iflag = 0;
  });
  rig.type("x\r");
  assert.is(rig.read(2), "x\r");
  rig.type("lost\u0003\u001a");
  assert.is(rig.read(), -EAGAIN, "ISIG is still on, and flushes");
  assert.equal(rig.signals, [`7 ${SIGINT}`, `7 ${SIGTSTP}`]);
  rig.change((termios) => {
    termios.lflag &= ~ISIG;
    termios.cc[VMIN] = 3;
  });
  rig.type("\u0003a");
  assert.is(rig.read(10), -EAGAIN, "fewer than VMIN");
  assert.is(rig.file.poll() & POLLIN, 0);
  rig.type("b");
  assert.is(rig.read(10), "\u0003ab");
  assert.is(rig.echoed(), "");
  rig.change((termios) => {
    termios.cc[VMIN] = 0;
  });
  assert.is(rig.read(), "");
  rig.type("lost");
  assert.ok((rig.file.poll() & POLLIN) !== 0);
  rig.change((termios) => {
    termios.lflag |= ICANON | ECHO;
  }, TCSETSF);
  assert.is(rig.read(), -EAGAIN, "TCSETSF flushes what has arrived");
});

test("output gets its returns, sizes are told and set", () => {
  const rig = new Rig();
  assert.is(rig.file.write(new KernelIter(bytesOf("a\nb\n"))), 4);
  assert.is(rig.echoed(), "a\r\nb\r\n");
  rig.change((termios) => {
    termios.oflag = 0;
  });
  rig.file.write(new KernelIter(bytesOf("a\n")));
  assert.is(rig.echoed(), "a\n");
  assert.is(rig.ioctl(TIOCGWINSZ), 0);
  assert.equal([...rig.memory.subarray(0, 8)], [50, 0, 132, 0, 0, 0, 0, 0]);
  rig.memory[0] = 40;
  assert.is(rig.ioctl(TIOCSWINSZ), 0);
  rig.memory[0] = 0;
  rig.ioctl(TIOCGWINSZ);
  assert.is(rig.memory[0], 40);
});

test.run();
