import type { MetricsRow, MetricsView, PartOfMetrics } from '../../../src/protocol/trainingPanelMessages.js';
import type { HistoryView, TrainingView } from '../../../src/protocol/trainingPanelMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';
import { NO_TRAIL, withProgress, type Trail } from './trail.js';

/** What the parts of the view share. */
export class TrainingModel {
  readonly view = new Signal<TrainingView | null>(null);
  readonly history = new Signal<HistoryView | null>(null);
  readonly metrics = new Signal<MetricsView | null>(null);
  /** The epoch that runs, as far as this view has seen it. */
  readonly trail = new Signal<Trail>(NO_TRAIL);
  /** Why there is nothing to show; `null` when there is. */
  readonly failure = new Signal<string | null>(null);
  readonly notice = new Signal<Notice | null>(null);
  readonly announcement = new Signal<string>('');

  setView(view: TrainingView): void {
    this.failure.set(null);
    this.view.set(view);
    this.trail.set(withProgress(this.trail.value, view.progress));
  }

  complain(text: string): void {
    this.notice.set({ text, isError: true });
  }
}

/** The figure that decides which model is best: more accuracy, less error. */
export function mainFigure(row: MetricsRow): number | null {
  return row.accuracy ?? row.maeLog;
}

/** The baseline that is hardest to beat on a part; undefined before anything was measured there. */
export function bestBaseline(metrics: MetricsView | null, part: PartOfMetrics): MetricsRow | undefined {
  const rows = metrics?.parts.find((each) => each.part === part)?.rows ?? [];
  let best: MetricsRow | undefined;
  for (const row of rows) {
    const figure = mainFigure(row);
    if (row.isModel || figure === null) continue;
    const before = best === undefined ? null : mainFigure(best);
    if (before === null || (row.accuracy === null ? figure < before : figure > before)) best = row;
  }
  return best;
}
