import { Failure } from '../base/errors.js';

interface Waiting {
  readonly what: string;
  readonly start: () => void;
  readonly drop: (why: Failure) => void;
}

/** Work of one machine: in the order in which it was added, one piece at a time. */
export class MachineQueue {
  readonly #waiting: Waiting[] = [];
  #running: { readonly what: string; readonly stop: AbortController } | undefined;

  onChange: () => void = () => undefined;

  get running(): string | undefined {
    return this.#running?.what;
  }

  get waiting(): string[] {
    return this.#waiting.map(({ what }) => what);
  }

  /** @param signal takes it out of the queue, or aborts the signal that the work was given */
  add<T>(what: string, work: (stop: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const cancelled = () => new Failure('cancelled', `${what} was cancelled.`);
    if (signal?.aborted === true) return Promise.reject(cancelled());
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        const at = this.#waiting.indexOf(entry);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(cancelled());
        this.onChange();
      };
      const entry: Waiting = {
        what,
        start: () => {
          signal?.removeEventListener('abort', leave);
          this.#perform(what, work, signal).then(resolve, reject);
        },
        drop: (why) => {
          signal?.removeEventListener('abort', leave);
          reject(why);
        },
      };
      signal?.addEventListener('abort', leave);
      this.#waiting.push(entry);
      this.#next();
      this.onChange();
    });
  }

  /** Stops what runs and lets nothing that waits start. */
  clear(why: Failure): void {
    for (const entry of this.#waiting.splice(0)) entry.drop(why);
    this.#running?.stop.abort(why);
    this.onChange();
  }

  async #perform<T>(
    what: string,
    work: (stop: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const stop = new AbortController();
    this.#running = { what, stop };
    const pass = () => {
      stop.abort(signal?.reason);
    };
    if (signal?.aborted === true) pass();
    signal?.addEventListener('abort', pass);
    try {
      return await work(stop.signal);
    } finally {
      signal?.removeEventListener('abort', pass);
      this.#running = undefined;
      this.#next();
      this.onChange();
    }
  }

  #next(): void {
    if (this.#running === undefined) this.#waiting.shift()?.start();
  }
}
