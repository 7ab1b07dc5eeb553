/** Futexes, the scheduler's queue, timers and the clock. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, EFAULT, EINVAL, ETIMEDOUT } from "../kernel/errno.ts";
import { doExit } from "../kernel/task/exit.ts";
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, copyProcess } from "../kernel/task/fork.ts";
import { FUTEX_BITSET_MATCH_ANY, futexRequeue, futexWait, futexWake, futexWakeOp } from "../kernel/task/futex.ts";
import { Scheduler } from "../kernel/task/scheduler.ts";
import { SLEEPING } from "../kernel/task/sleep.ts";
import type { Task } from "../kernel/task/task.ts";
import { Clock } from "../kernel/time/clock.ts";
import { TimerQueue } from "../kernel/time/timer-queue.ts";
import { KernelRig, MEMORY } from "./kernel-rig.ts";

const A = MEMORY + 0x100;
const B = MEMORY + 0x200;
const any = { shared: false, bitset: FUTEX_BITSET_MATCH_ANY };
const NEVER = Number.POSITIVE_INFINITY;
const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

/** A thread that sleeps on a futex. */
function sleeper(rig: KernelRig, address: number, bitset = FUTEX_BITSET_MATCH_ANY): Task {
  const task = rig.fork(THREAD, 0);
  rig.run(task);
  assert.is(futexWait(rig.k, task, address, 0, { shared: false, bitset }, NEVER), SLEEPING);
  rig.run(rig.main);
  return task;
}

test("wait looks at the word, wake wakes in order", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  assert.is(futexWait(k, main, A, 1, any, NEVER), -EAGAIN);
  assert.is(futexWait(k, main, A + 1, 0, any, NEVER), -EINVAL);
  assert.is(futexWait(k, main, 0x1000, 0, any, NEVER), -EFAULT);
  assert.is(futexWait(k, main, A, 0, { shared: false, bitset: 0 }, NEVER), -EINVAL);
  const [first, second, third] = [sleeper(rig, A), sleeper(rig, A), sleeper(rig, A)] as [Task, Task, Task];
  assert.is(futexWake(k, main, A, 1, any), 1);
  assert.equal([first.state, second.state], ["running", "interruptible"]);
  assert.is(futexWake(k, main, B, 9, any), 0);
  assert.is(futexWake(k, main, A, 9, any), 2);
  assert.is(third.state, "running");
  rig.run(first);
  assert.is(futexWait(k, first, A, 0, any, NEVER), 0, "the repeated call reports the wake");
});

test("a bitset wakes only whom it meets", () => {
  const rig = new KernelRig();
  const one = sleeper(rig, A, 1);
  const two = sleeper(rig, A, 2);
  assert.is(futexWake(rig.k, rig.main, A, 9, { shared: false, bitset: 2 }), 1);
  assert.equal([one.state, two.state], ["interruptible", "running"]);
});

test("requeue moves sleepers, who are then woken at the other address", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const tasks = [sleeper(rig, A), sleeper(rig, A), sleeper(rig, A)];
  assert.is(futexRequeue(k, main, A, B, { wake: 1, requeue: 9 }, 5, false), -EAGAIN);
  assert.is(futexRequeue(k, main, A, B, { wake: 1, requeue: 1 }, 0, false), 2);
  assert.equal(
    tasks.map((task) => task.state),
    ["running", "interruptible", "interruptible"],
  );
  assert.is(futexWake(k, main, B, 9, any), 1);
  assert.is(futexWake(k, main, A, 9, any), 1);
});

test("wake_op changes the word and compares its old value", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  sleeper(rig, A);
  sleeper(rig, B);
  // FUTEX_OP_ADD 5, FUTEX_OP_CMP_EQ 0
  assert.is(futexWakeOp(k, main, A, B, { first: 1, second: 1 }, (1 << 28) | (5 << 12), false), 2);
  assert.is(k.user.getI32(B), 5);
  // FUTEX_OP_SET -1 (sign extended), FUTEX_OP_CMP_GT 9: does not hold
  const encoded = (4 << 24) | (0xfff << 12) | 9;
  assert.is(futexWakeOp(k, main, A, B, { first: 1, second: 1 }, encoded, false), 0);
  assert.is(k.user.getI32(B), -1);
});

test("a timeout ends the wait at its time", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const deadline = k.clock.now() + 5_000_000;
  assert.is(futexWait(k, main, A, 0, any, deadline), SLEEPING);
  const due = k.clock.cyclesAt(deadline);
  assert.is(k.scheduler.timers.next, due);
  k.cpu.addCycles(due - k.cpu.cycles);
  k.scheduler.timers.run(k.cpu.cycles);
  assert.is(main.state, "running");
  assert.is(futexWait(k, main, A, 0, any, deadline), -ETIMEDOUT);
  assert.is(futexWake(k, main, A, 1, any), 0);
});

