/**
 * A trained model of calls of `can_migrate_task()` as it is carried elsewhere: plain numbers, whatever trained it. What reads it
 * are the reference interpreter, the quantiser and everything that emits code.
 */

/**
 * An input: a column of the records, a whole number as the kernel has it. Networks and linear models see
 * (value − mean) / deviation as float32; trees see the value itself.
 */
export interface DeployableFeature {
  /** Column of the records: `sd_nr_balance_failed`. */
  readonly name: string;
  readonly mean: number;
  /** Never 0: a column without variance has 1. */
  readonly deviation: number;
  /** Smallest and largest value of the calibration rows. */
  readonly least: number;
  readonly most: number;
}

/** Rectified linear hidden layers; the last layer has one unit, whose sum is compared with the threshold (no sigmoid is needed). */
export interface DeployableNetwork {
  readonly kind: 'mlp';
  readonly layers: readonly DenseLayer[];
}

export interface DenseLayer {
  readonly units: number;
  /** float32 [units][inputs of the layer] */
  readonly weights: readonly number[];
  /** float32 [units] */
  readonly biases: readonly number[];
}

/** Like a network of one layer with one unit. */
export interface DeployableLinear {
  readonly kind: 'linear';
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Nodes in an array, the first one the root; children stand behind their parent. */
export interface DeployableTree {
  readonly kind: 'tree';
  readonly nodes: readonly (TreeQuestion | TreeLeaf)[];
}

export interface TreeQuestion {
  /** Index into the features. A row whose value is at most `cut` goes to `low`. */
  readonly feature: number;
  readonly cut: number;
  readonly low: number;
  readonly high: number;
}

export interface TreeLeaf {
  /** Log-odds of being positive. */
  readonly logit: number;
}

export type DeployableBody = DeployableNetwork | DeployableLinear | DeployableTree;

export interface DeployableModel {
  readonly features: readonly DeployableFeature[];
  readonly body: DeployableBody;
  /** In log-odds: above it a call is called positive. 0 is a probability of one half. */
  readonly threshold: number;
}

/** Rows of whole numbers as the kernel has them: [rows, features], a row behind the other, exact up to 2^53. */
export interface RawRows {
  readonly rows: number;
  readonly values: Float64Array;
}
