import type { FileToSave } from '../../src/protocol/inspectionMessages.js';
import { Messenger, RequestError } from '../../src/protocol/messenger.js';
import type { StudyEvents, StudyRequests } from '../../src/protocol/neuralCfsStudy.js';
import { readStudyState, readStudyViewState } from '../../src/protocol/neuralCfsStudySchemas.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import { debounce, type Signal } from '../common/signal.js';
import { Tabs, type Tab } from '../common/tabs.js';
import type { Theme } from '../common/theme.js';
import { StudyModel, type TabId } from './model/studyModel.js';
import type { CardContext } from './panels/cardContext.js';
import { createChoices } from './panels/choices.js';
import { createChosenCard } from './panels/chosenCard.js';
import { createColumnsCard } from './panels/columnsCard.js';
import { createCurtain } from './panels/curtain.js';
import { createCleaningCard, createCountsCard, createRecordingsCard } from './panels/dataCards.js';
import { createHeader } from './panels/header.js';
import { createNotesCard } from './panels/notesCard.js';
import { createResultsCard } from './panels/resultsCard.js';
import { createThesisCard } from './panels/thesisCard.js';
import { createThresholdCard } from './panels/thresholdCard.js';
import { createTransferCard } from './panels/transferCard.js';

const MISUNDERSTOOD = 'The extension sent a message that this view does not understand.';
/** The slider moves often. */
const SETTLE_MS = 200;

/** A study of NeuralCFS: what counts above, and below it experiments, a threshold to move, columns, transfer, data. */
export class NeuralCfsApp {
  readonly element: HTMLElement;
  readonly model = new StudyModel();
  readonly #messenger: Messenger<StudyRequests, StudyEvents>;

  constructor(host: Host, theme: Signal<Theme>) {
    const { model } = this;
    this.#messenger = new Messenger<StudyRequests, StudyEvents>(host);
    const kept = readStudyViewState(host.readState());
    if (kept !== null) model.recall(kept);
    model.onMemory(debounce(SETTLE_MS, () => host.writeState(model.memory)));
    this.element = this.#layout({ model, theme, save: (file) => this.#save(file) });
  }

  /** Asks for the study; a file that changes comes as an event. */
  async start(): Promise<void> {
    this.#messenger.on('studyUpdated', (payload) => this.#accept(payload));
    this.#messenger.on('failed', ({ message }) => this.model.failure.set(message));
    try {
      this.#accept(await this.#messenger.request('studyState', {}));
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #accept(payload: unknown): void {
    const { model } = this;
    const state = readStudyState(payload);
    if (state === null) {
      model.failure.set(MISUNDERSTOOD);
      return;
    }
    model.failure.set(null);
    model.state.set(state);
    if (state.kind === 'ready') model.announcement.set(`Study ${state.name} is shown.`);
  }

  #layout(context: CardContext): HTMLElement {
    const { model } = context;
    const tabs = new Tabs<TabId>('Parts of the study', this.#tabs(context), model.tab.value, (id) =>
      model.tab.set(id),
    );
    return element(
      'main',
      { className: 'study-view' },
      element(
        'div',
        { className: 'study-scroll' },
        createHeader(model, () => void this.#repeat()),
        element('div', { className: 'study-bar' }, tabs.bar, createChoices(model)),
        tabs.body,
      ),
      createCurtain(model),
      createNotices(model),
    );
  }

  #tabs(context: CardContext): Tab<TabId>[] {
    const cards = (...content: HTMLElement[]) => element('div', { className: 'card-grid' }, ...content);
    const open = (recording: number) => void this.#ask('openRecording', { recording });
    return [
      {
        id: 'experiments',
        label: 'Experiments',
        content: cards(createResultsCard(context), createThesisCard(context), createNotesCard(context)),
      },
      { id: 'threshold', label: 'Threshold', content: cards(createThresholdCard(context)) },
      {
        id: 'columns',
        label: 'Columns',
        content: cards(createColumnsCard(context), createChosenCard(context)),
      },
      { id: 'transfer', label: 'Transfer', content: cards(createTransferCard(context)) },
      {
        id: 'data',
        label: 'Data',
        content: cards(
          createCountsCard(context),
          createCleaningCard(context),
          createRecordingsCard(context, open),
        ),
      },
    ];
  }

  async #repeat(): Promise<void> {
    const { isRepeating } = this.model;
    if (isRepeating.value) return;
    isRepeating.set(true);
    await this.#ask('repeatStudy', {});
    isRepeating.set(false);
  }

  async #save(file: FileToSave): Promise<void> {
    const saved = await this.#ask('saveFile', file);
    if (saved !== null) this.model.notice.set({ text: `Saved ${saved.path}.`, isError: false });
  }

  /** Asks the host, and tells the user in passing when it refuses. */
  async #ask<K extends keyof StudyRequests>(
    method: K,
    params: StudyRequests[K]['params'],
  ): Promise<StudyRequests[K]['result'] | null> {
    try {
      return await this.#messenger.request(method, params);
    } catch (error) {
      const isClosed = error instanceof RequestError && error.code === 'cancelled';
      const text = error instanceof Error ? error.message : String(error);
      if (!isClosed) this.model.notice.set({ text, isError: true });
      return null;
    }
  }
}
