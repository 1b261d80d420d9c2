/** A collector whose recording is what its guarded program prints: received, counted, verified and written as it comes. */
import { createHash } from 'node:crypto';
import { Failure, isFailure } from '../../base/errors.js';
import { requireSame, type Digest } from '../artifacts/digest.js';
import type { Connection } from '../connection.js';
import {
  startGuarded,
  type GuardedEnd,
  type GuardedProgram,
  type GuardedRun,
  type GuardStatus,
} from '../guard/guardedRun.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import type { CollectionCounters, EventClass } from './collection.js';
import type { CollectorFacts, CollectorRun } from './collectorRun.js';
import { EventRate } from './counters.js';

/** What becomes of the bytes. */
export interface RecordingSink {
  /** So far; null: it cannot tell. */
  readonly events: number | null;
  readonly lostEvents: number | null;
  readonly lostByCpu: ReadonlyMap<number, number>;
  /** How many events there were, once that was told: then `lostEvents` are all that lack, whoever else tells of some. */
  readonly total?: number | null;
  /** Events by what they say; left out: of one kind. */
  readonly classes?: readonly EventClass[] | null;
  write(chunk: Buffer): Promise<void>;
  /** Completes and syncs the recording; tells what it is. */
  finish(): Promise<Digest>;
  /** Gives its file back, finished or not; what is left of it is removed by others. */
  close(): Promise<void>;
}

export interface StreamedOptions {
  /** `Recording with perf on root@host`: begins messages. */
  readonly what: string;
  /** Until events are recorded: bpftrace compiles and attaches for seconds. */
  readonly readyMs: number;
  /** A program that was asked to stop and sends nothing for so long is dropped. */
  readonly stopMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
}

/** Starts a program whose output becomes a recording. The sink is made first: without it nothing is started there. */
export async function startStreamed(
  connection: Connection,
  context: RemoteContext,
  program: GuardedProgram,
  makeSink: () => Promise<RecordingSink>,
  limits: Pick<StreamedOptions, 'readyMs' | 'stopMs'>,
): Promise<CollectorRun> {
  const sink = await makeSink();
  try {
    const run = await startGuarded(connection, context.programs, program);
    const what = `${program.what} on ${connection.destination}`;
    return new StreamedRun(run, sink, { what, clock: () => performance.now(), ...limits });
  } catch (error) {
    await sink.close();
    throw error;
  }
}

const MAX_REMARKS = 20;
const MAX_REMARK_CHARACTERS = 500;

export class StreamedRun implements CollectorRun {
  readonly ready: Promise<void>;
  readonly finished: Promise<CollectorFacts>;
  readonly #tools: Record<string, string> = {};
  readonly #kernelParameters: Record<string, string> = {};
  readonly #remarks: string[] = [];
  readonly #rate = new EventRate();
  #receivedBytes = 0;
  #readyAtMs: number | undefined;
  #endedAtMs: number | undefined;
  #statedLosses = 0;
  #whyFailed: string | undefined;
  #isAborted = false;
  #isStopped = false;
  #stopTimer: NodeJS.Timeout | undefined;
  #tookTooLong = false;

