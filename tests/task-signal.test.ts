/** Signals: queues, masks, frames, stop and continue, what parents see. Layouts as a native i386 program prints them. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EAX, EBX, EDI, ESP } from "../emu/state.ts";
import { ECHILD, EINTR, ERESTARTSYS } from "../kernel/errno.ts";
import { doWait, WEXITED, WNOHANG, WUNTRACED } from "../kernel/task/child-wait.ts";
import { doGroupExit } from "../kernel/task/exit.ts";
import { CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from "../kernel/task/fork.ts";
import { hasExitWork, returnToUser } from "../kernel/task/return-to-user.ts";
import {
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_SIGINFO,
  SIG_DFL,
  SIG_IGN,
} from "../kernel/task/sighand.ts";
import { encodeSiginfo, SI_QUEUE, SI_USER, siginfoLayout } from "../kernel/task/siginfo.ts";
import { forceSignal, sendGroupSignal, sendSignal, setBlocked } from "../kernel/task/signal.ts";
import { rtSigreturn, sigreturn } from "../kernel/task/signal-frame.ts";
import {
  SIGALRM,
  SIGCHLD,
  SIGCONT,
  SIGFPE,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  SIGTERM,
  SIGTSTP,
  SIGUSR1,
  signalName,
} from "../kernel/task/signals.ts";
import { SignalSet } from "../kernel/task/sigset.ts";
import { SLEEPING, sleep } from "../kernel/task/sleep.ts";
import type { Task } from "../kernel/task/task.ts";
import { WaitQueue } from "../kernel/task/wait.ts";
import { KernelRig, MEMORY } from "./kernel-rig.ts";

const HANDLER = 0x08048123;

function handle(task: Task, signo: number, flags = 0, mask = new SignalSet()): void {
  task.sighand.setAction(signo, { handler: HANDLER, flags, restorer: 0, mask });
}

function user(signo: number, pid = 7) {
  return { signo, code: SI_USER, pid, uid: 0 };
}

test("a set knows 1 to 64", () => {
  const set = SignalSet.of(1, 32, 33, 64);
  assert.is(set.low, 1 | (1 << 31));
  assert.is(set.high, 1 | (1 << 31));
  assert.is(set.first(), 1);
  set.delete(1);
  assert.is(set.first(), 32);
  set.delete(32);
  assert.is(set.first(), 33);
  set.delete(33);
  assert.is(set.first(), 64);
  set.delete(64);
  assert.is(set.first(), 0);
  assert.ok(set.empty);
});

test("names", () => {
  assert.is(signalName(11), "SIGSEGV");
  assert.is(signalName(31), "SIGSYS");
  assert.is(signalName(34), "SIGRTMIN+2");
});

test("siginfo layouts", () => {
  assert.is(siginfoLayout(SIGSEGV, 1), "fault");
  assert.is(siginfoLayout(SIGSEGV, SI_USER), "kill");
  assert.is(siginfoLayout(SIGSEGV, 0x80), "kill");
  assert.is(siginfoLayout(SIGCHLD, 1), "child");
  assert.is(siginfoLayout(SIGUSR1, SI_QUEUE), "rt");
  assert.is(siginfoLayout(SIGALRM, -2), "timer");
  const bytes = encodeSiginfo({ signo: SIGCHLD, code: 1, pid: 5, uid: 6, status: 7, utime: 8, stime: 9 });
  assert.equal([...new Int32Array(bytes.buffer).subarray(0, 8)], [17, 0, 1, 5, 6, 7, 8, 9]);
});

test("a classic signal is pending once, a real-time one as often as it was sent, and in order", () => {
  const { k, main } = new KernelRig();
  const all = new SignalSet(-1, -1);
  setBlocked(main, all);
  for (let value = 1; value <= 3; value++) {
    sendGroupSignal(k, main.group, { ...user(SIGUSR1, value) });
    sendGroupSignal(k, main.group, { signo: 40, code: SI_QUEUE, pid: 1, uid: 0, value });
  }
  handle(main, SIGUSR1, SA_SIGINFO);
  handle(main, 40, SA_SIGINFO);
  setBlocked(main, new SignalSet());
  const seen: number[] = [];
  const start = k.cpu.regs[ESP] as number;
  // Each frame lies below the one before; the innermost handler is the last that was delivered.
  assert.ok(returnToUser(k, main));
  for (let sp = (k.cpu.regs[ESP] as number) >>> 0; ; ) {
    const signo = k.user.getI32(sp + 4);
    const value = signo === 40 ? k.user.getI32(sp + 16 + 20) : k.user.getI32(sp + 16 + 12);
    seen.push(signo, value);
    const interrupted = k.user.getI32(sp + 144 + 20 + 28);
    if (interrupted === start) break;
    sp = interrupted >>> 0;
  }
  // SIGUSR1 first; the next 40 is blocked while its handler runs.
  assert.equal(seen, [40, 1, SIGUSR1, 1]);
  assert.ok(main.group.pending.set.has(40));
  assert.is(main.group.pending.length, 2);
});

test("struct sigframe, and back", () => {
  const { k, main } = new KernelRig();
  const { regs } = k.cpu;
  handle(main, SIGUSR1, 0, SignalSet.of(SIGHUP, 50));
  setBlocked(main, SignalSet.of(SIGINT, 33));
  for (let i = 0; i < 8; i++) if (i !== ESP) regs[i] = 0x1000 + i;
  k.cpu.eip = 0x08049999;
  k.cpu.setEflags(0x202 | 0x400 | 1);
  const sp = (regs[ESP] as number) >>> 0;
  const context = new Int32Array(regs);
  sendSignal(k, main, user(SIGUSR1));
  assert.ok(hasExitWork(main));
  assert.ok(returnToUser(k, main));

  const frame = (regs[ESP] as number) >>> 0;
  const word = (offset: number): number => k.user.getI32(frame + offset);
  assert.is((frame + 4) & 15, 0, "(esp + 4) is a multiple of 16");
  assert.is(k.cpu.eip, HANDLER);
  assert.equal([regs[EAX], regs[1], regs[2]], [SIGUSR1, 0, 0], "eax ecx edx");
  assert.is(k.cpu.getEflags() & 0x400, 0, "DF is clear in a handler");
  assert.is(word(0) >>> 0, frame + 724, "pretcode is the code on the stack");
  assert.is(word(4), SIGUSR1);
  const sc = [8, 12, 16, 20].map(word);
  assert.equal(sc, [0, 0, 0x7b, 0x7b], "gs fs es ds");
  assert.is(word(8 + 16), context[EDI]);
  assert.is(word(8 + 28) >>> 0, sp);
  assert.is(word(8 + 32), context[EBX]);
  assert.is(word(8 + 44), context[EAX]);
  assert.is(word(8 + 56) >>> 0, 0x08049999);
  assert.is(word(8 + 60), 0x73);
  assert.is(word(8 + 64), 0x202 | 0x400 | 1);
  assert.is(word(8 + 68) >>> 0, sp);
  assert.is(word(8 + 72), 0x7b);
  const fpstate = word(8 + 76) >>> 0;
  assert.is((fpstate + 112) & 63, 0, "the FXSAVE image is aligned");
  assert.equal(
    [0, 4, 8].map((o) => k.user.getI32(fpstate + o) >>> 0),
    [0xffff037f, 0xffff0000, 0xffffffff],
  );
  assert.is(k.user.getI32(fpstate + 108) >>> 16, 0, "magic: an FXSAVE image follows");
  assert.is(k.user.getI32(fpstate + 112 + 24), 0x1f80, "MXCSR");
  assert.is(word(8 + 80), 1 << (SIGINT - 1), "oldmask");
  assert.is(word(720), 1, "extramask: signal 33");
  const retcode = [...(k.user.read(frame + 724, 8) as Uint8Array)];
  assert.equal(retcode, [0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80]);
  for (const signo of [SIGHUP, SIGINT, SIGUSR1, 33, 50]) assert.ok(main.blocked.has(signo), `blocks ${signo}`);

  // RET and POP of the trampoline move ESP by 8.
  regs[ESP] = (regs[ESP] as number) + 8;
  regs.fill(0, 0, 4);
  assert.ok(sigreturn(k, main));
  assert.equal([...regs], [...context]);
  assert.is(k.cpu.eip, 0x08049999);
  assert.is(k.cpu.getEflags(), 0x202 | 0x400 | 1);
  assert.ok(main.blocked.equals(SignalSet.of(SIGINT, 33)));
});

test("struct rt_sigframe, and back", () => {
  const { k, main } = new KernelRig();
  const { regs } = k.cpu;
  handle(main, SIGSEGV, SA_SIGINFO);
  main.trapNumber = 14;
  main.errorCode = 6;
  main.cr2 = 0xdeadbeef;
  const sp = (regs[ESP] as number) >>> 0;
  sendSignal(k, main, { signo: SIGSEGV, code: 1, addr: 0xdeadbeef });
  assert.ok(returnToUser(k, main));
  const frame = (regs[ESP] as number) >>> 0;
  const word = (offset: number): number => k.user.getI32(frame + offset);
  assert.is((frame + 4) & 15, 0);
  assert.equal([word(4), word(8) >>> 0, word(12) >>> 0], [SIGSEGV, frame + 16, frame + 144]);
  assert.equal(
    [regs[2], regs[1]].map((r) => (r as number) >>> 0),
    [frame + 16, frame + 144],
    "edx = &info, ecx = &uc",
  );
  assert.equal(
    [16, 20, 24, 28].map(word).map((w) => w >>> 0),
    [SIGSEGV, 0, 1, 0xdeadbeef],
  );
  assert.equal([144, 148, 152, 156, 160].map(word), [0, 0, 0, 0, 0], "flags link sp flags size");
  assert.equal(
    [164 + 48, 164 + 52, 164 + 84].map(word).map((w) => w >>> 0),
    [14, 6, 0xdeadbeef],
    "trapno err cr2",
  );
  const retcode = [...(k.user.read(frame + 260, 8) as Uint8Array)];
  assert.equal(retcode, [0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0]);
  regs[ESP] = (regs[ESP] as number) + 4;
  assert.ok(rtSigreturn(k, main));
  assert.is((regs[ESP] as number) >>> 0, sp);
  assert.ok(main.blocked.empty);
});

test("without FXSR the frame ends after the FSAVE image", () => {
  const { k, main } = new KernelRig("pentium");
  handle(main, SIGUSR1);
  sendSignal(k, main, user(SIGUSR1));
  returnToUser(k, main);
  const frame = (k.cpu.regs[ESP] as number) >>> 0;
  const fpstate = k.user.getI32(frame + 84) >>> 0;
  assert.is(fpstate & 63, 0);
  assert.is(k.user.getI32(fpstate + 108) >>> 16, 0xffff, "magic: nothing follows");
});

test("the alternate stack is used, and left alone by a nested handler", () => {
  const { k, main } = new KernelRig();
  handle(main, SIGUSR1, SA_ONSTACK | SA_NODEFER);
  main.altStack = { sp: MEMORY, size: 0x4000, flags: 0 };
  sendSignal(k, main, user(SIGUSR1));
  returnToUser(k, main);
  const first = (k.cpu.regs[ESP] as number) >>> 0;
  assert.ok(first > MEMORY && first < MEMORY + 0x4000);
  sendSignal(k, main, user(SIGUSR1));
  returnToUser(k, main);
  assert.ok((k.cpu.regs[ESP] as number) >>> 0 < first, "the nested frame continues below");
});

test("a frame that does not fit kills with SIGSEGV", () => {
  const { k, main } = new KernelRig();
  handle(main, SIGUSR1);
  k.cpu.regs[ESP] = 0x1000;
  sendSignal(k, main, user(SIGUSR1));
  assert.not(returnToUser(k, main));
  assert.is(main.group.exitCode, SIGSEGV);
  assert.is(k.mainExit?.status, SIGSEGV);
});

test("SA_RESETHAND, SA_NODEFER and the handler's mask", () => {
  const { k, main } = new KernelRig();
  handle(main, SIGUSR1, SA_RESETHAND | SA_NODEFER);
  sendSignal(k, main, user(SIGUSR1));
  returnToUser(k, main);
  assert.is(main.sighand.action(SIGUSR1).handler, SIG_DFL);
  assert.not(main.blocked.has(SIGUSR1));
});

test("an interrupted call: EINTR, or once more with SA_RESTART, or without a handler", () => {
  for (const [flags, eax, moved] of [
    [0, -EINTR, 0],
    [SA_RESTART, 3, 2],
  ] as const) {
    const { k, main } = new KernelRig();
    handle(main, SIGUSR1, flags);
    k.cpu.eip = 0x08048002;
    main.origEax = 3;
    k.cpu.regs[EAX] = -ERESTARTSYS;
    sendSignal(k, main, user(SIGUSR1));
    returnToUser(k, main);
    const frame = (k.cpu.regs[ESP] as number) >>> 0;
    assert.is(k.user.getI32(frame + 8 + 44), eax);
    assert.is(k.user.getI32(frame + 8 + 56) >>> 0, 0x08048002 - moved);
  }
  const { k, main } = new KernelRig();
  k.cpu.eip = 0x08048002;
  main.origEax = 3;
  k.cpu.regs[EAX] = -ERESTARTSYS;
  returnToUser(k, main);
  assert.equal([k.cpu.regs[EAX], k.cpu.eip], [3, 0x08048000]);
});

test("a signal wakes an interruptible sleeper, whose repeated call then fails", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const queue = new WaitQueue();
  handle(main, SIGUSR1);
  assert.is(sleep(main, { queues: [queue], onSignal: -ERESTARTSYS }), SLEEPING);
  assert.is(k.scheduler.pick(), null);
  sendGroupSignal(k, main.group, user(SIGUSR1));
  assert.is(main.state, "running");
  assert.is(queue.size, 0);
  assert.is(sleep(main, { queues: [queue], onSignal: -ERESTARTSYS }), -ERESTARTSYS);
});

test("an ignored signal is dropped unless it is blocked", () => {
  const { k, main } = new KernelRig();
  main.sighand.setHandler(SIGUSR1, SIG_IGN);
  sendGroupSignal(k, main.group, user(SIGUSR1));
  assert.ok(main.group.pending.set.empty);
  setBlocked(main, SignalSet.of(SIGUSR1));
  sendGroupSignal(k, main.group, user(SIGUSR1));
  assert.ok(main.group.pending.set.has(SIGUSR1));
});

test("a signal for the process goes to a thread that does not block it", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const thread = rig.fork(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0);
  handle(main, SIGUSR1);
  setBlocked(main, SignalSet.of(SIGUSR1));
  sendGroupSignal(k, main.group, user(SIGUSR1));
  assert.not(main.sigpending);
  assert.ok(thread.sigpending);
  assert.ok(k.tasks.get(thread.pid) === thread && thread.tgid === main.tgid);
});

test("a fatal signal ends every thread, and the parent collects the process once", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const child = rig.fork();
  rig.run(child);
  const thread = rig.fork(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0);
  rig.run(main);
  assert.is(doWait(k, main, { kind: "all" }, WEXITED | WNOHANG), null);
  sendGroupSignal(k, child.group, user(SIGTERM));
  for (const task of [thread, child]) {
    rig.run(task);
    assert.not(returnToUser(k, task));
    rig.idle();
  }
  rig.run(main);
  assert.ok(main.group.pending.set.empty, "SIGCHLD is ignored by default");
  const result = doWait(k, main, { kind: "all" }, WEXITED | WNOHANG);
  if (result === null || typeof result === "number") throw new Error(`wait: ${result}`);
  assert.equal([result.pid, result.status, result.code, result.cause], [child.pid, SIGTERM, 2, SIGTERM]);
  assert.is(doWait(k, main, { kind: "all" }, WEXITED | WNOHANG), -ECHILD);
  assert.is(k.tasks.size, 2);
});

test("stop and continue are reported once each", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  handle(main, SIGCHLD, SA_SIGINFO);
  const child = rig.fork();
  sendGroupSignal(k, child.group, user(SIGSTOP));
  rig.run(child);
  assert.not(returnToUser(k, child));
  assert.is(child.state, "stopped");
  rig.idle();
  rig.run(main);
  assert.ok(main.group.pending.set.has(SIGCHLD));
  const stopped = doWait(k, main, { kind: "all" }, WEXITED | WUNTRACED | WNOHANG);
  if (stopped === null || typeof stopped === "number") throw new Error(`wait: ${stopped}`);
  assert.is(stopped.status, (SIGSTOP << 8) | 0x7f);
  assert.is(doWait(k, main, { kind: "all" }, WEXITED | WUNTRACED | WNOHANG), null);
  sendGroupSignal(k, child.group, user(SIGCONT));
  assert.is(child.state, "running");
  rig.run(child);
  assert.ok(returnToUser(k, child));
  rig.run(main);
  const continued = doWait(k, main, { kind: "all" }, WEXITED | 8 | WNOHANG);
  if (continued === null || typeof continued === "number") throw new Error(`wait: ${continued}`);
  assert.is(continued.status, 0xffff);
  assert.is(doWait(k, main, { kind: "all" }, WEXITED | 8 | WNOHANG), null);
});

test("SIGTSTP does not stop an orphaned process group", () => {
  const { k, main } = new KernelRig();
  sendGroupSignal(k, main.group, user(SIGTSTP));
  assert.ok(returnToUser(k, main));
  assert.is(main.state, "running");
});

test("SIGKILL ends a stopped process", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const child = rig.fork();
  sendGroupSignal(k, child.group, user(SIGSTOP));
  rig.run(child);
  returnToUser(k, child);
  rig.idle();
  rig.run(main);
  sendGroupSignal(k, child.group, user(SIGKILL));
  rig.run(child);
  assert.not(returnToUser(k, child));
  assert.is(child.group.exitCode, SIGKILL);
});

test("an ignored SIGCHLD leaves no zombies", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  main.sighand.setHandler(SIGCHLD, SIG_IGN);
  const child = rig.fork();
  rig.run(child);
  doGroupExit(k, child, 3 << 8);
  rig.idle();
  rig.run(main);
  assert.is(doWait(k, main, { kind: "all" }, WEXITED | WNOHANG), -ECHILD);
});

test("orphans become children of init, which forgets them", () => {
  const rig = new KernelRig();
  const { k, init, main } = rig;
  const child = rig.fork();
  rig.run(child);
  const grandchild = rig.fork();
  doGroupExit(k, child, 0);
  rig.idle();
  assert.is(grandchild.ppid, init.pid);
  rig.run(grandchild);
  doGroupExit(k, grandchild, 0);
  assert.is(k.tasks.get(grandchild.pid), undefined);
  rig.idle();
  rig.run(main);
});

test("a forced signal gets through a mask and through SIG_IGN", () => {
  const { k, main } = new KernelRig();
  main.sighand.setHandler(SIGFPE, SIG_IGN);
  setBlocked(main, SignalSet.of(SIGFPE));
  forceSignal(k, main, { signo: SIGFPE, code: 1, addr: 0 });
  assert.not(returnToUser(k, main));
  assert.is(main.group.exitCode, SIGFPE);
});

test.run();
