import type { MetricComparison } from '../../../src/protocol/comparisonMessages.js';
import { ChartView } from '../../common/chart.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { densityChart, describeDensities } from '../charts/densityChart.js';
import { describeMeans, meansChart } from '../charts/meansChart.js';
import { metricLabel, type ComparisonModel } from '../model/comparisonModel.js';
import { formatAmount, setLetter } from '../model/words.js';

/** One metric in detail: its means with every repeat, and the density of single values where there are some. */
export class DetailCard {
  readonly element: HTMLElement;
  readonly #title = element('h2');
  readonly #words = element('div', { className: 'detail-words' });
  readonly #means = new ChartView('means');
  readonly #density = new ChartView('density');
  readonly #densityPart = element(
    'div',
    { className: 'detail-density' },
    element('h3', {}, 'Density of single values'),
    this.#density.element,
  );
  readonly #repeats = element('dl', { className: 'repeats' });

  constructor(
    private readonly model: ComparisonModel,
    private readonly theme: Signal<Theme>,
  ) {
    this.element = element(
      'section',
      { className: 'card detail' },
      this.#title,
      this.#words,
      element('div', { className: 'detail-charts' }, this.#means.element, this.#densityPart),
      this.#repeats,
    );
    const show = () => this.#show();
    theme.subscribe(show);
    model.showsAllMetrics.subscribe(show);
    model.chosen.subscribe(show);
    model.comparison.observe(show);
  }

  #show(): void {
    const comparison = this.model.comparison.value;
    const metric = this.model.chosenMetric;
    this.element.hidden = metric === undefined || comparison === null;
    if (metric === undefined || comparison === null) return;
    replaceContent(
      this.#title,
      metricLabel(metric),
      ' ',
      element('span', { className: 'muted' }, subtitle(metric)),
    );
    replaceContent(
      this.#words,
      ...metric.against.map(({ set, words }) =>
        element('p', {}, element('strong', {}, setLetter(set)), ` ${words}.`),
      ),
    );
    this.#means.show(
      meansChart(metric, comparison.sets, this.theme.value),
      describeMeans(metric, comparison.sets),
    );
    this.#densityPart.hidden = metric.densities.length === 0;
    if (metric.densities.length > 0) {
      this.#density.show(densityChart(metric, this.theme.value), describeDensities(metric, comparison.sets));
    }
    replaceContent(this.#repeats, ...repeatLists(metric));
  }
}

function subtitle({ title, unit, better, isPrimary }: MetricComparison): string {
  const parts = [isPrimary ? title : '', unit, better === 'neither' ? '' : `${better} is better`];
  const what = parts.filter((part) => part !== '').join(', ');
  return `${what}${what === '' ? '' : '; '}bars from zero, intervals of the means, dots are repeats`;
}

/** Every repeat as a number, in the order in which they were measured. */
function repeatLists(metric: MetricComparison): HTMLElement[] {
  return metric.sets.flatMap((figures, at) => {
    if (figures === null) return [];
    const failed = figures.failed === 0 ? '' : `; ${figures.failed} failed`;
    const values = figures.values.map(formatAmount).join(', ');
    return [
      element('dt', {}, `${setLetter(at)}, ${figures.n} repeats${failed}`),
      element('dd', {}, values === '' ? 'no value' : values),
    ];
  });
}
