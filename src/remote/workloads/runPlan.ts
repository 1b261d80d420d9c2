import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure, messageOf, type FailureCode } from '../../base/errors.js';
import type {
  CollectionControl,
  CollectionProgress,
  CollectionRequest,
  CollectionResult,
} from '../collect/collection.js';
import { collect } from '../collect/collect.js';
import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import { cellsOf, type PlanCell } from './cells.js';
import type { CollectionPlan } from './plan.js';
import { countsOf, emptySummary, type CellSummary, type PlanSummary } from './planSummary.js';
import { recordedBefore } from './recordedBefore.js';

/** What a plan needs of a machine (`Machine` has it): its queue, and a connection when it is our turn. */
export interface PlanMachine {
  readonly name: string;
  run<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
}

export interface PlanCellState {
  readonly cell: PlanCell;
  readonly state: 'waiting' | 'running' | 'ended';
  /** While it runs. */
  readonly progress: CollectionProgress | null;
  /** As far as it got. */
  readonly summary: CellSummary;
}

export interface PlanListener {
  /** Once, before anything runs: all cells in the order of their turns, machine after machine. */
  onCells?(cells: readonly PlanCellState[]): void;
  /** @param index among all cells */
  onCell?(index: number, state: PlanCellState): void;
}

export interface PlanSignals {
  /** Aborted: what runs is finished, nothing else is begun. */
  readonly stop: AbortSignal;
  /** Aborted: what runs is dropped, too. */
  readonly cancel: AbortSignal;
}

export type Collect = (
  connection: Connection,
  context: RemoteContext,
  request: CollectionRequest,
  control: CollectionControl,
) => Promise<CollectionResult>;

/** After these, the machine's other recordings would only fail the same way, perhaps each with a question to the user. */
const HOPELESS: readonly FailureCode[] = [
  'connection-failed',
  'authentication-failed',
  'host-key-refused',
  'cancelled',
];

/**
 * Makes all recordings of a plan: on all of its machines at once, on each one after the other. Recordings that are there
 * from an earlier run, whole and of the same, are kept. A failure ends its recording only, unless the plan says otherwise.
 * Failures: `not-found` (the plan names a machine that is not there); what fails in a cell is in the summary.
 */
export async function runPlan(
  plan: CollectionPlan,
  machines: readonly PlanMachine[],
  context: RemoteContext,
  listener: PlanListener,
  signals: PlanSignals,
  collectOne: Collect = collect,
): Promise<PlanSummary> {
  const startedAt = context.now().toISOString();
  const run = new PlanRun(plan, machinesOf(plan, machines), context, listener, signals, collectOne);
  await run.all();
  const cells = run.cells.map(({ summary }) => summary);
  const counts = countsOf(cells);
  return {
    format: 'kernel-oracle-collection-summary',
    version: 1,
    kernelOracleVersion: context.version,
    startedAt,
    endedAt: context.now().toISOString(),
    outcome: outcomeOf(counts, signals),
    counts,
    cells,
  };
}

function outcomeOf({ left, dropped }: PlanSummary['counts'], signals: PlanSignals): PlanSummary['outcome'] {
  if (left + dropped === 0) return 'complete';
  if (signals.cancel.aborted) return 'cancelled';
  return signals.stop.aborted ? 'stopped' : 'incomplete';
}

