import type { ScheduleSettings } from './config/config.js';

/** What a schedule and early stopping remember between epochs. */
export interface PlateauState {
  readonly learningRate: number;
  /** Lowest loss by the schedule's measure; `null` before the first epoch. */
  readonly bestLoss: number | null;
  /** Epochs since then. */
  readonly badEpochs: number;
}

/** An improvement is one of this share at least: torch's threshold. */
const THRESHOLD = 1e-4;

/** ReduceLROnPlateau: the rate is multiplied by `factor` once more than `patience` epochs brought no improvement. */
export function afterEpoch(state: PlateauState, loss: number, settings: ScheduleSettings): PlateauState {
  const isBetter = state.bestLoss === null || loss < state.bestLoss - Math.abs(state.bestLoss) * THRESHOLD;
  const badEpochs = isBetter ? 0 : state.badEpochs + 1;
  const bestLoss = isBetter ? loss : state.bestLoss;
  if (settings.name === 'constant' || badEpochs <= settings.patience) {
    return { learningRate: state.learningRate, bestLoss, badEpochs };
  }
  // Never raised, should it have begun below.
  const lower = Math.max(state.learningRate * settings.factor, settings.leastRate);
  return { learningRate: Math.min(state.learningRate, lower), bestLoss, badEpochs: 0 };
}
