/** A time limit that stands still while the user is asked, and can be set anew for the next step. */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;
  #leftMs = 0;
  #startedAtMs = 0;
  #pauses = 0;

  /** @param expire called once a limit has passed */
  constructor(private readonly expire: () => void) {}

  set(limitMs: number): void {
    this.stop();
    this.#leftMs = limitMs;
    if (this.#pauses === 0) this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs = 0;
  }

  async whilePaused<T>(work: () => Promise<T>): Promise<T> {
    this.#pauses += 1;
    if (this.#pauses === 1 && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#leftMs = Math.max(1, this.#leftMs - (performance.now() - this.#startedAtMs));
    }
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0 && this.#leftMs > 0) this.#run();
    }
  }

  #run(): void {
    this.#startedAtMs = performance.now();
    this.#timer = setTimeout(this.expire, this.#leftMs);
  }
}
