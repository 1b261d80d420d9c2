import { isFailure, messageOf } from '../base/errors.js';

interface Failed {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
}

interface ChildEndOptions<Command> {
  /** `null` for what is no command. */
  readonly read: (value: unknown) => Command | null;
  /** Told of what is no command. */
  readonly unknownText: string;
  readonly obey: (command: Command) => void;
}

/**
 * A child process's end of what it and its parent say to each other. Its signal tells when it should end: when it is told
 * so, and when the parent is gone.
 */
export class ChildEnd<Command, Event extends object> {
  readonly #cancellation = new AbortController();
  readonly #leaving = new Set<Promise<void>>();
  #isStarted = false;

  constructor({ read, unknownText, obey }: ChildEndOptions<Command>) {
    process.on('message', (value: unknown) => {
      const command = read(value);
      if (command === null) this.send({ kind: 'failed', code: 'bad-input', message: unknownText });
      else obey(command);
    });
    process.on('disconnect', () => this.cancel());
    process.on('SIGTERM', () => this.cancel());
    // Ctrl+C in a terminal reaches the whole group; the host decides what to do.
    process.on('SIGINT', () => undefined);
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  cancel(): void {
    this.#cancellation.abort();
  }

  send(event: Event | Failed): void {
    // The other end may be gone: then nobody listens, and `disconnect` ends the work.
    if (!process.connected) return;
    const left = new Promise<void>((resolve) => {
      process.send?.(event, undefined, undefined, () => resolve());
    });
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
  }

  /**
   * Does the work that the process is for, once; tells when it fails, and lets the process end when all that was sent is
   * written: it could end before a large message has left it.
   */
  start(work: () => Promise<void>): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void work()
      .catch((error: unknown) => {
        const code = isFailure(error) ? error.code : 'unexpected';
        this.send({ kind: 'failed', code, message: messageOf(error) });
        process.exitCode = 1;
      })
      .finally(async () => {
        await Promise.all(this.#leaving);
        if (process.connected) process.disconnect();
      });
  }
}
