import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
} from 'chart.js';
import { element } from './dom.js';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  Legend,
  PointElement,
  Tooltip,
);

/** What is drawn here: lines, bars, or both in one chart. */
export type DrawnChart =
  ChartConfiguration<'line'> | ChartConfiguration<'bar'> | ChartConfiguration<'bar' | 'line'>;

/** Owns one chart on one canvas: created with the first configuration, updated by later ones, destroyed once. */
export class ChartView {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  #chart: Chart | null = null;

  constructor(className: string) {
    this.#canvas = element('canvas', { attributes: { role: 'img' } });
    this.element = element('div', { className }, this.#canvas);
  }

  /** `description` is the chart in words, for those who cannot see it. */
  show(drawn: DrawnChart, description: string): void {
    // One chart may change its kind; the library's types know a chart of one kind, or of any.
    const configuration = drawn as ChartConfiguration;
    this.#canvas.setAttribute('aria-label', description);
    if (this.#chart === null) {
      this.#chart = new Chart(this.#canvas, configuration);
      return;
    }
    this.#chart.data = configuration.data;
    if (configuration.options !== undefined) this.#chart.options = configuration.options;
    this.#chart.update('none');
  }

  /** What is drawn, for saving it; `null` before there is something, and while it is hidden. */
  get picture(): HTMLCanvasElement | null {
    return this.#chart === null || this.#canvas.width === 0 ? null : this.#canvas;
  }

  dispose(): void {
    this.#chart?.destroy();
    this.#chart = null;
  }
}
