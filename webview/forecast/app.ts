import type { Forecast } from '../../src/protocol/forecast.js';
import type {
  ForecastPanelEvents,
  ForecastPanelRequests,
  ForecastSettings,
  ForecastState,
} from '../../src/protocol/forecastMessages.js';
import {
  readForecast,
  readForecastMemory,
  readForecastProgress,
  readForecastState,
  readFoundData,
} from '../../src/protocol/forecastSchemas.js';
import { RequestError } from '../../src/protocol/messenger.js';
import { element } from '../common/dom.js';
import { formatCount } from '../common/format.js';
import type { Host } from '../common/host.js';
import { InspectionLink } from '../common/inspection.js';
import { createNotices } from '../common/notices.js';
import { createProgressBar } from '../common/progressBar.js';
import type { Signal } from '../common/signal.js';
import type { Theme } from '../common/theme.js';
import { ForecastModel } from './model/forecastModel.js';
import type { CardContext } from './panels/cardContext.js';
import { createCurtain } from './panels/curtain.js';
import { createHeader, createWarnings } from './panels/header.js';
import { SettingsBar } from './panels/settingsBar.js';
import { createStepsCard } from './panels/stepsCard.js';
import { createStripCard } from './panels/stripCard.js';
import { createTimeCard } from './panels/timeCard.js';

const CANCELLED = 'The forecast was cancelled.';

/** Free runs of a model from a moment of a recording: times with their bands, tasks as a strip, beside what came. */
export class ForecastApp {
  readonly element: HTMLElement;
  readonly model = new ForecastModel();
  readonly #link: InspectionLink<ForecastPanelRequests, ForecastPanelEvents>;
  #version = 0;

  constructor(host: Host, theme: Signal<Theme>) {
    const { model } = this;
    this.#link = new InspectionLink(host, model);
    const memory = readForecastMemory(this.#link.remembered);
    if (memory !== null) model.recall(memory);
    this.element = this.#layout(theme);
    for (const signal of [
      model.dataset,
      model.settings,
      model.scale,
      model.showsSamples,
      model.showsActual,
    ]) {
      (signal as Signal<unknown>).subscribe(() => this.#link.remember(model.memory));
    }
    this.#link.on('forecastProgress', (payload) => {
      if (model.progress.value !== null) model.progress.set(readForecastProgress(payload));
    });
    this.#link.on('forecastAim', () => {
      this.#load().catch((error: unknown) => this.#link.tell(error));
    });
  }

  async start(): Promise<void> {
    await this.#link.start(() => this.#load());
  }

  /** Learns what can be forecast from, and makes the forecast that is wanted. */
  async #load(): Promise<void> {
    const { model } = this;
    try {
      const state = readForecastState(
        await this.#link.request('forecastState', { dataset: model.dataset.value }),
      );
      if (state === null) throw this.#link.misunderstood();
      model.failure.set(null);
      model.state.set(state);
      if (state.kind === 'ready') await this.#make(this.#wanted(state));
    } catch (error) {
      if (model.state.value !== null) throw error;
      model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  /** From where the trace editor says, else as before; a part without rows gives way to one that has some. */
  #wanted({ aim, parts }: Extract<ForecastState, { kind: 'ready' }>): ForecastSettings {
    const { value } = this.model.settings;
    if (aim !== null) return { ...value, start: aim };
    const { start } = value;
    const isThere = start.kind === 'recording' || parts.some(({ part }) => part === start.part);
    const first = parts[0];
    return isThere || first === undefined
      ? value
      : { ...value, start: { kind: 'part', part: first.part, row: null } };
  }

  /** An answer that another forecast overtook is dropped. */
  async #make(settings: ForecastSettings): Promise<void> {
    const { model } = this;
    const version = ++this.#version;
    model.settings.set(settings);
    model.progress.set(0);
    try {
      const answer = await this.#link.request('makeForecast', { dataset: model.dataset.value, settings });
      if (version !== this.#version) return;
      const forecast = readForecast(answer);
      if (forecast === null) throw this.#link.misunderstood();
      model.accept(forecast);
      model.announcement.set(`Forecast of ${formatCount(forecast.steps)} events is there.`);
    } catch (error) {
      if (version !== this.#version) return;
      const isCancelled = error instanceof RequestError && error.code === 'cancelled';
      // What was shown is of other settings now.
      model.forecast.set(null);
      model.problem.set(isCancelled ? CANCELLED : error instanceof Error ? error.message : String(error));
    } finally {
      if (version === this.#version) model.progress.set(null);
    }
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const context: CardContext = { model, theme, save: (file) => this.#link.save(file) };
    const settings = new SettingsBar(
      model,
      (wanted) => void this.#make(wanted),
      () => void this.#link.request('cancelForecast', {}).catch((error: unknown) => this.#link.tell(error)),
    );
    const bar = createProgressBar('Forecast');
    model.progress.observe((share) => bar.show(share === null ? 'done' : share === 0 ? null : share));
    return element(
      'main',
      { className: 'forecast-view' },
      createHeader(model, (forecast) => void this.#openOrigin(forecast)),
      settings.element,
      bar.element,
      element(
        'div',
        { className: 'card-grid' },
        createProblem(model),
        createWarnings(model),
        createTimeCard(context),
        createStripCard(context),
        createStepsCard(context),
      ),
      createCurtain(model, () => void this.#findData()),
      createNotices(model),
    );
  }

  async #openOrigin({ origin: { recording, timeNs, cpu } }: Forecast): Promise<void> {
    await this.#link
      .request('openForecastOrigin', { path: recording, timeNs, cpu })
      .catch((error: unknown) => this.#link.tell(error));
  }

  async #findData(): Promise<void> {
    try {
      const found = readFoundData(await this.#link.request('findForecastData', {}));
      if (found === null) return;
      this.model.dataset.set(found.dataset);
      await this.#load();
    } catch (error) {
      this.#link.tell(error);
    }
  }
}

/** Why there is no forecast by these settings, in its place. */
function createProblem(model: ForecastModel): HTMLElement {
  const text = element('p', { className: 'forecast-problem', attributes: { role: 'alert' } });
  model.problem.observe((problem) => {
    text.hidden = problem === null;
    text.textContent = problem ?? '';
  });
  return text;
}
