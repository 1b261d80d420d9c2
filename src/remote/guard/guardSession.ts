import { PassThrough, type Readable } from 'node:stream';
import { Failure } from '../../base/errors.js';
import type { RemoteExit, RemoteProcess } from '../connection.js';
import type { GuardedEnd, GuardedRun, GuardOptions, GuardStatus } from './guardedProgram.js';
import { StatusLines } from './statusLines.js';

const KEPT_STATUSES = 1000;
const KEPT_KINDS = 100;
/** What may wait here: a stop and a start of the channel for every few packets would cost more. */
const OUTPUT_BYTES = 1024 * 1024;
/** Signs of life that the network does not take need not pile up. */
const MOST_WAITING_BYTES = 4096;

interface Waiting {
  readonly kind: string;
  readonly resolve: (status: GuardStatus) => void;
  readonly reject: (why: Error) => void;
}

/** Our side of `guard.sh`. */
export class GuardSession implements GuardedRun {
  readonly output: Readable;
  readonly ended: Promise<GuardedEnd>;
  readonly #lines: StatusLines;
  readonly #statuses: GuardStatus[] = [];
  readonly #firstOf = new Map<string, GuardStatus>();
  readonly #listeners: ((status: GuardStatus) => void)[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #leftBehind: string[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  #lastResort: NodeJS.Timeout | undefined;
  #isOver = false;

  /** @param what completes "… was dropped": the work with its machine */
  constructor(
    private readonly process: RemoteProcess,
    nonce: string,
    private readonly what: string,
    private readonly limits: Required<GuardOptions>,
  ) {
    this.#lines = new StatusLines(nonce, (status) => {
      this.#take(status);
    });
    this.output = this.#passOutput();
    process.stdin.on('error', () => undefined); // The exit tells.
    process.stderr.on('data', (chunk: Buffer) => {
      this.#lines.add(chunk);
    });
    this.#heartbeat = setInterval(() => {
      if (process.stdin.writableLength < MOST_WAITING_BYTES) this.#tell('beat');
    }, limits.heartbeatMs);
    this.ended = process.exit.then(
      (exit) => this.#end(exit),
      (error: unknown) => this.#lose(error as Error),
    );
    this.ended.catch(() => undefined);
  }

  /** Lets the program start once the guard stands. */
  async start(): Promise<void> {
    try {
      await this.untilStatus('guarded', this.limits.startMs);
    } catch (error) {
      this.process.close();
      throw error;
    }
    this.#tell('go');
  }

  get complaints(): string {
    return this.#lines.complaints;
  }

  onStatus(listener: (status: GuardStatus) => void): void {
    for (const status of this.#statuses) listener(status);
    this.#listeners.push(listener);
  }

  async untilStatus(kind: string, timeoutMs: number): Promise<GuardStatus> {
    const said = this.#firstOf.get(kind);
    if (said !== undefined) return said;
    if (this.#isOver) throw await this.#endedWithout();
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        kind,
        resolve: (status) => {
          finish();
          resolve(status);
        },
        reject: (why) => {
          finish();
          reject(why);
        },
      };
      const timer = setTimeout(() => {
        const seconds = timeoutMs / 1000;
        waiting.reject(new Failure('timed-out', `${this.what} was not "${kind}" within ${seconds} s.`));
      }, timeoutMs);
      this.#waiting.add(waiting);
    });
  }

  stop(): void {
    this.#tell('stop');
  }

  abort(): void {
    this.#tell('abort');
    // Nobody reads it any more, and what is in the way there must not keep the end from coming.
    this.output.destroy();
    this.#limitTheEnd();
  }

  #passOutput(): Readable {
    const output = new PassThrough({ highWaterMark: OUTPUT_BYTES });
    this.process.stdout.on('error', () => undefined); // The exit tells.
    this.process.stdout.pipe(output);
    output.on('error', () => undefined);
    output.on('close', () => {
      this.process.stdout.unpipe(output);
      this.process.stdout.resume();
    });
    return output;
  }

  #tell(line: string): void {
    if (!this.#isOver && this.process.stdin.writable) this.process.stdin.write(`${line}\n`);
  }

  #take(status: GuardStatus): void {
    if (this.#isOver) return;
    if (status.kind === 'unrestored') this.#leftBehind.push(unrestoredText(status));
    this.#statuses.push(status);
    if (this.#statuses.length > KEPT_STATUSES) this.#statuses.shift();
    if (this.#firstOf.size < KEPT_KINDS && !this.#firstOf.has(status.kind)) {
      this.#firstOf.set(status.kind, status);
    }
    for (const waiting of [...this.#waiting]) if (waiting.kind === status.kind) waiting.resolve(status);
    for (const listener of this.#listeners) listener(status);
    // Restored and everything sent: the end of our input lets the runner go.
    if (this.#firstOf.has('restored') && (this.#firstOf.has('output') || this.#firstOf.has('failed'))) {
      this.process.stdin.end();
      this.#limitTheEnd();
    }
  }

  #limitTheEnd(): void {
    this.#lastResort ??= setTimeout(() => {
      this.process.close();
    }, this.limits.endMs);
  }

  #end(exit: RemoteExit): GuardedEnd {
    this.#lines.end();
    this.#finish();
    const ended = this.#firstOf.get('ended')?.values;
    const output = this.#firstOf.get('output')?.values;
    if (!this.#firstOf.has('restored')) {
      this.#leftBehind.push('it ended without saying whether everything is as it was');
    }
    void this.#endedWithout().then((why) => {
      for (const waiting of [...this.#waiting]) waiting.reject(why);
    });
    return {
      code: ended === undefined ? exit.code : numberOf(ended.get('code'), 3),
      signal: ended === undefined ? exit.signal : (ended.get('signal') ?? null),
      leftBehind: this.#leftBehind.slice(0, KEPT_STATUSES),
      outputSha256: /^[0-9a-f]{64}$/.exec(output?.get('sha256') ?? '')?.[0] ?? null,
      outputBytes: numberOf(output?.get('bytes'), 15),
    };
  }

  #lose(error: Error): never {
    this.#finish();
    for (const waiting of [...this.#waiting]) waiting.reject(error);
    this.output.destroy(error);
    throw error;
  }

  #finish(): void {
    this.#isOver = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lastResort);
  }

  /** Why something that was waited for did not come. */
  async #endedWithout(): Promise<Error> {
    try {
      await this.process.exit;
    } catch (error) {
      return error as Error;
    }
    const said = this.#firstOf.get('failed')?.values.get('why');
    const complaint = this.complaints.trim().split('\n').at(-1);
    return new Failure('remote-failed', `${this.what} failed: ${said ?? (complaint || this.#exitText())}`);
  }

  #exitText(): string {
    const ended = this.#firstOf.get('ended')?.values;
    const signal = ended?.get('signal');
    return signal === undefined ? `exit status ${ended?.get('code') ?? 'unknown'}` : `killed by SIG${signal}`;
  }
}

function unrestoredText({ values }: GuardStatus): string {
  return `${values.get('command') ?? 'something'}: ${values.get('why') ?? 'it failed'}`;
}

function numberOf(digits: string | undefined, most: number): number | null {
  return digits !== undefined && /^\d+$/.test(digits) && digits.length <= most ? Number(digits) : null;
}
