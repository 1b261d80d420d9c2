import {
  type ComparisonEvents,
  type ComparisonRequests,
  type ComparisonViewState,
} from '../../src/protocol/comparisonMessages.js';
import { RequestError, type Messenger } from '../../src/protocol/messenger.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import type { Signal } from '../common/signal.js';
import type { Theme } from '../common/theme.js';
import { createCurtain, createHeader } from './chrome.js';
import { ComparisonModel } from './model/comparisonModel.js';
import { readComparisonState, readFailure, readViewState } from './model/validate.js';
import { DetailCard } from './panels/detailCard.js';
import { createFiguresCard } from './panels/figuresCard.js';
import { MeansCard } from './panels/meansCard.js';
import { ForestCard } from './panels/forestCard.js';
import { createOverallCard } from './panels/overallCard.js';
import { createRemarks } from './panels/remarks.js';
import { createSetsCard } from './panels/setsCard.js';

export type ComparisonMessenger = Messenger<ComparisonRequests, ComparisonEvents>;

/** The comparison of benchmark results: what was compared, the verdicts as a plot, one metric in detail, all numbers. */
export class ComparisonApp {
  readonly element: HTMLElement;
  readonly model = new ComparisonModel();
  readonly #host: Host;
  readonly #messenger: ComparisonMessenger;

  constructor(host: Host, messenger: ComparisonMessenger, theme: Signal<Theme>) {
    this.#host = host;
    this.#messenger = messenger;
    const { model } = this;
    const state = readViewState(host.readState());
    if (state !== null) {
      model.showsAllMetrics.set(state.showsAllMetrics);
      model.chosen.set(state.chosen);
    }
    this.element = this.#layout(theme);
    const save = () => this.#saveState();
    model.showsAllMetrics.subscribe(save);
    model.chosen.subscribe(save);
  }

  /** Asks for the comparison; what changes comes as events. */
  async start(): Promise<void> {
    this.#messenger.on('comparisonUpdated', (payload) => this.#accept(payload));
    this.#messenger.on('failed', (payload) => this.model.failure.set(readFailure(payload).message));
    try {
      this.#accept(await this.#messenger.request('comparisonState', {}));
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #accept(payload: unknown): void {
    const state = readComparisonState(payload);
    if (state === null) {
      this.model.notice.set({
        text: 'The extension sent a message that this view does not understand.',
        isError: true,
      });
      return;
    }
    this.model.failure.set(null);
    this.model.comparison.set(state.kind === 'ready' ? state.comparison : null);
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const actions = {
      makeBaseline: (set: number) => void this.#ask('setBaseline', { set }),
      openResults: (set: number) => void this.#ask('openResults', { set }),
    };
    return element(
      'main',
      { className: 'comparison-view' },
      createHeader(model, () => void this.#export()),
      element(
        'div',
        { className: 'comparison-body' },
        createSetsCard(model, actions),
        createRemarks(model),
        new ForestCard(model, theme).element,
        new MeansCard(model, theme).element,
        createOverallCard(model),
        new DetailCard(model, theme).element,
        createFiguresCard(model),
      ),
      createCurtain(model),
      createNotices(model),
    );
  }

  async #export(): Promise<void> {
    const written = await this.#ask('saveComparison', {});
    if (written !== null) this.model.notice.set({ text: `Saved ${written.path}.`, isError: false });
  }

  /** Asks the host, and tells the user in passing when it refuses. */
  async #ask<K extends keyof ComparisonRequests>(
    method: K,
    params: ComparisonRequests[K]['params'],
  ): Promise<ComparisonRequests[K]['result'] | null> {
    try {
      return await this.#messenger.request(method, params);
    } catch (error) {
      const isClosed = error instanceof RequestError && error.code === 'cancelled';
      const text = error instanceof Error ? error.message : String(error);
      if (!isClosed) this.model.notice.set({ text, isError: true });
      return null;
    }
  }

  #saveState(): void {
    const { showsAllMetrics, chosen } = this.model;
    const state: ComparisonViewState = { showsAllMetrics: showsAllMetrics.value, chosen: chosen.value };
    this.#host.writeState(state);
  }
}
