import { toDisposable, type Disposable } from '../base/disposable.js';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import type { Connection } from './connection.js';
import { MachineQueue } from './machineQueue.js';
import { reconnectDelayMs, USUAL_BACKOFF, type Backoff } from './reconnectDelay.js';

export type MachineState =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'connecting'; /** From 1. */ readonly attempt: number }
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'busy';
      readonly what: string;
      /** What waits behind it, in order. */
      readonly queued: readonly string[];
    }
  | {
      readonly kind: 'lost';
      readonly why: Failure;
      /** In milliseconds of the clock; undefined: it is not tried again on its own. */
      readonly nextAttemptAtMs: number | undefined;
    };

export interface MachineClock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimer(run: () => void, delayMs: number): Disposable;
}

export interface MachineOptions {
  readonly clock?: MachineClock;
  /** From 0 up to 1: spreads the retries of many machines. */
  readonly random?: () => number;
  readonly backoff?: Backoff;
}

export const SYSTEM_CLOCK: MachineClock = {
  now: () => Date.now(),
  setTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return toDisposable(() => {
      clearTimeout(timer);
    });
  },
};

/**
 * A test machine: its connection, made when it is needed, and its queue, in which one piece of work runs at a time.
 *
 * A machine that the user connected (`connect`) comes back on its own when the connection is lost, with growing pauses.
 * One that only `run` connected does not. Work that was running when the connection was lost fails and is not repeated:
 * nobody knows how far it got; work that waits stays in the queue and connects anew.
 */
export class Machine implements Disposable {
  readonly #clock: MachineClock;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  readonly #queue = new MachineQueue();
  readonly #listeners = new Set<(state: MachineState) => void>();
  #link: 'none' | 'connecting' | 'open' = 'none';
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #stopOpening = new AbortController();
  #isWanted = false;
  #attempt = 0;
  #lost: Failure | undefined;
  #retry: { readonly timer: Disposable; readonly atMs: number } | undefined;
  #isDisposed = false;
  #reported: MachineState = { kind: 'disconnected' };

