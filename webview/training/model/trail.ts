import type { TrainingProgress } from '../../../src/protocol/trainerMessages.js';

export interface TrailPoint {
  /** In epochs: 2.5 is the middle of the third. */
  readonly at: number;
  /** Mean of the epoch so far. */
  readonly loss: number | null;
  readonly examplesPerSecond: number | null;
  readonly memoryBytes: number;
  readonly learningRate: number;
}

/** The course of the epoch that runs; it is lost with the view and begins anew with each epoch. */
export interface Trail {
  /** From 1; 0: none runs. */
  readonly epoch: number;
  readonly points: readonly TrailPoint[];
}

export const NO_TRAIL: Trail = { epoch: 0, points: [] };
/** Of more points every second one goes: the form of the line stays. */
const MOST_POINTS = 240;

/** The trail with what is told now. */
export function withProgress(trail: Trail, progress: TrainingProgress | null): Trail {
  if (progress === null) return trail.points.length === 0 ? trail : NO_TRAIL;
  const { epoch, batch, batches, loss, examplesPerSecond, memoryBytes, learningRate } = progress;
  // While it validates or measures the epoch is over, and its means are in the history or soon will be.
  if (progress.phase === 'evaluating') return trail.points.length === 0 ? trail : NO_TRAIL;
  const before = trail.epoch === epoch ? trail.points : [];
  const at = epoch - 1 + (batches === 0 ? 0 : Math.min(1, batch / batches));
  const last = before.at(-1);
  if (last !== undefined && at < last.at) return withProgress(NO_TRAIL, progress);
  const point = { at, loss, examplesPerSecond, memoryBytes, learningRate };
  const kept = last?.at === at ? before.slice(0, -1) : before;
  const points = [...kept, point];
  return {
    epoch,
    points:
      points.length <= MOST_POINTS
        ? points
        : points.filter((_point, index) => index % 2 === 0 || index === points.length - 1),
  };
}
