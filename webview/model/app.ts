import type { ModelPanelMemory, ModelPanelRequests } from '../../src/protocol/modelPanelMessages.js';
import { readModelMemory, readModelState } from '../../src/protocol/modelPanelSchemas.js';
import { ChoiceBar } from '../common/choiceBar.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { InspectionLink } from '../common/inspection.js';
import { createNotices } from '../common/notices.js';
import type { Signal } from '../common/signal.js';
import { Tabs } from '../common/tabs.js';
import type { Theme } from '../common/theme.js';
import { isTab, ModelModel, type TabId } from './model/modelModel.js';
import { partWords } from './model/measures.js';
import { createAuditCard, failedChecks } from './panels/auditCard.js';
import { createCalibrationCard } from './panels/calibrationCard.js';
import type { CardContext } from './panels/cardParts.js';
import { createCostCard } from './panels/costCard.js';
import { createCourseCards } from './panels/courseCards.js';
import { createFiguresCard } from './panels/figuresCard.js';
import { createCpusCard, createWorkloadsCard } from './panels/groupCards.js';
import { createCurtain, createHeader } from './panels/header.js';
import { createHorizonsCard } from './panels/horizonsCard.js';
import { createLayersCards } from './panels/layersCard.js';
import { createMissingCard } from './panels/missingCard.js';
import { createTasksCard } from './panels/tasksCard.js';

/** Tabs whose figures are of one part. */
const OF_PART: ReadonlySet<TabId> = new Set(['figures', 'workloads', 'tasks']);

/** What a model is worth beside something trivial, what it is made of, and whether its numbers mean anything. */
export class ModelApp {
  readonly element: HTMLElement;
  readonly model = new ModelModel();
  readonly #link: InspectionLink<ModelPanelRequests, object>;

  constructor(host: Host, theme: Signal<Theme>) {
    const { model } = this;
    this.#link = new InspectionLink<ModelPanelRequests, object>(host, model);
    const memory = readModelMemory(this.#link.remembered);
    if (memory !== null) this.#recall(memory);
    this.element = this.#layout(theme);
    for (const signal of [model.tab, model.part, model.slice, model.measure]) {
      (signal as Signal<string>).subscribe(() => this.#remember());
    }
  }

  /** Asks for the model, and again whenever its files change. */
  async start(): Promise<void> {
    await this.#link.start(() => this.#load());
  }

  async #load(): Promise<void> {
    const { model } = this;
    try {
      const state = readModelState(await this.#link.request('modelState', {}));
      if (state === null) throw this.#link.misunderstood();
      const isNew = model.state.value !== null;
      model.failure.set(null);
      model.state.set(state);
      if (isNew) model.announcement.set(`${state.title}: the figures have changed.`);
    } catch (error) {
      // What was shown stays, and what is wrong is told beside it.
      if (model.state.value !== null) throw error;
      model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const evaluate = () => void this.#work('evaluateRun');
    const audit = () => void this.#work('auditRun');
    const context: CardContext = { model, theme, save: (file) => this.#link.save(file) };
    const body = (...cards: HTMLElement[]) => element('div', { className: 'card-grid' }, ...cards);
    const tabs = new Tabs<TabId>(
      'About the model',
      [
        {
          id: 'figures',
          label: 'Figures',
          content: body(
            createMissingCard(model, evaluate),
            createFiguresCard(context),
            createCalibrationCard(context),
            createHorizonsCard(context),
          ),
        },
        {
          id: 'workloads',
          label: 'Workloads',
          content: body(
            createMissingCard(model, evaluate),
            createWorkloadsCard(context),
            createCpusCard(context),
          ),
        },
        {
          id: 'tasks',
          label: 'Tasks',
          content: body(createMissingCard(model, evaluate), createTasksCard(context)),
        },
        { id: 'audit', label: 'Checks', content: body(createAuditCard(context, audit)) },
        { id: 'layers', label: 'Layers', content: body(...createLayersCards(context)) },
        {
          id: 'training',
          label: 'Training and cost',
          content: body(...createCourseCards(context), createCostCard(context)),
        },
      ],
      model.tab.value,
      (id) => model.tab.set(id),
    );
    this.#followTabs(tabs);
    return element(
      'main',
      { className: 'model-view' },
      createHeader(model, { evaluate, openRun: () => void this.#link.act('openRun') }),
      element('div', { className: 'panel-head' }, tabs.bar, createPartBar(model)),
      tabs.body,
      createCurtain(model),
      createNotices(model),
    );
  }

  #followTabs(tabs: Tabs<TabId>): void {
    const { model } = this;
    model.tab.subscribe((id) => tabs.select(id));
    model.state.subscribe((state) => {
      tabs.setHidden('tasks', state?.task === 'inter-arrival', 'figures');
      const failed = failedChecks(model);
      const button = tabs.bar.querySelector('#tab-audit');
      if (button !== null)
        button.textContent = failed === null || failed === 0 ? 'Checks' : `Checks (${failed} failed)`;
    });
  }

  async #work(method: 'evaluateRun' | 'auditRun'): Promise<void> {
    const { isWorking } = this.model;
    if (isWorking.value) return;
    isWorking.set(true);
    await this.#link.act(method);
    isWorking.set(false);
  }

  #recall({ tab, part, slice, measure }: ModelPanelMemory): void {
    const { model } = this;
    if (isTab(tab)) model.tab.set(tab);
    model.part.set(part);
    model.slice.set(slice);
    model.measure.set(measure);
  }

  #remember(): void {
    const { tab, part, slice, measure } = this.model;
    const memory: ModelPanelMemory = {
      tab: tab.value,
      part: part.value,
      slice: slice.value,
      measure: measure.value,
    };
    this.#link.remember(memory);
  }
}

/** Which part figures are of; only beside tabs that show such. */
function createPartBar(model: ModelModel): HTMLElement {
  const bar = new ChoiceBar<string>('Part', model.part.value, (part) => model.part.set(part));
  const place = element('div', { className: 'scope' }, bar.element);
  const show = () => {
    const parts = model.evaluation?.parts ?? [];
    place.hidden = parts.length === 0 || !OF_PART.has(model.tab.value);
    bar.show(
      parts.map(({ part, targets }) => {
        const { label, title } = partWords(part);
        return { id: part, label, title: `${title}: ${targets.toLocaleString('en')} events` };
      }),
    );
    const shown = model.shownPart;
    if (shown !== null) bar.set(shown.part);
  };
  model.state.subscribe(show);
  model.tab.subscribe(show);
  return place;
}