  constructor(
    private readonly run: GuardedRun,
    private readonly sink: RecordingSink,
    private readonly options: StreamedOptions,
  ) {
    run.onStatus((status) => {
      this.#note(status);
    });
    this.ready = run.untilStatus('ready', options.readyMs).then(
      () => {
        if (this.#isAborted) throw this.#cancelled();
        this.#readyAtMs = options.clock();
        this.#rate.look(this.#readyAtMs, sink.events ?? 0);
      },
      (error: unknown) => {
        run.abort();
        throw this.#isAborted ? this.#cancelled() : error;
      },
    );
    this.ready.catch(() => undefined);
    this.finished = this.#receive();
    this.finished.catch(() => undefined);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    // A tool that is still being started does not hear it. What is not ready in time is dropped anyway.
    this.ready.then(
      () => {
        this.#askToStop();
      },
      () => undefined,
    );
  }

  #askToStop(): void {
    if (this.#isAborted || this.#endedAtMs !== undefined) return;
    this.run.stop();
    this.#stopTimer = setTimeout(() => {
      this.#tookTooLong = true;
      this.run.abort();
    }, this.options.stopMs);
  }

  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.run.abort();
  }

  counters(): CollectionCounters {
    const { events } = this.sink;
    const nowMs = this.#endedAtMs ?? this.options.clock();
    if (this.#readyAtMs !== undefined && events !== null) this.#rate.look(nowMs, events);
    return {
      elapsedMs: this.#readyAtMs === undefined ? 0 : Math.round(nowMs - this.#readyAtMs),
      events,
      eventsPerSecond: events === null ? null : this.#rate.perSecond(),
      lostEvents: this.#lostEvents,
      classes: this.sink.classes ?? null,
      receivedBytes: this.#receivedBytes,
    };
  }

  get #lostEvents(): number | null {
    const { lostEvents, total = null } = this.sink;
    return lostEvents === null || total !== null ? lostEvents : lostEvents + this.#statedLosses;
  }

  async #receive(): Promise<CollectorFacts> {
    try {
      const transfer = await this.#stream();
      const end = await this.run.ended;
      this.#endedAtMs = this.options.clock();
      this.#requireGoodEnd(end);
      requireSame(this.options.what, transfer, { sizeBytes: end.outputBytes, sha256: end.outputSha256 });
      return this.#facts(transfer, await this.sink.finish(), end);
    } catch (error) {
      this.run.abort();
      await this.run.ended.catch(() => undefined);
      throw this.#whyEnded(error);
    } finally {
      this.#endedAtMs ??= this.options.clock();
      clearTimeout(this.#stopTimer);
      await this.sink.close();
    }
  }

  async #stream(): Promise<Digest> {
    const hash = createHash('sha256');
    for await (const chunk of this.run.output as AsyncIterable<Buffer>) {
      hash.update(chunk);
      this.#receivedBytes += chunk.length;
      this.#stopTimer?.refresh();
      await this.sink.write(chunk);
      if (this.#readyAtMs !== undefined) this.#rate.look(this.options.clock(), this.sink.events ?? 0);
    }
    return { sizeBytes: this.#receivedBytes, sha256: hash.digest('hex') };
  }

  #requireGoodEnd(end: GuardedEnd): void {
    if (this.#isAborted || this.#tookTooLong) throw this.#cancelled();
    if (end.code === 0 && this.#readyAtMs !== undefined) {
      if (end.outputSha256 !== null && end.outputBytes !== null) return;
      throw new Failure(
        'remote-failed',
        `${this.options.what} failed: the machine did not tell the size and SHA-256 of the recording.`,
      );
    }
    const complaint = this.run.complaints.trim().split('\n').at(-1) ?? '';
    const ending =
      end.signal === null ? `exit status ${end.code ?? 'unknown'}` : `killed by SIG${end.signal}`;
    const why = end.code === 0 ? 'it ended before anything was recorded' : complaint || ending;
    throw new Failure(
      'remote-failed',
      `${this.options.what} failed: ${this.#whyFailed ?? printableText(why, MAX_REMARK_CHARACTERS)}`,
    );
  }

  #whyEnded(error: unknown): unknown {
    if (this.#isAborted) return this.#cancelled();
    if (this.#tookTooLong) {
      return new Failure(
        'timed-out',
        `${this.options.what} failed: it did not finish within ${this.options.stopMs / 1000} s after it was stopped.`,
        { cause: error },
      );
    }
    if (isFailure(error, 'bad-input')) return new Failure('bad-input', this.#named(error), { cause: error });
    return error;
  }

  #named(error: Failure): string {
    const { what } = this.options;
    return error.message.startsWith(what) ? error.message : `${what} failed: ${error.message}`;
  }

  #cancelled(): Failure {
    return new Failure('cancelled', `${this.options.what} was cancelled.`);
  }

  #note({ kind, values }: GuardStatus): void {
    const value = (key: string) => printableText(values.get(key) ?? '', MAX_REMARK_CHARACTERS).trim();
    switch (kind) {
      case 'tool':
        if (Object.keys(this.#tools).length < MAX_REMARKS) this.#tools[value('name')] = value('version');
        break;
      case 'failed':
        this.#whyFailed ??= value('why');
        break;
      case 'set':
        if (Object.keys(this.#kernelParameters).length < MAX_REMARKS)
          this.#kernelParameters[value('name')] = value('value');
        break;
      case 'lost': {
        const lost = Number(value('events'));
        if (Number.isSafeInteger(lost) && lost > 0) this.#statedLosses += lost;
        break;
      }
      case 'remark':
        this.#remark(value('text'));
        break;
      case 'events':
        if (value('lacking') !== '') {
          this.#remark(`The kernel of the machine has no ${value('lacking').replaceAll(' ', ', ')}.`);
        }
        break;
      case 'refused':
        this.#remark(`${value('variant')} cannot be used there: ${value('why')}`);
        break;
      case 'ready':
        if (value('estimated') !== '') {
          this.#remark(
            'When exactly the recording began cannot be told: events of the first seconds may lack.',
          );
        }
        break;
      default:
    }
  }

  #remark(text: string): void {
    if (text !== '' && this.#remarks.length < MAX_REMARKS) this.#remarks.push(text);
  }

  #facts(transfer: Digest, recording: Digest, end: GuardedEnd): CollectorFacts {
    const lostByCpu = [...this.sink.lostByCpu].map(([cpu, lostEvents]) => ({ cpu, lostEvents }));
    return {
      ...recording,
      transfer,
      events: this.sink.events,
      lostEvents: this.#lostEvents,
      lostByCpu: lostByCpu.sort((a, b) => a.cpu - b.cpu),
      tools: this.#tools,
      kernelParameters: this.#kernelParameters,
      remarks: this.#remarks,
      leftBehind: end.leftBehind,
    };
  }
}