test("a thread that ends clears its tid and wakes who joins it", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const thread = rig.fork(THREAD, 0);
  thread.clearChildTid = A;
  k.user.putU32(A, thread.pid);
  assert.is(futexWait(k, main, A, thread.pid, any, NEVER), SLEEPING);
  rig.run(thread);
  doExit(k, thread, 0);
  rig.idle();
  assert.is(main.state, "running");
  rig.run(main);
  assert.is(k.user.getI32(A), 0);
  assert.is(main.group.threads.size, 1);
});

test("a robust lock of a thread that ends is marked and handed on", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const thread = rig.fork(THREAD, 0);
  const head = MEMORY + 0x400;
  const lock = MEMORY + 0x500;
  // head -> lock's list entry -> head; the futex word lies 8 behind the entry.
  k.user.putU32(head, lock);
  k.user.putU32(head + 4, 8);
  k.user.putU32(head + 8, 0);
  k.user.putU32(lock, head);
  k.user.putU32(lock + 8, thread.pid | 0x80000000);
  thread.robustList = head;
  assert.is(futexWait(k, main, lock + 8, thread.pid | 0x80000000, any, NEVER), SLEEPING);
  rig.run(thread);
  doExit(k, thread, 0);
  rig.idle();
  assert.is(main.state, "running");
  rig.run(main);
  assert.is(k.user.getI32(lock + 8) >>> 0, 0xc0000000);
});

test("clone flags that contradict each other are EINVAL", () => {
  const rig = new KernelRig();
  const args = { clearSighand: false, exitSignal: 17, stack: 0, tls: 0, parentTid: 0, childTid: 0 };
  for (const flags of [CLONE_THREAD, CLONE_SIGHAND, CLONE_THREAD | CLONE_VM, 0x20200, 0x10000200, 0x20000000]) {
    assert.is(copyProcess(rig.k, rig.main, { ...args, flags }), -EINVAL, flags.toString(16));
  }
});

test("round robin", () => {
  const scheduler = new Scheduler<{ id: number; sleepDeadline: number; wake(): void }>();
  const tasks = [1, 2, 3].map((id) => ({ id, sleepDeadline: NEVER, wake: () => undefined }));
  for (const task of tasks) scheduler.enqueue(task);
  const order: number[] = [];
  for (let i = 0; i < 6; i++) {
    const task = scheduler.pick();
    if (task === null) throw new Error("nobody is runnable");
    order.push(task.id);
    scheduler.rotate(task);
  }
  assert.equal(order, [1, 2, 3, 1, 2, 3]);
  scheduler.dequeue(tasks[1] as (typeof tasks)[0]);
  assert.is(scheduler.runnable, 2);
});

test("timers fire in order of deadline, then of creation", () => {
  const timers = new TimerQueue();
  const fired: string[] = [];
  timers.add(20, () => fired.push("c"));
  timers.add(10, () => fired.push("a"));
  const cancelled = timers.add(10, () => fired.push("x"));
  timers.add(10, () => fired.push("b"));
  timers.cancel(cancelled);
  timers.run(9);
  assert.equal(fired, []);
  timers.run(20);
  assert.equal(fired, ["a", "b", "c"]);
  assert.is(timers.next, NEVER);
});

test("the clock is exact and cyclesAt is its inverse", () => {
  for (const hertz of [33e6, 66e6, 100e6, 400e6, 1.5e9, 2.4e9, 3e9]) {
    const counter = { cycles: 0 };
    const clock = new Clock(counter, hertz);
    for (const ns of [0, 1, 999, 1_000_000, 123_456_789_012]) {
      const cycles = clock.cyclesAt(ns);
      assert.ok(clock.nanoseconds(cycles) >= ns, `${hertz} ${ns}`);
      assert.ok(cycles === 0 || clock.nanoseconds(cycles - 1) < ns, `${hertz} ${ns}`);
    }
    counter.cycles = hertz * 1.5;
    assert.is(clock.now(), 1_500_000_000);
    assert.equal(clock.realtime(), { sec: 946_684_801, nsec: 500_000_000 });
    clock.setRealtime({ sec: 5, nsec: 1 });
    assert.equal(clock.realtime(), { sec: 5, nsec: 1 });
    assert.is(clock.sinceBoot({ sec: 6, nsec: 1 }), 2_500_000_000);
  }
});

test.run();
