import type { ModelComparisonRequests } from '../../src/protocol/modelComparisonMessages.js';
import {
  readModelComparisonMemory,
  readModelComparisonState,
} from '../../src/protocol/modelComparisonSchemas.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { InspectionLink } from '../common/inspection.js';
import { createNotices } from '../common/notices.js';
import type { Signal } from '../common/signal.js';
import type { Theme } from '../common/theme.js';
import { ComparisonModel } from './model/comparisonModel.js';
import { runLabel } from './model/words.js';
import type { CardContext } from './panels/cardContext.js';
import { createControls } from './panels/controls.js';
import { createCostCard } from './panels/costCard.js';
import { createCurtain } from './panels/curtain.js';
import { createDifferencesCard } from './panels/differencesCard.js';
import { createFiguresCard } from './panels/figuresCard.js';
import { createRunsCard } from './panels/runsCard.js';
import { createSettingsCard } from './panels/settingsCard.js';
import { createWorkloadsCard } from './panels/workloadsCard.js';

/** Models beside each other on the same events: what each came to, whether they can be told apart, in what they differ. */
export class ModelComparisonApp {
  readonly element: HTMLElement;
  readonly model = new ComparisonModel();
  readonly #link: InspectionLink<ModelComparisonRequests, object>;
  #version = 0;

  constructor(host: Host, theme: Signal<Theme>) {
    const { model } = this;
    this.#link = new InspectionLink<ModelComparisonRequests, object>(host, model);
    const memory = readModelComparisonMemory(this.#link.remembered);
    if (memory !== null) model.recall(memory);
    this.element = this.#layout(theme);
    for (const signal of [model.part, model.slice, model.metric, model.against]) {
      (signal as Signal<unknown>).subscribe(() => this.#link.remember(model.memory));
    }
    model.against.subscribe(() => {
      this.#load().then(
        () => this.#announce(),
        (error: unknown) => this.#link.tell(error),
      );
    });
  }

  async start(): Promise<void> {
    await this.#link.start(() => this.#load());
  }

  /** An answer that another question overtook is dropped. */
  async #load(): Promise<void> {
    const { model } = this;
    const version = ++this.#version;
    try {
      const answer = await this.#link.request('modelComparisonState', { against: model.against.value });
      if (version !== this.#version) return;
      const state = readModelComparisonState(answer);
      if (state === null) throw this.#link.misunderstood();
      model.failure.set(null);
      model.state.set(state);
    } catch (error) {
      if (version !== this.#version) return;
      // What was shown stays, and what is wrong is told beside it.
      if (model.state.value !== null) throw error;
      model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const context: CardContext = { model, theme, save: (file) => this.#link.save(file) };
    return element(
      'main',
      { className: 'model-comparison-view' },
      createControls(model),
      element(
        'div',
        { className: 'card-grid' },
        createRunsCard(model),
        createFiguresCard(context),
        createDifferencesCard(context),
        createWorkloadsCard(context),
        createSettingsCard(context),
        createCostCard(context),
      ),
      createCurtain(model, (run) => void this.#link.act('evaluateRun', run)),
      createNotices(model),
    );
  }

  #announce(): void {
    const { comparison, announcement } = this.model;
    if (comparison !== null) announcement.set(`Measured against ${runLabel(comparison, 0)}.`);
  }
}
