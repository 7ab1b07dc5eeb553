/** Several listeners at the one hook of a paging unit. With none left the hook is null, and the MMU makes no events. */

import type { MmuEvent, Translator } from "../mmu/index.ts";

type MmuListener = (event: MmuEvent) => void;

const listenersOf = new WeakMap<Translator, Set<MmuListener>>();

/**
 * Calls `listener` at each event from now on, after those who came before, until the function that comes back is called.
 * It must not throw, and must not translate. The hook may have no other owner.
 */
export function listenToMmu(mmu: Translator, listener: MmuListener): () => void {
  let listeners = listenersOf.get(mmu);
  if (listeners === undefined) {
    listeners = new Set();
    listenersOf.set(mmu, listeners);
  }
  // The same function twice is two listeners.
  const own: MmuListener = (event) => listener(event);
  listeners.add(own);
  hook(mmu, listeners);
  return () => {
    if (listeners.delete(own)) hook(mmu, listeners);
  };
}

function hook(mmu: Translator, listeners: ReadonlySet<MmuListener>): void {
  if (listeners.size <= 1) {
    [mmu.onEvent = null] = listeners;
    return;
  }
  const all = [...listeners];
  mmu.onEvent = (event) => {
    for (const listener of all) listener(event);
  };
}
