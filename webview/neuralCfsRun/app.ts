import { Messenger, RequestError } from '../../src/protocol/messenger.js';
import type { ModelRunEvents, ModelRunRequests } from '../../src/protocol/neuralCfsRunMessages.js';
import {
  readCarriedModel,
  readDeployedMachines,
  readModelRunState,
} from '../../src/protocol/neuralCfsRunSchemas.js';
import { failureCover, loadingCover } from '../common/curtain.js';
import { element, replaceContent } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import { RunModel, type Act } from './model/runModel.js';
import { createCarriedCard } from './panels/carriedCard.js';
import { createHeader } from './panels/header.js';
import { createKernelCard } from './panels/kernelCard.js';
import { createInputsCard, createJudgementCard, createRecordingsCard } from './panels/runCards.js';

const MISUNDERSTOOD = 'The extension sent a message that this view does not understand.';

/** A trained model of migrations: what it is and is worth, what it takes, and where it is in a kernel. */
export class ModelRunApp {
  readonly element: HTMLElement;
  readonly model = new RunModel();
  readonly #messenger: Messenger<ModelRunRequests, ModelRunEvents>;
  /** Whose carried forms are shown. */
  #made = '';

  constructor(host: Host) {
    this.#messenger = new Messenger<ModelRunRequests, ModelRunEvents>(host);
    this.element = this.#layout();
  }

  /** Asks for the run and the machines; what changes comes as events. */
  async start(): Promise<void> {
    const { model } = this;
    this.#messenger.on('modelRunUpdated', (payload) => this.#accept(payload));
    this.#messenger.on('failed', ({ message }) => model.failure.set(message));
    this.#messenger.on('deployedUpdated', (payload) => this.#acceptMachines(payload));
    try {
      this.#accept(await this.#messenger.request('modelRunState', {}));
    } catch (error) {
      model.failure.set(messageOf(error));
    }
    try {
      this.#acceptMachines(await this.#messenger.request('deployedMachines', {}));
    } catch (error) {
      this.#tell(error);
    }
  }

  #accept(payload: unknown): void {
    const { model } = this;
    const state = readModelRunState(payload);
    if (state === null) {
      model.failure.set(MISUNDERSTOOD);
      return;
    }
    model.failure.set(null);
    model.state.set(state);
    model.announcement.set(`Model ${state.name} is shown.`);
    if (state.run.made !== this.#made) void this.#carry(state.run.made);
  }

  async #carry(made: string): Promise<void> {
    const { carried } = this.model;
    this.#made = made;
    carried.set(null);
    const result = await this.#messenger.request('carriedModel', {}).then(
      (value) => readCarriedModel(value) ?? MISUNDERSTOOD,
      (error: unknown) => messageOf(error),
    );
    // Another version may have come meanwhile.
    if (made === this.#made) carried.set(result);
  }

  #acceptMachines(payload: unknown): void {
    const machines = readDeployedMachines(payload);
    if (machines === null) this.#tell(new Error(MISUNDERSTOOD));
    else this.model.machines.set(machines);
  }

  readonly #act: Act = async (method, params) => {
    try {
      await this.#messenger.request(method, params);
    } catch (error) {
      this.#tell(error);
    }
  };

  #tell(error: unknown): void {
    if (error instanceof RequestError && error.code === 'cancelled') return;
    this.model.notice.set({ text: messageOf(error), isError: true });
  }

  #layout(): HTMLElement {
    const { model } = this;
    const act = this.#act;
    return element(
      'main',
      { className: 'study-view run-view' },
      element(
        'div',
        { className: 'study-scroll', attributes: { tabindex: '-1' } },
        createHeader(model, act),
        element(
          'div',
          { className: 'card-grid' },
          createKernelCard(model, act),
          createJudgementCard(model),
          createCarriedCard(model),
          createInputsCard(model),
          createRecordingsCard(model, act),
        ),
      ),
      createCurtain(model),
      createNotices(model),
    );
  }
}

/** Covers the view before the run is there, and says why when it cannot be shown. */
function createCurtain(model: RunModel): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    curtain.hidden = failure === null && model.state.value !== null;
    curtain.classList.toggle('failed', failure !== null);
    replaceContent(
      curtain,
      failure === null
        ? loadingCover('Reading the model')
        : failureCover('This model cannot be shown', element('pre', {}, failure)),
    );
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
