/** A collection: a collector that is ready, then a workload or a duration, then a verified recording with its description. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Disposable } from '../../base/disposable.js';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { digestOfFile, requireSame } from '../artifacts/digest.js';
import { exists, existsAlready, moveToNew } from '../artifacts/partialDownload.js';
import {
  metaPathOf,
  writeRecordingMeta,
  type MachineMeta,
  type RecordingMeta,
} from '../artifacts/recordingMeta.js';
import { explainFullDisk } from '../artifacts/fullDisk.js';
import type { Connection } from '../connection.js';
import { measureClock } from '../preflight/clock.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import type { Rights } from '../shellCommand.js';
import type { WorkloadCommand } from '../workloads/workload.js';
import type {
  CollectionControl,
  CollectionCounters,
  CollectionPhase,
  CollectionRequest,
  CollectionResult,
  CollectorSettings,
} from './collection.js';
import type { CollectorFacts, CollectorRun, CollectorTarget, StartCollector } from './collectorRun.js';
import { NO_COUNTERS } from './counters.js';
import { machineMeta } from './machineMeta.js';
import { startCollector } from './startCollector.js';
import { WorkloadRun, type WorkloadEnd } from './workloadRun.js';

const PROGRESS_MS = 250;
const RECORDING = 'recording';
const META = 'meta';
/** Node's timers take no more: 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface CollectOptions {
  readonly startCollector?: StartCollector<CollectorSettings>;
  /** Milliseconds of a clock that never goes back. */
  readonly clock?: () => number;
}

/**
 * Collects one recording. Its file and the `.meta.json` beside it are there at the end, verified, or nothing is.
 *
 * Failures: `write-failed` (the recording exists already, disk full), `remote-failed`, `connection-lost`, `timed-out`,
 * `bad-input` (what arrived is not what the machine sent), `cancelled`. A workload that fails or times out is no failure:
 * a remark tells of it.
 */
export async function collect(
  connection: Connection,
  context: RemoteContext,
  request: CollectionRequest,
  control: CollectionControl,
  options: CollectOptions = {},
): Promise<CollectionResult> {
  return new Collection(connection, context, request, control, options).run();
}

interface Preparation {
  readonly rights: Rights;
  readonly machine: MachineMeta;
  readonly clock: Awaited<ReturnType<typeof measureClock>>;
}

interface Collected {
  readonly facts: CollectorFacts;
  readonly workload: WorkloadEnd | null;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly remarks: readonly string[];
}

class Collection {
  #phase: CollectionPhase = 'preparing';
  #collector: CollectorRun | undefined;
  #workload: WorkloadRun | undefined;
  /** Settles when the workload has ended, also when that is before it had begun. */
  #workloadCourse: Promise<void> | undefined;
  /** The workload, if one is about to begin, is not wanted any more. */
  #isWorkloadOver = false;
  readonly #clock: () => number;
  readonly #target: CollectorTarget;

  constructor(
    private readonly connection: Connection,
    private readonly context: RemoteContext,
    private readonly request: CollectionRequest,
    private readonly control: CollectionControl,
    private readonly options: CollectOptions,
  ) {
    this.#clock = options.clock ?? (() => performance.now());
    const name = Array.from(basename(request.path)).slice(0, 50).join('');
    const folder = join(dirname(request.path), `.${name}.${randomBytes(6).toString('hex')}.part`);
    this.#target = { folder, path: join(folder, RECORDING) };
  }

