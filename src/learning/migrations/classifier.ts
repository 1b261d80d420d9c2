/** Models that tell whether a call of `can_migrate_task` is positive, behind one interface. */
import type { FeatureTable } from '../../dataset/migrations/migrationSet.js';
import type { DeployableBody } from './deployableModel.js';

export interface TrainingTable {
  /** Normalised by the training rows. */
  readonly features: FeatureTable;
  /** The same rows and columns before they were normalised: for rules and trees, whose questions a person should be able to read. */
  readonly raw: FeatureTable;
  /** [rows] 1: positive */
  readonly labels: Uint8Array;
}

export type ScoredTable = Omit<TrainingTable, 'labels'>;

export interface TrainingOptions {
  readonly seed: number;
  /** What an example of class 0 and of class 1 counts in the loss; [1, 1] on balanced rows. */
  readonly classWeights: readonly [number, number];
  readonly signal?: AbortSignal;
  /** `sysctl_sched_migration_cost` of the machine where all rows have the same and it is known: the kernel's rule uses it. */
  readonly migrationCostNs?: number;
}

export interface Classifier {
  /** [rows] the probability, or a score between 0 and 1 that orders rows alike, of being positive */
  scores(table: ScoredTable): Float32Array;
  /** What it came to, in a line: `sd_nr_balance_failed > sd_cache_nice_tries`, `7-43-1, 388 parameters`. */
  readonly summary: string;
  /** Itself as plain numbers, its inputs in the order of the table; only of what can be carried elsewhere. */
  readonly body?: () => DeployableBody;
  dispose(): void;
}

export interface ClassifierKind {
  /** `mlp`, `libml`, `constant`, `rule`, `logistic`, `tree`, `boosting` */
  readonly name: string;
  readonly title: string;
  /** Those of the thesis; the others are baselines. */
  readonly isThesis: boolean;
  /** Failures: `bad-input` when there are no rows of a class, `cancelled`, those of the engine. */
  train(table: TrainingTable, experiment: 1 | 2 | 3, options: TrainingOptions): Promise<Classifier>;
}
