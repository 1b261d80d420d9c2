import { RequestError, type Messenger } from '../../src/protocol/messenger.js';
import type {
  TrainingPanelEvents,
  TrainingPanelRequests,
  TrainingPanelState,
} from '../../src/protocol/trainingPanelMessages.js';
import {
  readTrainingResults,
  readTrainingState,
  readTrainingView,
} from '../../src/protocol/trainingPanelSchemas.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import type { Signal } from '../common/signal.js';
import type { Theme } from '../common/theme.js';
import { drawLoss, drawMemory, drawQuality, drawRate, drawSpeed } from './charts/trainingCharts.js';
import { TrainingModel } from './model/trainingModel.js';
import { STATES } from './model/words.js';
import { createChartCard } from './panels/chartCard.js';
import { createHeader, type TrainingAsk } from './panels/header.js';
import { createCurtain, createMessage } from './panels/message.js';
import { createMetricsCard } from './panels/metricsCard.js';

export type TrainingMessenger = Messenger<TrainingPanelRequests, TrainingPanelEvents>;

/** One run of training: how far it is, its course, and how good the model is beside the baselines. */
export class TrainingApp {
  readonly element: HTMLElement;
  readonly model = new TrainingModel();

  constructor(
    private readonly host: Host,
    private readonly messenger: TrainingMessenger,
    theme: Signal<Theme>,
  ) {
    const { model } = this;
    model.view.subscribe((view, previous) => {
      if (view === null || previous === null || view.state === previous.state) return;
      model.announcement.set(`${view.title}: ${STATES[view.state].text}`);
    });
    this.element = this.#layout(theme);
  }

  /** Asks for the run; what changes comes as events. */
  async start(): Promise<void> {
    this.messenger.on('trainingUpdated', (payload) => {
      const view = readTrainingView(payload);
      if (view === null) this.#misunderstood();
      else this.model.setView(view);
    });
    this.messenger.on('trainingHistory', (payload) => {
      const results = readTrainingResults(payload);
      if (results === null) this.#misunderstood();
      else this.#takeResults(results);
    });
    try {
      const state = readTrainingState(await this.messenger.request('trainingState', {}));
      if (state === null) throw new Error('The extension sent a message that this view does not understand.');
      this.#takeResults(state);
      this.model.setView(state.view);
      this.host.writeState({ runFolder: state.view.folder });
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #takeResults({ history, metrics }: Pick<TrainingPanelState, 'history' | 'metrics'>): void {
    this.model.history.set(history);
    this.model.metrics.set(metrics);
  }

  #misunderstood(): void {
    this.model.complain('The extension sent a message that this view does not understand.');
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const soon = 'Nothing yet: it is drawn from the first batches on.';
    return element(
      'main',
      { className: 'training-view' },
      createHeader(model, (method) => void this.#ask(method)),
      element(
        'div',
        { className: 'card-grid' },
        createMessage(model),
        createChartCard(model, theme, drawLoss, { title: 'Loss', empty: soon, isWide: true }),
        createChartCard(model, theme, drawQuality, {
          title: 'On the validation part',
          empty:
            'Nothing yet: the validation part is measured when an epoch ends. A data set without one has no such figures.',
          isWide: true,
          note: baselineNote,
        }),
        createMetricsCard(model),
        createChartCard(model, theme, drawRate, { title: 'Learning rate', empty: soon }),
        createChartCard(model, theme, drawSpeed, { title: 'Examples a second', empty: soon }),
        createChartCard(model, theme, drawMemory, { title: 'Memory of the engine', empty: soon }),
      ),
      createCurtain(model),
      createNotices(model),
    );
  }

  async #ask(method: TrainingAsk): Promise<void> {
    try {
      await this.messenger.request(method, {});
    } catch (error) {
      if (error instanceof RequestError && error.code === 'cancelled') return;
      this.model.complain(error instanceof Error ? error.message : String(error));
    }
  }
}

/** A model is only as good as what it beats: until that is known, it is said that it is not. */
function baselineNote({ metrics, history }: TrainingModel): string | null {
  if (metrics.value !== null || (history.value?.epochs ?? 0) === 0) return null;
  return 'How good that is shows beside the baselines, which are measured when the run has finished.';
}