  /** @param open makes a connection; called again after each loss */
  constructor(
    readonly name: string,
    private readonly open: (signal: AbortSignal) => Promise<Connection>,
    options: MachineOptions = {},
  ) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#random = options.random ?? Math.random;
    this.#backoff = options.backoff ?? USUAL_BACKOFF;
    this.#queue.onChange = () => {
      this.#report();
    };
  }

  get state(): MachineState {
    const running = this.#queue.running;
    if (this.#link === 'connecting') return { kind: 'connecting', attempt: this.#attempt };
    if (this.#link === 'open') {
      return running === undefined
        ? { kind: 'ready' }
        : { kind: 'busy', what: running, queued: this.#queue.waiting };
    }
    return this.#lost === undefined
      ? { kind: 'disconnected' }
      : { kind: 'lost', why: this.#lost, nextAttemptAtMs: this.#retry?.atMs };
  }

  /** Called with each new state, not with the present one. */
  onState(listener: (state: MachineState) => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /**
   * Connects and stays connected: a loss is followed by further attempts until `disconnect`.
   * Failures: those of `openConnection`.
   */
  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#isDisposed) throw this.#outOfUse();
    await this.#connected(signal);
    this.#isWanted = true;
  }

  /**
   * Runs work once everything before it has ended; connects when needed.
   * @param what for the state: "Collecting hackbench"
   * @param work its signal is aborted with `signal`, on `disconnect`, on `dispose` and when the connection is lost
   * Failures: `cancelled`, those of `openConnection`, and what the work throws; `connection-lost` when it ended because the
   * connection did.
   */
  run<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (this.#isDisposed) return Promise.reject(this.#outOfUse());
    return this.#queue.add(what, (stop) => this.#perform(work, stop), signal);
  }

  /** Ends the connection and all work, running and waiting. */
  disconnect(): void {
    this.#end(new Failure('cancelled', `${this.name} was disconnected.`));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#end(this.#outOfUse());
    this.#listeners.clear();
  }

  async #perform<T>(
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    stop: AbortSignal,
  ): Promise<T> {
    const connection = await this.#connected(stop);
    const loss = new AbortController();
    const watch = connection.onLost((why) => {
      loss.abort(why);
    });
    try {
      return await work(connection, AbortSignal.any([stop, loss.signal]));
    } catch (error) {
      // What the work makes of the abort says less than why the connection ended; a stop of ours counts first.
      throw loss.signal.aborted && !stop.aborted && !isFailure(error, 'connection-lost')
        ? loss.signal.reason
        : error;
    } finally {
      watch.dispose();
    }
  }

  /** The connection, made unless it stands. Several callers share one attempt; it goes on as long as one of them waits. */
  async #connected(signal: AbortSignal | undefined): Promise<Connection> {
    if (signal?.aborted === true) throw this.#cancelled();
    if (this.#connection !== undefined) return this.#connection;
    this.#waiters += 1;
    let cancel: () => void = () => undefined;
    try {
      this.#opening ??= this.#openNow();
      const cancelled = new Promise<never>((_resolve, reject) => {
        cancel = () => {
          reject(this.#cancelled());
        };
        signal?.addEventListener('abort', cancel);
      });
      return await Promise.race([this.#opening, cancelled]);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#waiters -= 1;
      if (this.#waiters === 0) this.#stopOpening.abort();
    }
  }

  #waiters = 0;

  async #openNow(): Promise<Connection> {
    this.#dropRetry();
    this.#link = 'connecting';
    this.#attempt += 1;
    const stop = new AbortController();
    this.#stopOpening = stop;
    this.#report();
    try {
      const connection = await this.open(stop.signal);
      if (stop.signal.aborted) {
        connection.dispose();
        throw this.#cancelled();
      }
      this.#adopt(connection);
      return connection;
    } catch (error) {
      this.#failed(error, stop.signal);
      throw error;
    } finally {
      if (this.#stopOpening === stop) this.#opening = undefined;
    }
  }

  #adopt(connection: Connection): void {
    this.#connection = connection;
    this.#link = 'open';
    this.#lost = undefined;
    this.#attempt = 0;
    connection.onLost((why) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#link = 'none';
      this.#lost = why;
      this.#retryLater();
      this.#report();
    });
    this.#report();
  }

  #failed(error: unknown, stopped: AbortSignal): void {
    if (this.#isDisposed || stopped !== this.#stopOpening.signal) return;
    this.#link = 'none';
    if (stopped.aborted || isFailure(error, 'cancelled')) {
      this.#attempt = 0;
      this.#isWanted &&= !isFailure(error, 'cancelled');
      // A retry that was given up leaves the loss to be seen.
    } else {
      this.#lost = isFailure(error)
        ? error
        : new Failure('connection-failed', messageOf(error), { cause: error });
      if (isWorthRetrying(this.#lost)) this.#retryLater();
    }
    this.#report();
  }

  #retryLater(): void {
    this.#dropRetry();
    if (!this.#isWanted || this.#isDisposed) return;
    const delayMs = reconnectDelayMs(this.#attempt, this.#backoff, this.#random);
    const timer = this.#clock.setTimer(() => {
      this.#retry = undefined;
      this.#connected(undefined).catch(() => undefined); // The state tells.
    }, delayMs);
    this.#retry = { timer, atMs: this.#clock.now() + delayMs };
  }

  #dropRetry(): void {
    this.#retry?.timer.dispose();
    this.#retry = undefined;
  }

  #end(why: Failure): void {
    this.#isWanted = false;
    this.#dropRetry();
    this.#queue.clear(why);
    this.#stopOpening.abort(why);
    this.#stopOpening = new AbortController();
    this.#opening = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#link = 'none';
    this.#lost = undefined;
    this.#attempt = 0;
    connection?.dispose();
    this.#report();
  }

  #report(): void {
    const state = this.state;
    if (isSameState(state, this.#reported)) return;
    this.#reported = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  #cancelled(): Failure {
    return new Failure('cancelled', `Connecting to ${this.name} was cancelled.`);
  }

  #outOfUse(): Failure {
    return new Failure('cancelled', `${this.name} is no longer in use.`);
  }
}

/** What another attempt may change; a refused key or password stays refused, and asking again and again is a nuisance. */
function isWorthRetrying({ code }: Failure): boolean {
  return code === 'connection-failed' || code === 'connection-lost' || code === 'timed-out';
}

function isSameState(a: MachineState, b: MachineState): boolean {
  return JSON.stringify(a, stateValue) === JSON.stringify(b, stateValue);
}

function stateValue(_key: string, value: unknown): unknown {
  return value instanceof Failure ? value.message : value;
}
