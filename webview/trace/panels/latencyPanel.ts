import type { Histogram } from '../../../src/protocol/traceMessages.js';
import { ChartView } from '../../common/chart.js';
import { describeHistogram, latencyHistogramChart } from '../../common/charts/latencyHistogram.js';
import { checkbox, type Checkbox } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ThreadDirectory } from '../model/threadDirectory.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';

/** How long threads waited for a CPU, after wakeups and after preemptions, which are kept apart. */
export class LatencyPanel {
  readonly element: HTMLElement;
  readonly #model: TraceModel;
  readonly #client: TraceClient;
  readonly #directory: ThreadDirectory;
  readonly #theme: Signal<Theme>;
  readonly #chart = new ChartView('chart');
  readonly #onlyThread: Checkbox;
  readonly #summary = element('span', { className: 'count', attributes: { role: 'status' } });
  readonly #unknown = element(
    'p',
    { className: 'empty' },
    'Wakeup latency is unknown: no wakeups in this format.',
  );
  #logCounts = false;
  #histogram: Histogram | null = null;
  #version = 0;

  constructor(model: TraceModel, client: TraceClient, directory: ThreadDirectory, theme: Signal<Theme>) {
    this.#model = model;
    this.#client = client;
    this.#directory = directory;
    this.#theme = theme;
    this.#onlyThread = checkbox('Only the selected thread', false, () => void this.reload());
    const log = checkbox('Logarithmic counts', false, (checked) => {
      this.#logCounts = checked;
      this.#show();
    });
    this.#unknown.hidden = true;
    const bar = element(
      'div',
      { className: 'panel-bar' },
      this.#onlyThread.element,
      log.element,
      element('span', { className: 'grow' }),
      this.#summary,
    );
    this.element = element('div', { className: 'panel-content' }, bar, this.#unknown, this.#chart.element);
    theme.subscribe(() => this.#show());
    model.thread.subscribe(() => {
      if (this.#onlyThread.checked) void this.reload();
    });
  }

  async reload(): Promise<void> {
    const version = ++this.#version;
    const thread = this.#onlyThread.checked ? this.#model.thread.value : null;
    const histogram = await this.#client.ask('histogram', { range: this.#model.selection.value, thread });
    if (histogram === undefined || version !== this.#version) return;
    this.#histogram = histogram;
    this.#show();
  }

  #show(): void {
    const histogram = this.#histogram;
    if (histogram === null) return;
    const count = (name: string, value: number | null) =>
      `${name}: ${value === null ? 'unknown' : formatCount(value)}`;
    const thread = this.#onlyThread.checked ? this.#model.thread.value : null;
    const whose = thread === null ? '' : `${this.#directory.name(thread)?.comm ?? 'thread'} · `;
    this.#summary.textContent = `${whose}${count('wakeups', histogram.wakeupCount)} · ${count('preemptions', histogram.preemptionCount)}`;
    this.#unknown.hidden = histogram.wakeupCount !== null;
    this.#chart.show(
      latencyHistogramChart(histogram, this.#theme.value, this.#logCounts),
      describeHistogram(histogram),
    );
  }
}
