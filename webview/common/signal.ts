import { toDisposable, type Disposable } from '../../src/base/disposable.js';

/** A value that tells its listeners when it changes. Listeners run synchronously, in order of subscription. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T, previous: T) => void>();
  #value: T;

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    const previous = this.#value;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value, previous);
  }

  /** Calls the listener at each change, not now. */
  subscribe(listener: (value: T, previous: T) => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** Calls the listener now and at each change. */
  observe(listener: (value: T) => void): Disposable {
    listener(this.#value);
    return this.subscribe(listener);
  }
}

/** Runs `action` once, `delayMs` after the last call. */
export function debounce(delayMs: number, action: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, delayMs);
  };
}
