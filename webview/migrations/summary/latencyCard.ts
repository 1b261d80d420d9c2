import type { CallLatency } from '../../../src/protocol/migrationMessages.js';
import { ChartView } from '../../common/chart.js';
import { describeDensity, latencyDensityChart } from '../../common/charts/latencyDensity.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatDuration, formatDurationExact } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';

/** How long the calls took. */
export class LatencyCard {
  readonly element: HTMLElement;
  readonly #theme: Signal<Theme>;
  readonly #chart = new ChartView('density');
  readonly #facts = element('dl', { className: 'percentiles' });
  readonly #unknown = element(
    'p',
    { className: 'empty' },
    'This file does not tell how long the calls took.',
  );
  #latency: CallLatency | null = null;

  constructor(theme: Signal<Theme>) {
    this.#theme = theme;
    this.element = element(
      'section',
      { className: 'card latency' },
      element(
        'h2',
        {},
        'Latency of the call ',
        element(
          'span',
          { className: 'muted', title: 'The probe that measures is measured with it' },
          'probe included',
        ),
      ),
      this.#unknown,
      this.#facts,
      this.#chart.element,
    );
    theme.subscribe(() => this.show(this.#latency));
  }

  show(latency: CallLatency | null): void {
    this.#latency = latency;
    this.#unknown.hidden = latency !== null;
    this.#facts.hidden = latency === null;
    this.#chart.element.hidden = latency === null;
    if (latency === null) return;
    replaceContent(
      this.#facts,
      fact('median', 'solid', latency.p50Ns),
      fact('p90', 'dashed', latency.p90Ns),
      fact('p99', 'dotted', latency.p99Ns),
      fact('max', '', latency.maxNs),
    );
    this.#chart.show(latencyDensityChart(latency, this.#theme.value), describeDensity(latency));
  }
}

function fact(label: string, line: string, ns: number): HTMLElement {
  return element(
    'div',
    {},
    element('dt', { className: line }, label),
    element('dd', { title: formatDurationExact(ns) }, formatDuration(ns)),
  );
}
