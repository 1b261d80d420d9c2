import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';
import type { Disposable } from '../../base/disposable.js';
import { frameTfRecord } from './tfRecord.js';
import {
  graphEvent,
  restartEvent,
  summaryEvent,
  versionEvent,
  type GraphNode,
  type Summary,
} from './tensorBoardEvents.js';

export interface EventFileOptions {
  readonly folder: string;
  /** Unix time; also part of the name, by which TensorBoard orders the files of a run. */
  readonly nowMs: () => number;
  /** Tells apart files of the same second. */
  readonly suffix: string;
  /** Step from which the run goes on; `null` for a new one. */
  readonly restartStep: number | null;
}

/**
 * An event file of TensorBoard that grows while a run goes on. Each event is whole in it or cut off at the end, which
 * TensorBoard tolerates. Failure `write-failed`.
 */
export class EventFile implements Disposable {
  readonly path: string;
  readonly #file: number;
  readonly #nowMs: () => number;
  #isOpen = true;

  constructor({ folder, nowMs, suffix, restartStep }: EventFileOptions) {
    this.#nowMs = nowMs;
    const seconds = String(Math.floor(nowMs() / 1000)).padStart(10, '0');
    this.path = join(folder, `events.out.tfevents.${seconds}.kernel-oracle.${suffix}`);
    this.#file = guarded(this.path, () => openSync(this.path, 'a'));
    this.#append(versionEvent(this.#seconds()));
    if (restartStep !== null) this.#append(restartEvent(this.#seconds(), restartStep));
  }

  graph(nodes: readonly GraphNode[]): void {
    this.#append(graphEvent(this.#seconds(), nodes));
  }

  summaries(step: number, summaries: readonly Summary[]): void {
    this.#append(summaryEvent(this.#seconds(), step, summaries));
  }

  dispose(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  #append(event: Uint8Array): void {
    const record = frameTfRecord(event);
    guarded(this.path, () => {
      for (let at = 0; at < record.length;) at += writeSync(this.#file, record, at);
    });
  }

  #seconds(): number {
    return this.#nowMs() / 1000;
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure('write-failed', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
