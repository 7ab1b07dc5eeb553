/** Who wants to hear of what: listeners by event name. An event that nobody listens to costs its maker one look. */

/** `Events` maps the name of an event to what its listeners get. */
export class Listeners<Events extends object> {
  readonly #byName = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #changed: () => void;

  /** @param changed called when a first listener of an event came or the last one went */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Adds a listener; the result removes it. Listeners are called in the order in which they came. */
  add<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const present = this.#byName.get(name);
    const listeners = present ?? new Set();
    if (present === undefined) this.#byName.set(name, listeners);
    // The same function twice is two listeners.
    const own = (event: Events[Name]) => listener(event);
    listeners.add(own);
    if (listeners.size === 1) this.#changed();
    return () => {
      if (listeners.delete(own) && listeners.size === 0) this.#changed();
    };
  }

  has(name: keyof Events): boolean {
    return (this.#byName.get(name)?.size ?? 0) > 0;
  }

  tell<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#byName.get(name) ?? []) (listener as (event: Events[Name]) => void)(event);
  }
}