/** The machines a plan means. */
export function machinesOf<M extends { readonly name: string }>(
  plan: CollectionPlan,
  machines: readonly M[],
): readonly M[] {
  if (plan.machines === 'all') {
    if (machines.length > 0) return machines;
    throw new Failure('not-found', `${plan.path} asks for all test machines, and there is none. Add one.`);
  }
  return plan.machines.map((name) => {
    const machine = machines.find((each) => each.name === name);
    if (machine !== undefined) return machine;
    throw new Failure('not-found', `${plan.path} names the machine ${name}, which is no test machine here.`);
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new Failure('write-failed', `${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

class PlanRun {
  readonly cells: PlanCellState[] = [];
  readonly #failed = new AbortController();
  /** Nothing is begun any more. */
  readonly #closing: AbortSignal;

  constructor(
    private readonly plan: CollectionPlan,
    private readonly machines: readonly PlanMachine[],
    private readonly context: RemoteContext,
    private readonly listener: PlanListener,
    private readonly signals: PlanSignals,
    private readonly collectOne: Collect,
  ) {
    this.#closing = AbortSignal.any([signals.stop, signals.cancel, this.#failed.signal]);
    const day = context.now().toISOString().slice(0, 10);
    for (const { name } of machines) {
      for (const cell of cellsOf(plan, name, day)) {
        this.cells.push({ cell, state: 'waiting', progress: null, summary: emptySummary(plan, cell) });
      }
    }
  }

  async all(): Promise<void> {
    this.listener.onCells?.([...this.cells]);
    const ends = await Promise.allSettled(this.machines.map((machine) => this.#onMachine(machine)));
    // Only a defect of ours gets here.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #onMachine(machine: PlanMachine): Promise<void> {
    let givenUp: string | undefined;
    let isFirst = true;
    for (const [index, { cell }] of this.cells.entries()) {
      if (cell.machine !== machine.name) continue;
      const whyLeft = givenUp ?? this.#whyClosing();
      if (whyLeft !== undefined) {
        this.#end(index, { status: 'left', reason: whyLeft });
        continue;
      }
      if (await this.#isThere(index)) continue;
      if (!isFirst) await this.#pause();
      const whyNow = this.#whyClosing();
      if (whyNow !== undefined) {
        this.#end(index, { status: 'left', reason: whyNow });
        continue;
      }
      isFirst = false;
      givenUp = await this.#record(machine, index);
    }
  }

  /** Settles a cell whose recording is there already. */
  async #isThere(index: number): Promise<boolean> {
    const before = await recordedBefore(this.cells[index]!.cell);
    if (before === undefined) return false;
    if (typeof before === 'string') {
      // Recordings are the user's: none is ever replaced.
      this.#fail(index, `${before} Rename or remove it, or change \`output\` in the plan.`);
      return true;
    }
    const { recording, events, remarks } = before;
    this.#end(index, {
      status: 'kept',
      remarks,
      sizeBytes: recording.sizeBytes,
      sha256: recording.sha256,
      events: events.count,
      lostEvents: events.lost,
    });
    return true;
  }

  /** @returns why the machine is given up; undefined: it is not */
  async #record(machine: PlanMachine, index: number): Promise<string | undefined> {
    const { cell } = this.cells[index]!;
    this.#change(index, { state: 'running' }, { startedAt: this.context.now().toISOString() });
    try {
      await makeFolder(dirname(cell.path));
      const result = await machine.run(
        `recording ${cell.workload.command.name}, run ${cell.run}`,
        (connection, signal) =>
          this.collectOne(connection, this.context, this.#request(cell), {
            onProgress: (progress) => {
              this.#change(index, { progress });
            },
            stop: new AbortController().signal,
            cancel: AbortSignal.any([this.signals.cancel, signal]),
          }),
        this.signals.cancel,
      );
      this.#end(index, {
        status: 'recorded',
        remarks: [...result.remarks],
        sizeBytes: result.sizeBytes,
        sha256: result.sha256,
        events: result.counters.events,
        lostEvents: result.counters.lostEvents,
      });
      return undefined;
    } catch (error) {
      if (this.signals.cancel.aborted) {
        this.#end(index, { status: 'dropped', reason: 'The plan was cancelled.' });
        return undefined;
      }
      this.#fail(index, messageOf(error));
      // A defect of ours is no matter of one recording.
      if (!isFailure(error)) this.#failed.abort();
      if (!isFailure(error)) throw error;
      return HOPELESS.includes(error.code)
        ? `Not tried, as the machine failed before: ${error.message}`
        : undefined;
    }
  }

  #fail(index: number, reason: string): void {
    this.#end(index, { status: 'failed', reason });
    if (this.plan.stopsAtFailure) this.#failed.abort();
  }

  #request(cell: PlanCell): CollectionRequest {
    return {
      settings: cell.collector.settings,
      workload: cell.workload.command,
      durationMs: this.plan.durationMs,
      category: cell.workload.category,
      run: cell.run,
      path: cell.path,
    };
  }

  async #pause(): Promise<void> {
    // Woken when nothing is to be begun any more.
    await wait(this.plan.pauseMs, undefined, { signal: this.#closing }).catch(() => undefined);
  }

  /** Undefined: cells are still begun. */
  #whyClosing(): string | undefined {
    if (this.signals.cancel.aborted) return 'The plan was cancelled.';
    if (this.signals.stop.aborted) return 'The plan was stopped.';
    return this.#failed.signal.aborted
      ? 'Another recording failed, and the plan says to stop then.'
      : undefined;
  }

  #end(index: number, summary: Partial<CellSummary> & Pick<CellSummary, 'status'>): void {
    const endedAt = this.cells[index]!.state === 'running' ? this.context.now().toISOString() : null;
    this.#change(index, { state: 'ended', progress: null }, { endedAt, ...summary });
  }

  #change(index: number, change: Partial<PlanCellState>, summary: Partial<CellSummary> = {}): void {
    const before = this.cells[index]!;
    const after = { ...before, ...change, summary: { ...before.summary, ...summary } };
    this.cells[index] = after;
    this.listener.onCell?.(index, after);
  }
}
