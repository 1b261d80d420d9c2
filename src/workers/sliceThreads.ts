import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SliceDecoders, SliceResult } from '../trace/recording/sliceDecoders.js';
import type { SliceAnswer, SliceTask } from './sliceMessages.js';

/** More do not help: joining the results is the work of one thread. */
const MAX_THREADS = 4;

interface Waiting {
  readonly settle: (result: SliceResult) => void;
  readonly fail: (error: Error) => void;
}

/** Decoder threads, as many as there are cores (four at most), started when the first stretch comes. */
export class SliceThreads implements SliceDecoders {
  readonly count = Math.min(MAX_THREADS, availableParallelism());
  readonly #program: string;
  #threads: Worker[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #isClosed = false;

  /** `program` is the path of the built `sliceWorker`. */
  constructor(program: string) {
    this.#program = program;
  }

  decode(format: string, bytes: Uint8Array<ArrayBuffer>): Promise<SliceResult> {
    if (this.#isClosed) return Promise.reject(new Error('The decoder threads were ended.'));
    const id = this.#nextId++;
    const thread = this.#thread(id % this.count);
    return new Promise((settle, fail) => {
      this.#waiting.set(id, { settle, fail });
      // Who waits for a thread must not be ended for want of work.
      thread.ref();
      thread.postMessage({ id, format, bytes } satisfies SliceTask, [bytes.buffer]);
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const thread of this.#threads) void thread.terminate();
    this.#threads = [];
    this.#failAll(new Error('The decoder threads were ended.'));
  }

  #thread(index: number): Worker {
    const running = this.#threads[index];
    if (running !== undefined) return running;
    const thread = new Worker(this.#program, {
      // Their garbage is short-lived; a small nursery keeps the memory of the process small.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    thread.on('message', ({ id, bytes, slice, failure }: SliceAnswer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      // A command that is done must not wait for idle threads.
      if (this.#waiting.size === 0) this.#unrefAll();
      if (failure === undefined) waiting?.settle({ bytes, slice });
      else waiting?.fail(new Error(failure));
    });
    thread.on('error', (error: Error) => this.#failAll(error));
    this.#threads[index] = thread;
    return thread;
  }

  #unrefAll(): void {
    for (const thread of this.#threads) thread.unref();
  }

  #failAll(error: Error): void {
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
  }
}
