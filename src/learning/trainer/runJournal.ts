import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../base/atomicFile.js';
import type { Disposable } from '../../base/disposable.js';
import { Failure, messageOf } from '../../base/errors.js';
import { EventFile } from '../files/eventFile.js';
import type { GraphNode, Summary } from '../files/tensorBoardEvents.js';
import type { EpochRecord } from '../../protocol/trainerMessages.js';
import { runPaths, writeRun, type RunInfo } from './runFolder.js';
import type { RunLog } from './runLog.js';

/** Shortest time between two points of the loss within an epoch, in steps. */
const STEPS_PER_POINT = 20;

/** What a run tells of itself while it goes on: `run.json`, `history.jsonl`, events for TensorBoard. */
export class RunJournal implements Disposable {
  readonly #events: EventFile;
  readonly #paths: ReturnType<typeof runPaths>;
  #info: RunInfo;

  private constructor(
    readonly folder: string,
    readonly log: RunLog,
    private readonly nowMs: () => number,
    info: RunInfo,
    restartStep: number | null,
  ) {
    this.#paths = runPaths(folder);
    this.#info = info;
    this.#events = new EventFile({ folder, nowMs, suffix: String(process.pid), restartStep });
  }

  /**
   * @param doneEpochs lines of the history that stay: what comes behind them was told by work that is done again
   * @param restartStep `null` for a new run
   */
  static async open(
    folder: string,
    log: RunLog,
    nowMs: () => number,
    info: RunInfo,
    doneEpochs: number,
    restartStep: number | null,
  ): Promise<RunJournal> {
    await keepHistory(runPaths(folder).history, doneEpochs);
    const journal = new RunJournal(folder, log, nowMs, info, restartStep);
    await journal.update({});
    return journal;
  }

  get info(): RunInfo {
    return this.#info;
  }

  graph(nodes: readonly GraphNode[]): void {
    this.#events.graph(nodes);
  }

  /** Failure `write-failed`. */
  async update(changes: Partial<RunInfo>): Promise<void> {
    this.#info = { ...this.#info, ...changes, updated: new Date(this.nowMs()).toISOString() };
    await writeRun(this.folder, this.#info);
  }

  stepEnded(step: number, loss: number, norm: number | null): void {
    if (step % STEPS_PER_POINT !== 0) return;
    const summaries: Summary[] = [{ tag: 'loss/batch', scalar: loss }];
    if (norm !== null) summaries.push({ tag: 'gradient/norm', scalar: norm });
    this.#events.summaries(step, summaries);
  }

  /** Failure `write-failed`. */
  epochEnded(record: EpochRecord, weights: ReadonlyMap<string, Float32Array>): void {
    const scalars: Record<string, number | null> = {
      'loss/train': record.trainLoss,
      'loss/validation': record.validationLoss,
      'accuracy/validation': record.accuracy,
      'accuracy/withoutIdle': record.accuracyWithoutIdle,
      'accuracy/top5': record.top5,
      'error/validation': record.mae,
      learningRate: record.learningRate,
      'speed/examplesPerSecond': record.examplesPerSecond,
      'memory/bytes': record.memoryBytes,
    };
    const summaries: Summary[] = [];
    for (const [tag, scalar] of Object.entries(scalars)) if (scalar !== null) summaries.push({ tag, scalar });
    for (const [name, values] of weights) summaries.push({ tag: `weights/${name}`, values });
    this.#events.summaries(record.step, summaries);
    try {
      appendFileSync(this.#paths.history, `${JSON.stringify(record)}\n`);
    } catch (error) {
      const what = `${this.#paths.history} cannot be written: ${messageOf(error)}`;
      throw new Failure('write-failed', what, { cause: error });
    }
  }

  dispose(): void {
    this.#events.dispose();
  }
}

/** Keeps the first lines; what an interruption cut off goes, too. */
async function keepHistory(path: string, lines: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '' && lines === 0) return;
  const kept = text.split('\n').slice(0, lines);
  await writeFileAtomically(path, [kept.map((line) => `${line}\n`).join('')]);
}
