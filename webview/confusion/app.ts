import type {
  ConfusionMemory,
  ConfusionQuery,
  ConfusionRequests,
} from '../../src/protocol/confusionMessages.js';
import { readConfusionMemory, readConfusionState } from '../../src/protocol/confusionSchemas.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { InspectionLink } from '../common/inspection.js';
import { createNotices } from '../common/notices.js';
import { debounce, type Signal } from '../common/signal.js';
import { Tabs } from '../common/tabs.js';
import type { Theme } from '../common/theme.js';
import { MatrixArea } from './matrix/matrixView.js';
import { ConfusionModel } from './model/confusionModel.js';
import { eventsText } from './model/words.js';
import { createConfusionsTable } from './panels/confusionsTable.js';
import { createCurtain } from './panels/curtain.js';
import { EventsPanel } from './panels/eventsPanel.js';
import { createExports } from './panels/exports.js';
import { createHeader } from './panels/header.js';
import { createLegend } from './panels/legend.js';
import { createToolbar } from './panels/toolbar.js';

/** Between movements of the slider. */
const SETTLE_MS = 120;

/** What a model takes for what: the matrix, its largest confusions, and the events of a cell. */
export class ConfusionApp {
  readonly element: HTMLElement;
  readonly model = new ConfusionModel();
  readonly #link: InspectionLink<ConfusionRequests, object>;
  readonly #matrix: MatrixArea;
  readonly #tabs: Tabs<'largest' | 'events'>;
  /** What is wanted; `null`: what the host shows first. */
  #query: ConfusionQuery | null = null;
  #version = 0;

  constructor(host: Host, theme: Signal<Theme>) {
    const { model } = this;
    this.#link = new InspectionLink(host, model);
    this.#restore(readConfusionMemory(this.#link.remembered));
    this.#matrix = new MatrixArea(model, theme);
    const events = new EventsPanel(model, this.#link);
    this.#tabs = new Tabs(
      'Beside the matrix',
      [
        { id: 'largest', label: 'Largest confusions', content: createConfusionsTable(model) },
        { id: 'events', label: 'Events', content: events.element },
      ],
      model.listed.value === null ? 'largest' : 'events',
      () => undefined,
    );
    model.listed.subscribe((listed) => {
      this.#remember();
      if (listed !== null) this.#tabs.select('events');
    });
    model.normalisation.subscribe(() => this.#remember());
    this.element = this.#layout(theme);
  }

  async start(): Promise<void> {
    await this.#link.start(() => this.#load());
  }

  #restore(memory: ConfusionMemory | null): void {
    if (memory === null) return;
    this.#query = memory.query;
    this.model.normalisation.set(memory.normalisation);
    this.model.listed.set(memory.cell);
  }

  #remember(): void {
    const { normalisation, listed } = this.model;
    const memory: ConfusionMemory = {
      query: this.#query,
      normalisation: normalisation.value,
      cell: listed.value,
    };
    this.#link.remember(memory);
  }

  /** Asks for the matrix that is wanted; an answer that another question overtook is dropped. */
  async #load(): Promise<void> {
    const version = ++this.#version;
    try {
      const answer = await this.#link.request('confusionState', { query: this.#query });
      if (version !== this.#version) return;
      const state = readConfusionState(answer);
      if (state === null) throw this.#link.misunderstood();
      this.model.accept(state);
      if (state.kind === 'ready') this.#query = state.matrix.query;
      this.#remember();
    } catch (error) {
      if (version !== this.#version) return;
      if (this.model.state.value !== null) throw error;
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const reload = debounce(SETTLE_MS, () => {
      this.#load().then(
        () => this.#announce(),
        (error: unknown) => this.#link.tell(error),
      );
    });
    const ask = (changes: Partial<ConfusionQuery>) => {
      const query = this.#query ?? model.query;
      if (query === null) return;
      this.#query = { ...query, ...changes };
      // An answer that is on its way is of an older wish, and must not take this one back.
      this.#version += 1;
      reload();
    };
    const evaluate = () => void this.#link.act('evaluateRun');
    const exports = createExports(model, theme, this.#matrix, (file) => this.#link.save(file));
    return element(
      'main',
      { className: 'confusion-view' },
      createHeader(model, exports, evaluate),
      createToolbar(model, ask),
      element(
        'div',
        { className: 'confusion-body' },
        element(
          'section',
          { className: 'matrix-side', attributes: { 'aria-label': 'Matrix' } },
          createLegend(model, theme),
          this.#matrix.element,
        ),
        element(
          'section',
          { className: 'list-side', attributes: { 'aria-label': 'Lists' } },
          this.#tabs.bar,
          this.#tabs.body,
        ),
      ),
      createCurtain(model, evaluate),
      createNotices(model),
    );
  }

  #announce(): void {
    const { value } = this.model.state;
    if (value?.kind !== 'ready') return;
    const { classes, events } = value.matrix;
    this.model.announcement.set(`Matrix of ${classes.length} classes and ${eventsText(events)}.`);
  }
}
