/** The load under which something is measured: a workload, begun again whenever it has ended. */
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../../base/errors.js';
import { WorkloadRun, type WorkloadEnd } from '../../collect/workloadRun.js';
import type { Connection } from '../../connection.js';
import type { RemoteContext } from '../../remoteContext.js';
import type { WorkloadCommand } from '../../workloads/workload.js';

export class WorkloadLoop {
  #run: WorkloadRun | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly context: RemoteContext,
    private readonly workload: WorkloadCommand,
  ) {}

  /**
   * Runs it for so long, counted from its first start; it still runs then. Failures: `remote-failed` when it does not
   * succeed, `cancelled`, `connection-lost`.
   */
  async during(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#start();
    const until = performance.now() + milliseconds;
    for (;;) {
      const ended = await this.#endedWithin(until - performance.now(), signal);
      signal.throwIfAborted();
      if (ended === undefined) return;
      if (ended.fault !== undefined) throw new Failure('remote-failed', ended.fault);
      await this.#start();
    }
  }

  /** Ends it; what it has left on the machine, in words. */
  async end(): Promise<readonly string[]> {
    this.#run?.drop();
    const ended = await this.#run?.ended;
    return ended?.leftBehind ?? [];
  }

  async #start(): Promise<void> {
    this.#run = await WorkloadRun.start(this.connection, this.context, this.workload, () =>
      performance.now(),
    );
  }

  async #endedWithin(milliseconds: number, signal: AbortSignal): Promise<WorkloadEnd | undefined> {
    const over = new AbortController();
    const stop = AbortSignal.any([over.signal, signal]);
    const time = wait(Math.max(0, milliseconds), undefined, { signal: stop }).catch(() => undefined);
    try {
      return await Promise.race([this.#run!.ended, time]);
    } finally {
      over.abort();
    }
  }
}
