import type { EpochRecord } from '../../../protocol/trainerMessages.js';
import type { HistoryView } from '../../../protocol/trainingPanelMessages.js';

/** More points than a chart has pixels tell nothing. */
const MOST_POINTS = 800;
/** What of a stretch of epochs is kept: where each of the losses is least and greatest. */
const POINTS_PER_STRETCH = 4;

/**
 * The epochs as columns, at most about `most` of them: from each of so many stretches those with the extremes of the losses, so
 * that no spike is lost; and the first, the best and the last.
 */
export function historyView(records: readonly EpochRecord[], most = MOST_POINTS): HistoryView {
  const kept = records.length <= most ? records : thinned(records, most);
  const column = <T>(read: (record: EpochRecord) => T): T[] => kept.map(read);
  return {
    epochs: records.length,
    epoch: column(({ epoch }) => epoch),
    trainLoss: column(({ trainLoss }) => trainLoss),
    validationLoss: column(({ validationLoss }) => validationLoss),
    accuracy: column(({ accuracy }) => accuracy),
    accuracyWithoutIdle: column(({ accuracyWithoutIdle }) => accuracyWithoutIdle),
    error: column(({ mae }) => mae),
    learningRate: column(({ learningRate }) => learningRate),
    examplesPerSecond: column(({ examplesPerSecond }) => examplesPerSecond),
    memoryBytes: column(({ memoryBytes }) => memoryBytes),
  };
}

/** The history with one more epoch. One that is there already was done again: what came behind it is gone. */
export function withEpoch(records: readonly EpochRecord[], record: EpochRecord): EpochRecord[] {
  const last = records.at(-1);
  const before =
    last === undefined || last.epoch < record.epoch
      ? records
      : records.filter(({ epoch }) => epoch < record.epoch);
  return [...before, record];
}

function thinned(records: readonly EpochRecord[], most: number): EpochRecord[] {
  const stretches = Math.max(1, Math.floor(most / POINTS_PER_STRETCH));
  const kept = new Set([0, records.length - 1, indexOfBest(records)]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * records.length) / stretches);
    const to = Math.floor(((stretch + 1) * records.length) / stretches);
    for (const read of [trainLossOf, validationLossOf]) {
      let [least, greatest] = [from, from];
      for (let at = from; at < to; at += 1) {
        if (read(records[at]!) < read(records[least]!)) least = at;
        if (read(records[at]!) > read(records[greatest]!)) greatest = at;
      }
      kept.add(least).add(greatest);
    }
  }
  return [...kept].sort((a, b) => a - b).map((at) => records[at]!);
}

function indexOfBest(records: readonly EpochRecord[]): number {
  const best = records.findLastIndex(({ isBest }) => isBest);
  return best < 0 ? 0 : best;
}

function trainLossOf({ trainLoss }: EpochRecord): number {
  return trainLoss;
}

function validationLossOf({ validationLoss, trainLoss }: EpochRecord): number {
  return validationLoss ?? trainLoss;
}
