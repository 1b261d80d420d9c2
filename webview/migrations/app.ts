import type { MigrationViewState } from '../../src/protocol/migrationMessages.js';
import { element, isTyping } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import { debounce, type Signal } from '../common/signal.js';
import { Splitter } from '../common/splitter.js';
import type { Theme } from '../common/theme.js';
import { createCurtain, createHeader, createReadingBar } from './chrome.js';
import { RecordsClient, type RecordsMessenger } from './model/recordsClient.js';
import { RecordsModel } from './model/recordsModel.js';
import { readFailure, readRecordsState, readViewState } from './model/validate.js';
import { RecordTable } from './records/recordTable.js';
import { createSummaryPanel } from './summary/summaryPanel.js';

/** The view of migration records: a summary above, all calls below. */
export class RecordsApp {
  readonly element: HTMLElement;
  readonly model = new RecordsModel();
  readonly #host: Host;
  readonly #messenger: RecordsMessenger;
  readonly #client: RecordsClient;
  readonly #table: RecordTable;

  constructor(host: Host, messenger: RecordsMessenger, theme: Signal<Theme>) {
    const { model } = this;
    this.#host = host;
    this.#messenger = messenger;
    this.#client = new RecordsClient(messenger, model);
    const save = debounce(250, () => this.#save());
    this.#table = new RecordTable(model, this.#client, save);
    this.element = this.#layout(theme);
    const state = readViewState(host.readState());
    if (state !== null) {
      this.#table.restore(state);
      model.filter.set(state.filter);
    }
    model.filter.subscribe(save);
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Asks for the records; what changes comes as events. */
  async start(): Promise<void> {
    this.#messenger.on('recordsUpdated', (payload) => this.#accept(payload));
    this.#messenger.on('failed', (payload) => this.model.failure.set(readFailure(payload).message));
    try {
      this.#accept(await this.#client.request('recordsState', {}));
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #accept(payload: unknown): void {
    const state = readRecordsState(payload);
    const { model } = this;
    if (state === null) {
      model.complain('The extension sent a message that this view does not understand.');
      return;
    }
    model.failure.set(null);
    if (state.kind === 'reading') {
      model.progress.set(state.progress);
      return;
    }
    // Rows of an earlier reading mean nothing now.
    model.chosen.set(null);
    model.summary.set(state.summary);
    model.progress.set(null);
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const { model } = this;
    const summary = createSummaryPanel(model, theme, (line) => void this.#client.showLine(line));
    const records = this.#table.element;
    const total = () => summary.offsetHeight + records.offsetHeight;
    const splitter = new Splitter({
      label: 'Height of the table',
      minimumPx: 140,
      total,
      preferred: () => Math.round(total() * 0.38),
      apply: (sizePx) => {
        records.style.height = `${sizePx}px`;
      },
    });
    const root = element(
      'main',
      { className: 'records-view' },
      createHeader(model),
      createReadingBar(model),
      summary,
      splitter.element,
      records,
      createCurtain(model),
      createNotices(model),
    );
    splitter.follow(root);
    return root;
  }

  #save(): void {
    const { key, descending } = this.#table.sorting;
    const state: MigrationViewState = { filter: this.model.filter.value, sort: key, descending };
    this.#host.writeState(state);
  }

  /** `/` goes to the filter, as in the trace view's search. */
  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || isTyping(event.target) || event.key !== '/') return;
    event.preventDefault();
    this.#table.focusFilter();
  }
}
