import { ChartView } from '../../common/chart.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { Draw } from '../charts/trainingCharts.js';
import { keyEntry } from '../charts/chartKey.js';
import type { TrainingModel } from '../model/trainingModel.js';

/** Five charts with hundreds of points each, without a GPU: more often would make the view sluggish. */
const REDRAW_INTERVAL_MS = 500;

export interface ChartCardOptions {
  readonly title: string;
  /** Shown in place of a chart that has nothing to draw. */
  readonly empty: string;
  readonly isWide?: boolean;
  /** A line below, for what the chart cannot say; `null` for none. */
  readonly note?: (model: TrainingModel) => string | null;
}

/** A card with one chart, drawn again at most so often. */
export function createChartCard(
  model: TrainingModel,
  theme: Signal<Theme>,
  draw: Draw,
  { title, empty, isWide = false, note }: ChartCardOptions,
): HTMLElement {
  const chart = new ChartView('training-chart');
  const nothing = element('p', { className: 'empty-chart' }, empty);
  const key = element('ul', { className: 'chart-key' });
  const noteLine = element('p', { className: 'chart-note' });
  const card = element(
    'section',
    { className: isWide ? 'card wide' : 'card', attributes: { 'aria-label': title } },
    element('h2', {}, title),
    key,
    chart.element,
    nothing,
    noteLine,
  );
  const show = () => {
    const view = model.view.value;
    const history = model.history.value;
    if (view === null || history === null) return;
    const course = { view, history, metrics: model.metrics.value, trail: model.trail.value };
    const drawn = draw(course, theme.value);
    chart.element.hidden = drawn === null;
    nothing.hidden = drawn !== null;
    key.hidden = drawn === null || drawn.lines.length < 2;
    if (drawn !== null) {
      chart.show(drawn.configuration, drawn.description);
      replaceContent(key, ...drawn.lines.map(keyEntry));
    }
    const text = note?.(model) ?? null;
    noteLine.hidden = text === null;
    noteLine.textContent = text;
  };
  let drawnMs = -REDRAW_INTERVAL_MS;
  let isQueued = false;
  const soon = () => {
    if (isQueued) return;
    isQueued = true;
    const now = () =>
      requestAnimationFrame(() => {
        isQueued = false;
        drawnMs = performance.now();
        show();
      });
    const restMs = drawnMs + REDRAW_INTERVAL_MS - performance.now();
    if (restMs > 0) setTimeout(now, restMs);
    else now();
  };
  for (const signal of [model.view, model.history, model.metrics, model.trail, theme]) {
    (signal as Signal<unknown>).subscribe(soon);
  }
  return card;
}
