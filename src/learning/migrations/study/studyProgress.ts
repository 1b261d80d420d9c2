/** How far a study is, in trainings and scorings of about the same length. */
import { workloadsOf } from '../../../dataset/migrations/setColumns.js';
import type { MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import type { WayName } from '../../../protocol/neuralCfs.js';

export interface StudyProgress {
  /** What is done now: `experiment 2, split by history group, all workloads: MLP`. */
  readonly text: string;
  readonly done: number;
  /** `null`: nobody knows, the recordings are being read. */
  readonly total: number | null;
}

/** Counts what is told as one unit each, never beyond what a step was said to take: what is refused takes less. */
export class StepCounter {
  #done = 0;
  #limit = 0;

  constructor(
    private readonly total: number,
    private readonly tell: (progress: StudyProgress) => void,
  ) {}

  /** The step before is done, and the next takes so many units. */
  begin(units: number): void {
    this.#done = this.#limit;
    this.#limit += units;
  }

  /** A unit of the step begins. */
  readonly show = (text: string): void => {
    this.tell({ text, done: this.#done, total: this.total });
    this.#done = Math.min(this.#limit, this.#done + 1);
  };
}

/** As published each workload has models of its own. */
export function trainingsOf(set: MigrationSet, ways: readonly WayName[], kinds: number): number {
  const own = kinds * (1 + workloadsOf(set).length);
  return ways.reduce((sum, way) => sum + (way === 'published' ? own : kinds), 0);
}
