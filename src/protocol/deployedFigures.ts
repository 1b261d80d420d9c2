/** What the counts of a model in a kernel amount to: for the command line and the panels, from the same functions. */
import type { DeployedStats } from './deployment.js';

/** A row of the table: what the kernel decided of its own, and what the model said of it. */
export interface DeployedRow {
  readonly kernel: 'refused' | 'allowed' | 'forced';
  readonly saidNo: number;
  readonly saidYes: number;
}

/**
 * How the model's word agrees with the label of its experiment, as far as a kernel can count that. `null` in a figure: there was
 * no call that it could be of.
 */
export interface DeployedAgreement {
  /** What 1 means: `allowed`, `this call forced`. */
  readonly positive: string;
  readonly positives: number;
  readonly negatives: number;
  readonly truePositives: number;
  readonly trueNegatives: number;
  /** Share of calls of which it said what is so. */
  readonly accuracy: number | null;
  /** The same for one who says of every call what is more frequent: to be held against `accuracy`. */
  readonly baseline: number | null;
  readonly moreFrequent: 'positive' | 'negative' | null;
  /** Mean of recall and specificity; 0.5 for whoever says the same of all. */
  readonly balancedAccuracy: number | null;
  readonly recall: number | null;
  /** Of those of which it said 1. */
  readonly precision: number | null;
}

export interface DeployedFigures {
  /** Calls of which the model was asked. */
  readonly calls: number;
  readonly notAsked: number;
  readonly rows: readonly DeployedRow[];
  /** Null: this kernel does not tell which migrations were forced, and the experiment is about these. */
  readonly agreement: DeployedAgreement | null;
  /** Of a model of experiment 1, the migrations that were forced: how many of them it allows. */
  readonly forcedAllowed: number | null;
  /** A call, on the average; null without calls. */
  readonly modelNs: number | null;
  /** can_migrate_task() itself with what the hook adds, without the model. */
  readonly callNs: number | null;
  /** What has to be known before the figures are used, in sentences. */
  readonly remarks: readonly string[];
}

export function deployedFigures(stats: DeployedStats, experiment: 1 | 2 | 3): DeployedFigures {
  const rows = (['refused', 'allowed', 'forced'] as const).map((kernel) => ({
    kernel,
    saidNo: stats[kernel][0],
    saidYes: stats[kernel][1],
  }));
  const calls = rows.reduce((sum, { saidNo, saidYes }) => sum + saidNo + saidYes, 0);
  const forced = stats.forced[0] + stats.forced[1];
  return {
    calls,
    notAsked: stats.notAsked,
    rows,
    agreement: agreementOf(stats, experiment, calls),
    forcedAllowed: experiment === 1 ? ratio(stats.forced[1], forced) : null,
    modelNs: ratio(stats.modelNs, calls),
    callNs: ratio(stats.callNs, calls),
    remarks: [...remarksOf(stats, experiment, calls, forced)],
  };
}

function agreementOf(stats: DeployedStats, experiment: 1 | 2 | 3, calls: number): DeployedAgreement | null {
  if (experiment !== 1 && stats.forcedBy === 'nothing' && calls > 0) return null;
  const { refused, allowed, forced } = stats;
  const [yes, no] =
    experiment === 1 ? [sum(allowed, forced), refused] : [[...forced] as const, sum(refused, allowed)];
  const [positives, negatives] = [yes[0] + yes[1], no[0] + no[1]];
  const [truePositives, trueNegatives] = [yes[1], no[0]];
  const [recall, specificity] = [ratio(truePositives, positives), ratio(trueNegatives, negatives)];
  return {
    positive: experiment === 1 ? 'allowed' : 'this call forced',
    ...{ positives, negatives, truePositives, trueNegatives },
    accuracy: ratio(truePositives + trueNegatives, calls),
    baseline: ratio(Math.max(positives, negatives), calls),
    moreFrequent: calls === 0 ? null : positives > negatives ? 'positive' : 'negative',
    balancedAccuracy: recall === null || specificity === null ? null : (recall + specificity) / 2,
    recall,
    precision: ratio(truePositives, yes[1] + no[1]),
  };
}

/** Fewer positives or negatives than that tell next to nothing. */
const FEW = 30;

function* remarksOf(
  stats: DeployedStats,
  experiment: 1 | 2 | 3,
  calls: number,
  forced: number,
): Generator<string> {
  if (experiment === 2) {
    yield 'Experiment 2 is about whole groups of calls, up to the last forced one. A kernel knows of a call only whether it was forced itself: the figures are of that, and too many "yes" are to be expected.';
  }
  if (experiment !== 1 && stats.forcedBy === 'nothing' && calls > 0) {
    yield 'This kernel does not tell which migrations were forced, so it cannot be said how often the model is right.';
  }
  if (experiment !== 1 && stats.forcedBy === 'counter' && forced === 0 && calls > 0) {
    yield 'No migration was forced so far. This kernel counts them only while kernel.sched_schedstats is 1.';
  }
  if (stats.forcedBy !== 'nothing' && experiment !== 1 && forced > 0 && forced < FEW) {
    yield `Only ${forced} ${forced === 1 ? 'migration was' : 'migrations were'} forced so far: recall and precision are of these few.`;
  }
  if (stats.mode === 'active') {
    yield 'The model takes part in deciding: which calls come, and what the kernel would have decided, already follows from it.';
  }
  if (calls > 0) {
    yield 'All calls are counted, also of tasks that have never run and of other kinds that training may have left out.';
  }
}

type Said = readonly [number, number];

function sum(a: Said, b: Said): Said {
  return [a[0] + b[0], a[1] + b[1]];
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
