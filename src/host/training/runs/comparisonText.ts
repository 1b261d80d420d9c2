import { basename } from 'node:path';
import { stringify } from 'yaml';
import { bestText, type ConfigDifference } from '../../../learning/runs/compareConfigs.js';
import type { RunMetrics } from '../../../learning/trainer/evaluation.js';
import type { TrainingConfig } from '../../../learning/trainer/config/config.js';
import type { RunInfo, RunState } from '../../../learning/trainer/runFolder.js';
import { bestBaseline } from '../bestBaseline.js';

/** What is compared of a run. */
export interface ComparedRun {
  readonly folder: string;
  readonly run: RunInfo;
  readonly state: RunState;
  readonly config: TrainingConfig;
  readonly metrics: RunMetrics | null;
}

const FIGURES: ReadonlyMap<string, (value: number) => string | number> = new Map<
  string,
  (value: number) => string | number
>([
  ['accuracy', percent],
  ['accuracyWithoutIdle', percent],
  ['top5', percent],
  ['maeLog', rounded],
  ['maeNs', (value: number) => `${Math.round(value)} ns`],
  ['pinballLog', rounded],
  ['loss', rounded],
]);

/**
 * A run as text, to be set beside another one: in what they differ (the same on both sides), what came of it, and all of its
 * configuration. It is YAML, so that the editor colours it.
 */
export function comparisonText(compared: ComparedRun, differences: readonly ConfigDifference[]): string {
  const { folder, run, state, config, metrics } = compared;
  const results = {
    run: basename(folder),
    results: {
      state,
      best: bestText(run),
      epochs: `${run.epoch} of ${run.epochs}`,
      parameters: run.parameters,
      engine: run.engine.description || run.engine.name,
      ...partsOf(metrics),
    },
  };
  return `${headOf(differences)}\n${stringify(results, { lineWidth: 0 })}\n${stringify({ configuration: config }, { lineWidth: 0 })}`;
}

function headOf(differences: readonly ConfigDifference[]): string {
  if (differences.length === 0) return '# Their configurations are the same.\n';
  const lines = differences.map(({ path, a, b }) => `#   ${path}: ${valueText(a)} → ${valueText(b)}`);
  const count = differences.length === 1 ? 'one setting' : `${differences.length} settings`;
  return [`# They differ in ${count}:`, ...lines, ''].join('\n');
}

function valueText(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}

/** By part: the model's figures, and which baseline is best. */
function partsOf(metrics: RunMetrics | null): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metrics ?? {}).map(([part, { model, baselines }]) => {
      const isTasks = model.task === 'next-task';
      const best = bestBaseline(baselines, isTasks);
      if (best === null) return [part, figuresOf(model)];
      const figure = isTasks ? percent(best.figure) : rounded(best.figure);
      return [part, { ...figuresOf(model), bestBaseline: `${figure} (${best.name})` }];
    }),
  );
}

function figuresOf(metrics: object): Record<string, string | number> {
  const found: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(metrics) as [string, unknown][]) {
    const text = FIGURES.get(key);
    if (text !== undefined && typeof value === 'number') found[key] = text(value);
  }
  return found;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
