import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../../base/disposable.js';
import type { WasmMemory, WasmModule } from '../../../base/webAssembly.js';
import type { Block } from './linearMemory.js';

/**
 * All that a thread does is in the kernels. These lines are text so that they need no file of their own, which tests, the
 * command line and the extension would each have to find elsewhere.
 */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, scratch } = workerData;
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
kernels.init(scratch);
parentPort.postMessage('ready');
try {
  kernels.work();
} catch (error) {
  kernels.failed();
  throw error;
}
`;

/** Threads that take tasks beside the first. They end when the engine closes its jobs, and never keep a process alive. */
export class EngineThreads implements Disposable {
  readonly #workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  /** @param scratches one for each thread */
  static async start(
    module: WasmModule,
    memory: WasmMemory,
    scratches: readonly Block[],
  ): Promise<EngineThreads> {
    const workers = scratches.map(
      ({ address }) => new Worker(PROGRAM, { eval: true, workerData: { module, memory, scratch: address } }),
    );
    const threads = new EngineThreads(workers);
    try {
      await Promise.all(workers.map(isReady));
    } catch (error) {
      threads.dispose();
      throw error;
    }
    return threads;
  }

  dispose(): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((settle, fail) => {
    worker.once('error', fail);
    worker.once('message', () => {
      worker.off('error', fail);
      // A trap is reported by the kernels; here it must not end the process.
      worker.on('error', () => undefined);
      worker.unref();
      settle();
    });
  });
}
