/** Hints gathered by a transaction and told to listeners after its commit. The same hint twice in a commit is told once. */

/** Topic to keys. */
export type HintSet = Map<string, Set<string>>;

export function addHint(hints: HintSet, topic: string, key: string): void {
  const keys = hints.get(topic);
  if (keys) keys.add(key);
  else hints.set(topic, new Set([key]));
}

type Listener = (key: string) => void;

/** The listeners of one thread. A listener that throws does not keep the others from hearing. */
export class HintListeners {
  readonly #topics = new Map<string, Set<Listener>>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(topic: string, listener: Listener): Disposable {
    const listeners = this.#topics.get(topic) ?? new Set<Listener>();
    this.#topics.set(topic, listeners);
    // The same function may be added twice, and each disposable ends its own addition.
    const own: Listener = (key) => listener(key);
    listeners.add(own);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(own);
        if (listeners.size === 0 && this.#topics.get(topic) === listeners) this.#topics.delete(topic);
      },
    };
  }

  tell(topic: string, keys: Iterable<string>): void {
    const listeners = this.#topics.get(topic);
    if (!listeners) return;
    for (const key of keys) {
      for (const listener of listeners) {
        try {
          listener(key);
        } catch (error) {
          this.#failed(error);
        }
      }
    }
  }

  tellAll(hints: HintSet): void {
    for (const [topic, keys] of hints) this.tell(topic, keys);
  }
}
