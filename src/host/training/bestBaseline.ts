import type { RunMetrics } from '../../learning/trainer/evaluation.js';

export interface BestBaseline {
  readonly name: string;
  /** Accuracy, 0 … 1, of next tasks; mean |error| of ln(1 + ns) of times. */
  readonly figure: number;
}

/** The figure by which models of a task are judged, of a model or a baseline; `null` where it is not known. */
export function figureOf(metrics: unknown, isTasks: boolean): number | null {
  if (typeof metrics !== 'object' || metrics === null) return null;
  const value: unknown = (metrics as Readonly<Record<string, unknown>>)[isTasks ? 'accuracy' : 'maeLog'];
  return typeof value === 'number' ? value : null;
}

/** What a model has to beat on a part: of next tasks the most accurate baseline, of times that with the least error. */
export function bestBaseline(
  baselines: RunMetrics[string]['baselines'],
  isTasks: boolean,
): BestBaseline | null {
  let best: BestBaseline | null = null;
  for (const [name, metrics] of Object.entries(baselines)) {
    const figure = figureOf(metrics, isTasks);
    if (figure === null) continue;
    if (best === null || (isTasks ? figure > best.figure : figure < best.figure)) best = { name, figure };
  }
  return best;
}
