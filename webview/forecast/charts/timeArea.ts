import { ChartView } from '../../common/chart.js';
import { element } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { tellsTimes, timeShares } from '../model/figures.js';
import type { ForecastModel } from '../model/forecastModel.js';
import { eventTitle, sentence, timeLines } from '../model/words.js';
import { EventAxis, type Plot } from '../panels/eventAxis.js';
import { EventTooltip } from '../panels/eventTooltip.js';
import { formatCount, formatShare } from '../../common/format.js';
import { timeChart } from './timeChart.js';
import { scaleOf } from './timeScale.js';

/** The chart of times with its pointer and keys. */
export class TimeArea {
  readonly element: HTMLElement;
  readonly axis: EventAxis;
  readonly #chart = new ChartView('time-chart');
  readonly #tooltip = new EventTooltip();
  #plot: Plot = { left: 0, right: 1 };
  #isQueued = false;

  constructor(
    private readonly model: ForecastModel,
    private readonly theme: Signal<Theme>,
  ) {
    this.element = element(
      'div',
      {
        className: 'time-area',
        attributes: { role: 'application', tabindex: '0', 'aria-roledescription': 'chart of times' },
      },
      this.#chart.element,
      this.#tooltip.element,
    );
    this.axis = new EventAxis(model, {
      element: this.element,
      plot: () => this.#plot,
      point: (event, at) => {
        model.cursor.set(event);
        if (event === null) this.#tooltip.hide();
        else this.#show(event, at);
      },
      moved: () => this.#tell(),
      key: ({ key }) => {
        if (key === 'Escape') this.#tooltip.hide();
        return key === 'Escape';
      },
    });
    this.element.addEventListener('blur', () => this.#tooltip.hide());
    for (const signal of [
      model.forecast,
      model.scale,
      model.showsSamples,
      model.showsActual,
      model.range,
      model.cursor,
      theme,
    ]) {
      (signal as Signal<unknown>).subscribe(() => this.#redraw());
    }
  }

  get picture(): HTMLCanvasElement | null {
    return this.#chart.picture;
  }

  #show(event: number, at: { readonly x: number; readonly y: number }): void {
    const { value } = this.model.forecast;
    if (value !== null) this.#tooltip.show(eventTitle(event), timeLines(value, event), at);
  }

  #tell(): void {
    const [forecast, cursor] = [this.model.forecast.value, this.model.cursor.value];
    if (forecast === null || cursor === null) return;
    this.#show(cursor, { x: this.axis.xOf(cursor), y: 20 });
    this.model.announcement.set(sentence(eventTitle(cursor), timeLines(forecast, cursor)));
  }

  #redraw(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    requestAnimationFrame(() => {
      this.#isQueued = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { model, theme } = this;
    const [forecast, state] = [model.forecast.value, model.state.value];
    if (forecast === null || state?.kind !== 'ready' || !tellsTimes(forecast)) return;
    const input = {
      forecast,
      scale: scaleOf(model.scale.value, state.logDelta),
      range: model.shownRange,
      cursor: model.cursor.value,
      showsSamples: model.showsSamples.value,
      showsActual: model.showsActual.value,
    };
    const description = this.#describe();
    this.#chart.show(
      timeChart(input, theme.value, (plot) => (this.#plot = plot)),
      description,
    );
    this.element.setAttribute('aria-label', description);
  }

  /** The chart in words; the table below has values. */
  #describe(): string {
    const forecast = this.model.forecast.value!;
    const shares = timeShares(forecast).at(-1);
    const within =
      shares === undefined || shares.within90 === null
        ? ''
        : ` Of the ${formatCount(shares.events)} events that came, ${formatShare(shares.within90)} lay within the 90 % band.`;
    return `Times of ${forecast.observed.task.length} observed events and of ${forecast.steps} that are forecast.${within} Arrow keys move from event to event, plus and minus zoom, 0 shows all.`;
  }
}
