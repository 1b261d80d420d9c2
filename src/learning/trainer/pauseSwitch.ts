/** Pauses and resumes a run from outside: it stops between two steps, with a checkpoint written. */
export class PauseSwitch {
  #waiting: (() => void)[] = [];
  #isPaused = false;

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** Until the run may go on or the signal is aborted. */
  async whilePaused(signal: AbortSignal | undefined): Promise<void> {
    while (this.#isPaused && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal?.removeEventListener('abort', done);
          resolve();
        };
        signal?.addEventListener('abort', done, { once: true });
        this.#waiting.push(done);
      });
    }
  }
}
