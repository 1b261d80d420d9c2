/** One line on a terminal that is written over and over; nothing when stderr is a file. */
export class StatusLine {
  readonly #enabled: boolean;
  #shownAtMs = -Infinity;
  #isShown = false;

  constructor(quiet: boolean) {
    this.#enabled = !quiet && process.stderr.isTTY;
  }

  /** Shows the text, unless one was shown just before; cut at the terminal's width, so that it stays one line. */
  show(text: string): void {
    const now = performance.now();
    if (!this.#enabled || now - this.#shownAtMs < 100) return;
    this.#shownAtMs = now;
    this.#isShown = true;
    process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K');
    this.#isShown = false;
  }
}
