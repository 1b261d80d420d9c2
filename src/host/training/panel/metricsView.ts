import type { RunMetrics } from '../../../learning/trainer/evaluation.js';
import type { MetricsRow, MetricsView } from '../../../protocol/trainingPanelMessages.js';

const PARTS = ['validation', 'seen', 'unseen'] as const;

/** What `metrics.json` tells, as rows: on each part the model first, then the baselines in their order. */
export function metricsView(metrics: RunMetrics, modelName: string): MetricsView {
  return {
    parts: PARTS.flatMap((part) => {
      const found = metrics[part];
      if (found === undefined) return [];
      const baselines = Object.entries(found.baselines).map(([name, figures]) => rowOf(name, false, figures));
      return [{ part, rows: [rowOf(modelName, true, found.model), ...baselines] }];
    }),
  };
}

function rowOf(name: string, isModel: boolean, figures: unknown): MetricsRow {
  const of = (key: string): number | null => {
    const value: unknown =
      typeof figures === 'object' && figures !== null
        ? (figures as Readonly<Record<string, unknown>>)[key]
        : null;
    return typeof value === 'number' ? value : null;
  };
  return {
    name,
    isModel,
    targets: of('targets') ?? 0,
    unknownTargets: of('unknownTargets'),
    loss: of('loss'),
    accuracy: of('accuracy'),
    top5: of('top5'),
    accuracyWithoutIdle: of('accuracyWithoutIdle'),
    maeLog: of('maeLog'),
    maeNs: of('maeNs'),
    pinballLog: of('pinballLog'),
  };
}
