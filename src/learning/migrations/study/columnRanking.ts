import type { FeatureRanking } from '../../../dataset/migrations/featureRanking.js';
import type { ColumnRanking } from '../../../protocol/neuralCfsStudy.js';

/** Scores of columns as plain data: JSON has no number without end. */
export function columnRanking(ranking: FeatureRanking): ColumnRanking {
  const { experiment, balance, columns, workloads, union, ofThesis, warnings } = ranking;
  return {
    ...{ experiment, balance, columns, union, ofThesis },
    warnings: warnings.map(({ column, kind, text }) => ({ column, kind, text })),
    workloads: workloads.map(({ workload, calls, positives, steps, scores, top, reason }) => ({
      ...{ workload, calls, positives, top, reason },
      steps: steps.map(({ name, rows, positives: left, columns: width, left: out }) => ({
        ...{ name, rows, positives: left, columns: width, left: out },
      })),
      scores: scores.map(({ column, f, p, nats, biasNats, rank }) => ({
        ...{ column, p, nats, biasNats, rank },
        f: Number.isFinite(f) ? f : null,
      })),
    })),
  };
}
