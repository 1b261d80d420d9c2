import type { StoredPart } from '../dataset/dataSet.js';
import type { TrainedModel } from '../learning/export/trainedModel.js';
import { sequenceOf, stretchOf } from '../learning/forecast/places.js';
import type { Prediction } from '../learning/streaming/predictEvents.js';
import { printable, stamp } from './output.js';

/** An event, and what was predicted before it came; in JSON as it is. */
export interface ListedEvent {
  /** Absolute. */
  readonly timeNs: bigint;
  readonly cpu: number;
  /** By name. */
  readonly task: string;
  /** `null`: the first of its sequence. */
  readonly deltaNs: number | null;
  readonly guesses: readonly { readonly task: string; readonly probability: number }[];
  readonly predictedDeltaNs: Prediction['deltaNs'];
  readonly latencyNs: number;
}

/** Makes entries of predictions that come in the order of rows. */
export class EventLister {
  #row = 0;
  /** Of that row, since the sequence's first. */
  #offsetNs = 0;
  #sequence = -1;

  constructor(
    private readonly part: StoredPart,
    private readonly trained: TrainedModel,
  ) {}

  listed({ row, guesses, deltaNs, latencyNs }: Prediction): ListedEvent {
    const { part } = this;
    const { tasks } = this.trained.vocabulary;
    return {
      timeNs: this.#timeNs(row),
      cpu: part.cpu[row]!,
      task: tasks[part.task[row]!]!,
      deltaNs: part.deltaNs[row]!,
      guesses: guesses.map(({ task, probability }) => ({ task: tasks[task]!, probability })),
      predictedDeltaNs: deltaNs,
      latencyNs,
    };
  }

  #timeNs(row: number): bigint {
    const sequence = sequenceOf(this.part, row);
    if (sequence !== this.#sequence) {
      [this.#sequence, this.#row, this.#offsetNs] = [sequence, stretchOf(this.part, sequence).start, 0];
    }
    while (this.#row < row) this.#offsetNs += this.part.deltaNs[++this.#row]!;
    return this.part.startNs[sequence]! + BigInt(this.#offsetNs);
  }
}

export function headLine({ outputs }: TrainedModel): string {
  const predicted = outputs.kind === 'logits' ? 'predicted' : 'since the last one, predicted';
  return `${'time'.padStart(20)}  cpu  ${'task'.padEnd(20)}  ${'µs'.padStart(7)}  ${predicted}`;
}

/** Lines are printed as they come, so widths are fixed. */
export function eventLine(event: ListedEvent): string {
  const { timeNs, cpu, task, latencyNs } = event;
  const time = stamp(timeNs).padStart(20);
  const took = (latencyNs / 1000).toFixed(1).padStart(7);
  return `${time}  ${String(cpu).padStart(3)}  ${printable(task).padEnd(20)}  ${took}  ${predictedText(event)}`;
}

function predictedText({ task, guesses, deltaNs, predictedDeltaNs: time }: ListedEvent): string {
  if (time === null) {
    const texts = guesses.map(
      (guess) => `${printable(guess.task)} ${(100 * guess.probability).toFixed(1)} %`,
    );
    return `${guesses[0]?.task === task ? '✓' : ' '} ${texts.join(', ')}`;
  }
  const us = (ns: number | null) => (ns === null ? '-' : (ns / 1000).toFixed(3));
  const range = time.low === null ? '' : ` (${us(time.low)} to ${us(time.high)})`;
  return `${us(deltaNs)} µs, ${us(time.median)}${range}`;
}
