import { ChartView } from '../../common/chart.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { describeForest, forestChart, forestRows } from '../charts/forestChart.js';
import type { ComparisonModel } from '../model/comparisonModel.js';

/** Height of a row and of the axis below, px. */
const ROW_PX = 26;
const AXIS_PX = 64;

/** Of more rows only the first are drawn; the table has them all. */
const DRAWN_ROWS = 60;

/** All verdicts at a glance: ratios to the baseline with their intervals. */
export class ForestCard {
  readonly element: HTMLElement;
  readonly #chart = new ChartView('forest');
  readonly #note = element('p', { className: 'chart-note' });

  constructor(
    private readonly model: ComparisonModel,
    private readonly theme: Signal<Theme>,
  ) {
    this.element = element(
      'section',
      { className: 'card' },
      element('h2', {}, 'Ratio to the baseline'),
      createKey(),
      this.#chart.element,
      this.#note,
    );
    const show = () => this.#show();
    theme.subscribe(show);
    model.showsAllMetrics.subscribe(show);
    model.comparison.observe(show);
  }

  #show(): void {
    const comparison = this.model.comparison.value;
    if (comparison === null) return;
    const all = forestRows(this.model.metrics, comparison.sets.length);
    const rows = all.slice(0, DRAWN_ROWS);
    this.#chart.element.hidden = rows.length === 0;
    this.#chart.element.style.height = `${rows.length * ROW_PX + AXIS_PX}px`;
    if (rows.length > 0) this.#chart.show(forestChart(rows, this.theme.value), describeForest(rows));
    replaceContent(
      this.#note,
      noteOf(
        rows.length,
        all.length,
        this.model.metrics.some(({ better }) => better === 'higher'),
      ),
    );
  }
}

function noteOf(drawn: number, all: number, hasTurned: boolean): string {
  if (all === 0) return 'There is no ratio to show: no benchmark has values above zero on both sides.';
  const parts = [
    drawn < all ? `The first ${drawn} of ${all} rows.` : '',
    hasTurned
      ? 'Where more is better the ratio is turned round here, so that left of 1 is faster throughout; the table has it as measured.'
      : '',
    'Lines are 95 % intervals; a mark without a line was measured once only.',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** What the marks mean, in the marks' own forms. */
function createKey(): HTMLElement {
  const entry = (className: string, text: string) =>
    element(
      'li',
      {},
      element('span', { className: `verdict-mark ${className}`, attributes: { 'aria-hidden': 'true' } }),
      text,
    );
  return element(
    'ul',
    { className: 'chart-key' },
    entry('faster', 'faster'),
    entry('slower', 'slower'),
    entry('no-difference', 'no difference can be seen'),
    entry('no-statement', 'no statement: too few repeats'),
  );
}
