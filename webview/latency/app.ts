import type { FileToSave } from '../../src/protocol/inspectionMessages.js';
import type {
  LatencyEvents,
  LatencyMemory,
  LatencyRequests,
  LatencySettings,
} from '../../src/protocol/latencyMessages.js';
import { readLatencyState } from '../../src/protocol/latencySchemas.js';
import { RequestError, type Messenger } from '../../src/protocol/messenger.js';
import { element } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import { debounce, type Signal } from '../common/signal.js';
import type { Theme } from '../common/theme.js';
import { LatencyModel, type LatencyActions } from './model/latencyModel.js';
import { createCautions } from './panels/cautions.js';
import { createCurtain, createHeader } from './panels/chrome.js';
import { DensityCard } from './panels/densityCard.js';
import { createFiguresCard, createOverallCard } from './panels/figuresCard.js';
import { SetsCard } from './panels/setsCard.js';

export type LatencyMessenger = Messenger<LatencyRequests, LatencyEvents>;

/** A slider that moves asks no more often than this. */
const SETTINGS_DELAY_MS = 60;

const MISUNDERSTOOD = 'The extension sent a message that this view does not understand.';

/** Latencies as densities beside each other: curves, what the sets are, all figures. */
export class LatencyApp {
  readonly element: HTMLElement;
  readonly model = new LatencyModel();
  /** What was chosen and not asked for yet. */
  #chosen: Partial<LatencySettings> = {};

  constructor(
    host: Host,
    private readonly messenger: LatencyMessenger,
    theme: Signal<Theme>,
  ) {
    const { model } = this;
    const actions = this.#actions();
    this.element = element(
      'main',
      { className: 'latency-view' },
      createHeader(model, actions),
      element(
        'div',
        { className: 'latency-body' },
        createCautions(model),
        new DensityCard(model, theme, actions).element,
        createFiguresCard(model, theme, actions),
        createOverallCard(model),
        new SetsCard(model, actions).element,
      ),
      createCurtain(model),
      createNotices(model),
    );
    model.state.subscribe((state) => {
      if (state === null) return;
      const memory: LatencyMemory = { study: state.study, file: state.file };
      host.writeState(memory);
    });
  }

  /** Asks for the state; what changes by itself comes as events. */
  async start(): Promise<void> {
    this.messenger.on('latencyUpdated', (payload) => this.#accept(payload));
    try {
      this.#accept(await this.messenger.request('latencyState', {}));
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #actions(): LatencyActions {
    const change = debounce(SETTINGS_DELAY_MS, () => {
      const settings = this.model.state.value?.densities.settings;
      if (settings === undefined) return;
      void this.#change('changeSettings', { ...settings, ...this.#chosen });
    });
    return {
      addFiles: () => void this.#change('addFiles', {}),
      save: () => void this.#save(),
      changeSet: (params) => void this.#change('changeSet', params),
      removeSet: (set) => void this.#change('removeSet', { set }),
      setBaseline: (label) => void this.#change('setBaseline', { label }),
      changeSettings: (part) => {
        this.#chosen = { ...this.#chosen, ...part };
        change();
      },
      openSource: (set) => void this.#ask('openSource', { set }),
      saveFile: (file) => this.#saveFile(file),
    };
  }

  #accept(payload: unknown): void {
    const state = readLatencyState(payload);
    if (state === null) this.#tell(new Error(MISUNDERSTOOD));
    else this.model.accept(state);
  }

  async #save(): Promise<void> {
    await this.#change('saveStudy', {});
    const state = this.model.state.value;
    if (state !== null && !state.isChanged && state.file !== null) {
      this.model.notice.set({ text: `Saved ${state.file}.`, isError: false });
    }
  }

  async #saveFile(file: FileToSave): Promise<void> {
    const saved = await this.#ask('saveFile', file);
    if (saved !== null) this.model.notice.set({ text: `Saved ${saved.path}.`, isError: false });
  }

  /** Asks for a change; the answer is the state after it. */
  async #change<K extends keyof LatencyRequests>(
    method: K,
    params: LatencyRequests[K]['params'],
  ): Promise<void> {
    const answer = await this.#ask(method, params);
    if (answer !== null) this.#accept(answer);
  }

  /** Asks the host, and tells the user in passing when it refuses. */
  async #ask<K extends keyof LatencyRequests>(
    method: K,
    params: LatencyRequests[K]['params'],
  ): Promise<LatencyRequests[K]['result'] | null> {
    try {
      return await this.messenger.request(method, params);
    } catch (error) {
      this.#tell(error);
      return null;
    }
  }

  #tell(error: unknown): void {
    if (error instanceof RequestError && error.code === 'cancelled') return;
    this.model.notice.set({ text: error instanceof Error ? error.message : String(error), isError: true });
  }
}