  async run(): Promise<CollectionResult> {
    const { cancel } = this.control;
    // What waits is woken by a cancellation: the collector and the workload end, and so do the waits for them.
    const drop = () => {
      this.#collector?.abort();
      this.#dropWorkload();
    };
    cancel.addEventListener('abort', drop, { once: true });
    const timer = setInterval(() => {
      this.#report();
    }, PROGRESS_MS);
    try {
      await this.#refuseToOverwrite();
      this.#enter('preparing');
      const preparation = await this.#prepare();
      await this.#makeFolder();
      return await this.#finish(preparation, await this.#record(preparation.rights));
    } catch (error) {
      if (cancel.aborted) throw this.#cancelled();
      throw explainFullDisk(error, this.request.path, this.#collector?.counters().receivedBytes ?? 0);
    } finally {
      clearInterval(timer);
      cancel.removeEventListener('abort', drop);
      drop();
      await this.#collector?.finished.catch(() => undefined);
      await this.#workloadCourse?.catch(() => undefined);
      await rm(this.#target.folder, { recursive: true, force: true });
    }
  }

  async #prepare(): Promise<Preparation> {
    const { cancel } = this.control;
    const nowMs = () => this.context.now().getTime();
    const [rights, machine] = await Promise.all([
      rootRights(this.connection, cancel),
      machineMeta(this.connection, this.context, cancel),
    ]);
    // Alone: work beside it would make the answers slow.
    const clock = await measureClock(this.connection, nowMs, cancel);
    this.#throwIfCancelled();
    return { rights, machine, clock };
  }

  async #record(rights: Rights): Promise<Collected> {
    const start = this.options.startCollector ?? startCollector;
    this.#collector = await start(this.connection, this.context, this.request.settings, rights, this.#target);
    const collector = this.#collector;
    // Started in the moment of a cancellation.
    if (this.control.cancel.aborted) collector.abort();
    if (!(await this.#untilReady(collector))) throw this.#stoppedEarly();
    const startedAt = this.context.now();
    this.#enter('collecting');
    const remarks = await this.#untilEnough(collector);
    this.#throwIfCancelled();
    this.#enter('finishing');
    collector.stop();
    const endedAt = this.context.now();
    // It is not recorded any more: what the end of the workload does is not of interest.
    const facts = await collector.finished;
    this.#dropWorkload();
    await this.#workloadCourse;
    const workload = (await this.#workload?.ended) ?? null;
    return { facts, workload, startedAt, endedAt, remarks };
  }

  /** True: events are recorded. False: it was stopped before. */
  async #untilReady(collector: CollectorRun): Promise<boolean> {
    const stopped = once(this.control.stop);
    try {
      return await Promise.race([collector.ready.then(() => true), stopped.promise.then(() => false)]);
    } finally {
      stopped.dispose();
    }
  }

  /** Until the workload has ended, the time is over, or it is stopped. Returns what there is to remark. */
  async #untilEnough(collector: CollectorRun): Promise<readonly string[]> {
    const { durationMs, workload } = this.request;
    const stopped = once(this.control.stop);
    const cancelled = once(this.control.cancel);
    const remarks: string[] = [];
    let timer: NodeJS.Timeout | undefined;
    const ends: Promise<string | undefined>[] = [
      stopped.promise.then(() => undefined),
      cancelled.promise.then(() => undefined),
      collector.finished.then(() => 'The collector ended before it was asked to.'),
    ];
    if (durationMs !== null) {
      ends.push(
        new Promise((resolve) => {
          timer = setTimeout(resolve, Math.min(durationMs, MAX_TIMER_MS), undefined);
        }),
      );
    }
    if (workload !== null) {
      this.#workloadCourse = this.#runWorkload(workload, remarks);
      ends.push(this.#workloadCourse.then(() => undefined));
    }
    try {
      const remark = await Promise.race(ends);
      if (remark !== undefined) remarks.push(remark);
    } finally {
      clearTimeout(timer);
      stopped.dispose();
      cancelled.dispose();
    }
    return remarks;
  }

  async #runWorkload(workload: WorkloadCommand, remarks: string[]): Promise<void> {
    try {
      this.#workload = await WorkloadRun.start(this.connection, this.context, workload, this.#clock);
    } catch (error) {
      if (this.connection.lostBecause !== undefined || !isFailure(error)) throw error;
      remarks.push(`The workload ${workload.name} could not be started: ${error.message}`);
      return;
    }
    // The collection was over before it had begun.
    if (this.#isWorkloadOver) this.#workload.drop();
    await this.#workload.ended;
  }

  #dropWorkload(): void {
    this.#isWorkloadOver = true;
    this.#workload?.drop();
  }

  async #finish(preparation: Preparation, collected: Collected): Promise<CollectionResult> {
    const { request } = this;
    this.#throwIfCancelled();
    this.#enter('verifying');
    const { facts } = collected;
    const digest = await digestOfFile(this.#target.path);
    requireSame(this.#what, digest, facts);
    const remarks = remarksOf(collected);
    const metaPath = metaPathOf(request.path);
    const ownMetaPath = join(this.#target.folder, META);
    await writeRecordingMeta(ownMetaPath, this.#describe(preparation, collected, remarks));
    this.#throwIfCancelled();
    await moveToNew(this.#target.path, request.path);
    try {
      await moveToNew(ownMetaPath, metaPath);
    } catch (error) {
      await rm(request.path, { force: true });
      throw error;
    }
    this.#enter('done');
    return { path: request.path, metaPath, ...digest, counters: this.#counters(facts), remarks };
  }

  #describe(
    { machine, clock }: Preparation,
    { facts, workload, startedAt, endedAt }: Collected,
    remarks: readonly string[],
  ): RecordingMeta {
    const { request } = this;
    return {
      format: 'kernel-oracle-recording',
      version: 1,
      kernelOracleVersion: this.context.version,
      recording: {
        fileName: basename(request.path),
        sizeBytes: facts.sizeBytes,
        sha256: facts.sha256,
        transfer: { ...facts.transfer },
      },
      category: request.category,
      run: request.run,
      machine,
      collector: { ...request.settings, ...kernelSettings(facts) },
      workload: workload?.meta ?? null,
      times: {
        start: startedAt.toISOString(),
        end: endedAt.toISOString(),
        machineClockOffsetMs: clock?.differenceMs ?? null,
        machineClockUncertaintyMs: clock?.uncertaintyMs ?? null,
      },
      events: {
        count: facts.events,
        countedBy: facts.events === null ? null : 'collector',
        lost: facts.lostEvents,
        lostByCpu: [...facts.lostByCpu],
      },
      tools: { ...facts.tools },
      remarks: [...remarks],
    };
  }

  #counters(facts?: CollectorFacts): CollectionCounters {
    const counters = this.#collector?.counters() ?? NO_COUNTERS;
    return facts === undefined
      ? counters
      : { ...counters, events: facts.events, lostEvents: facts.lostEvents };
  }

  async #makeFolder(): Promise<void> {
    try {
      await mkdir(this.#target.folder);
    } catch (error) {
      throw new Failure(
        'write-failed',
        `${this.request.path} cannot be written: ${messageOf(error)}. Does its folder exist?`,
        { cause: error },
      );
    }
  }

  async #refuseToOverwrite(): Promise<void> {
    for (const path of [this.request.path, metaPathOf(this.request.path)]) {
      if (await exists(path)) throw existsAlready(path);
    }
  }

  #enter(phase: CollectionPhase): void {
    this.#phase = phase;
    this.#report();
  }

  #report(): void {
    this.control.onProgress({ phase: this.#phase, counters: this.#counters() });
  }

  get #what(): string {
    return `Collecting by ${this.request.settings.collector} on ${this.connection.destination}`;
  }

  #throwIfCancelled(): void {
    if (this.control.cancel.aborted) throw this.#cancelled();
  }

  #cancelled(): Failure {
    return new Failure('cancelled', `${this.#what} was cancelled; nothing is kept.`);
  }

