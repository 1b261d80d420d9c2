import type { Forecast } from '../../../src/protocol/forecast.js';
import {
  FIRST_SETTINGS,
  type ForecastMemory,
  type ForecastSettings,
  type ForecastState,
  type TimeScale,
} from '../../../src/protocol/forecastMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';
import { boundsOf, clamped, type EventRange } from './eventRange.js';

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class ForecastModel {
  readonly state = new Signal<ForecastState | null>(null);
  readonly forecast = new Signal<Forecast | null>(null);
  /** Why nothing can be shown at all. */
  readonly failure = new Signal<string | null>(null);
  /** Why there is no forecast by these settings. */
  readonly problem = new Signal<string | null>(null);
  /** Share of the forecast that is being made; `null`: none is. */
  readonly progress = new Signal<number | null>(null);
  readonly settings = new Signal<ForecastSettings>(FIRST_SETTINGS);
  /** Where the data set is now; `null`: where the run has it. */
  readonly dataset = new Signal<string | null>(null);
  readonly scale = new Signal<TimeScale>('log');
  readonly showsSamples = new Signal<boolean>(false);
  readonly showsActual = new Signal<boolean>(true);
  /** Events in sight; `null`: all of them. */
  readonly range = new Signal<EventRange | null>(null);
  /** The event under the pointer or the cursor: 0 is the last observed one, 1 the first that is forecast. */
  readonly cursor = new Signal<number | null>(null);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  get bounds(): EventRange {
    const { value } = this.forecast;
    return value === null ? { from: 0.5, to: 1.5 } : boundsOf(value);
  }

  get shownRange(): EventRange {
    return this.range.value === null ? this.bounds : clamped(this.range.value, this.bounds);
  }

  get memory(): ForecastMemory {
    return {
      dataset: this.dataset.value,
      settings: this.settings.value,
      scale: this.scale.value,
      showsSamples: this.showsSamples.value,
      showsActual: this.showsActual.value,
    };
  }

  recall({ dataset, settings, scale, showsSamples, showsActual }: ForecastMemory): void {
    this.dataset.set(dataset);
    this.settings.set(settings);
    this.scale.set(scale);
    this.showsSamples.set(showsSamples);
    this.showsActual.set(showsActual);
  }

  /** A forecast that was made: in sight as a whole when it is of other events. */
  accept(forecast: Forecast): void {
    const before = this.forecast.value;
    const isSame =
      before !== null &&
      before.steps === forecast.steps &&
      before.observed.task.length === forecast.observed.task.length;
    if (!isSame) this.range.set(null);
    this.cursor.set(null);
    this.problem.set(null);
    this.forecast.set(forecast);
  }
}
