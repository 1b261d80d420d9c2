/** How often a model decides, in the form in which it is carried, as it does in float32; and as it did where it was trained. */
import type { LabelledRows, TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { floatAnswers, packFloat } from '../floatReference.js';
import { agreementOf } from '../quantise.js';
import type { CarriedModel } from './carriedModel.js';

/** Of the recorded decisions; below it is said loudly. */
export const LEAST_AGREEMENT = 0.999;

export interface DecisionCounts {
  readonly rows: number;
  readonly agreeing: number;
}

export interface CarriedAgreement {
  /** With float32, on calibration rows and rows of the test; `null`: it is float32, or a tree, which is exact. */
  readonly withFloat: DecisionCounts | null;
  /** With what was decided where it was trained, on the sample rows. */
  readonly asTrained: DecisionCounts;
  /** Rows that fixed point and float32 decide differently on, as a table; `null`: none. */
  readonly differing: string | null;
}

export function isEnough({ rows, agreeing }: DecisionCounts): boolean {
  return rows === 0 || agreeing >= LEAST_AGREEMENT * rows;
}

export function carriedAgreement(run: TrainedRun, carried: CarriedModel): CarriedAgreement {
  const { samples } = run;
  const own = carried.answers(samples).decisions;
  const agreeing = own.reduce((sum, each, row) => sum + Number(each === samples.decisions[row]), 0);
  const asTrained = { rows: samples.rows, agreeing };
  if (carried.form !== 'fixed') return { withFloat: null, asTrained, differing: null };
  const packed = packFloat(run.model);
  const counts = { rows: 0, agreeing: 0 };
  const lines: string[] = [];
  for (const part of ['calibration', 'test'] as const) {
    const rows = run[part];
    const [float, fixed] = [floatAnswers(packed, rows), carried.answers(rows)];
    const found = agreementOf(float, fixed);
    counts.rows += found.rows;
    counts.agreeing += found.agreeing;
    for (const row of found.differing) {
      const logits = [float.logits[row]!, fixed.logits[row]! * carried.logitScale];
      const told = [...logits, float.decisions[row]!, fixed.decisions[row]!];
      // A header and numbers from 1 on: the line of the run's own file.
      lines.push([part, row + 2, ...valuesOf(rows, run.model.features.length, row), ...told].join(','));
    }
  }
  const names = run.model.features.map(({ name }) => name);
  const header = ['file', 'line', ...names, 'float_logit', 'fixed_logit', 'float_decision', 'fixed_decision'];
  const differing = lines.length === 0 ? null : `${[header.join(','), ...lines].join('\n')}\n`;
  return { withFloat: counts, asTrained, differing };
}

function valuesOf({ values }: LabelledRows, width: number, row: number): Float64Array {
  return values.subarray(row * width, (row + 1) * width);
}