  #stoppedEarly(): Failure {
    return new Failure('cancelled', `${this.#what} was stopped before anything was recorded.`);
  }
}

/** What the user should know of a collection that succeeded. */
function remarksOf({ facts, workload, remarks }: Collected): readonly string[] {
  const found = [...remarks, ...facts.remarks];
  if (facts.events === 0)
    found.push('Nothing happened that would be recorded: the recording holds no events.');
  if (facts.lostEvents !== null && facts.lostEvents > 0) {
    found.push(`${facts.lostEvents} events were lost: larger buffers or fewer events help.`);
  }
  if (workload?.fault !== undefined) found.push(workload.fault);
  for (const left of [...facts.leftBehind, ...(workload?.leftBehind ?? [])]) {
    found.push(`Left behind on the machine: ${left}`);
  }
  return found;
}

/** A promise of the moment when a signal is aborted, which leaves no listener behind. */
function once(signal: AbortSignal): Disposable & { readonly promise: Promise<void> } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', resolve, { once: true });
  return {
    promise,
    dispose: () => {
      signal.removeEventListener('abort', resolve);
    },
  };
}

/** What the machine had where nothing was asked for: a recording should tell. */
function kernelSettings({ kernelParameters }: CollectorFacts): {
  migrationCostNs?: number;
  forcedBy?: string;
} {
  const cost = Number(kernelParameters['migration_cost_ns'] ?? NaN);
  const forcedBy = kernelParameters['forced_by'];
  return {
    ...(Number.isSafeInteger(cost) ? { migrationCostNs: cost } : {}),
    ...(forcedBy === undefined ? {} : { forcedBy }),
  };
}
