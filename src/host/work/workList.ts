import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { Work } from './work.js';

/** All work since the window opened, the newest last; what runs goes on whether a panel shows it or not. */
export class WorkList implements Disposable {
  readonly #all: Work[] = [];
  readonly #listeners = new Set<() => void>();

  /** @param kept how many finished ones are remembered */
  constructor(private readonly kept = 20) {}

  get running(): readonly Work[] {
    return this.#all.filter(({ isOver }) => !isOver);
  }

  get newest(): Work | undefined {
    return this.#all.at(-1);
  }

  add(work: Work): void {
    this.#all.push(work);
    const finished = this.#all.filter(({ isOver }) => isOver);
    for (const old of finished.slice(0, Math.max(0, finished.length - this.kept))) {
      this.#all.splice(this.#all.indexOf(old), 1);
    }
    let status = work.status;
    work.onChanged(() => {
      if (status === work.status) return;
      status = work.status;
      this.#changed();
    });
    this.#changed();
  }

  /** Called when something begins, is being stopped, or ends. */
  onChanged(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** The window closes: what runs is dropped politely; the guards on the machines restore them in any case. */
  dispose(): void {
    for (const work of this.running) work.cancel();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
