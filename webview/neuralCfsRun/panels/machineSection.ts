import { localTimeToSecond } from '../../../src/base/localTime.js';
import { deployedFigures, type DeployedRow } from '../../../src/protocol/deployedFigures.js';
import { DEPLOYED_MODES, type DeployedMode, type DeployedStatus } from '../../../src/protocol/deployment.js';
import type { CarriedModelView, DeployedMachineView } from '../../../src/protocol/neuralCfsRunMessages.js';
import { button, setEnabled } from '../../common/controls.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { simpleTable } from '../../common/simpleTable.js';
import { stateMark } from '../../common/stateMark.js';
import {
  alarmsOf,
  figureLines,
  identityText,
  modeObjection,
  MODES,
  remarksOf,
  stateOf,
} from '../model/deployedView.js';
import type { Act } from '../model/runModel.js';
import { figureList } from './card.js';

const KERNEL_WORDS: Readonly<
  Record<DeployedRow['kernel'], { readonly label: string; readonly title: string }>
> = {
  refused: { label: 'Refused', title: 'The kernel of its own refused the migration' },
  allowed: { label: 'Allowed', title: 'The kernel of its own allowed it, the task being cold or preferred' },
  forced: { label: 'Forced', title: 'The kernel of its own allowed it although the task is cache-hot' },
};

/** A machine: its buttons stay the same ones, so that they keep the focus while figures change. */
export class MachineSection {
  readonly element: HTMLElement;
  readonly #state = element('span', { className: 'machine-state', attributes: { role: 'status' } });
  readonly #alarms = element('div');
  readonly #details = element('div');
  readonly #asked = element('p', { className: 'chart-note' });
  readonly #modes: ReadonlyMap<DeployedMode, HTMLButtonElement>;
  readonly #modeGroup: HTMLElement;
  readonly #ask: HTMLElement;
  readonly #ofDeployed: readonly HTMLElement[];
  readonly #remove: HTMLElement;
  readonly #deploy: HTMLElement;
  readonly #shown = new Map<HTMLElement, string>();

  constructor(machine: string, act: Act) {
    this.#modes = new Map(DEPLOYED_MODES.map((mode) => [mode, modeButton(mode, machine, act)]));
    this.#modeGroup = element(
      'div',
      { className: 'choice-bar', attributes: { role: 'group', 'aria-label': `Mode on ${machine}` } },
      ...this.#modes.values(),
    );
    this.#ask = button(
      'Ask Now',
      `Ask ${machine} what it has in its kernel`,
      () => void act('askMachine', { machine }),
    );
    this.#deploy = button(
      'Deploy Here…',
      `Put this model into the kernel of ${machine}: you see every step, and agree first`,
      () => void act('deployModel', { machine }),
    );
    const retrain = button(
      'Retrain and Swap…',
      'Train the same kind of model on newer recordings, and swap it in without unloading this one',
      () => void act('retrainAndSwap', { machine }),
    );
    const measure = button(
      'Measure…',
      'How long can_migrate_task() takes with the model off, in shadow and active',
      () => void act('measureDeployed', { machine }),
    );
    this.#remove = button(
      'Remove…',
      'Take it out of the kernel, and off the disk',
      () => void act('removeDeployed', { machine }),
    );
    this.#ofDeployed = [retrain, measure];
    this.element = element(
      'section',
      { className: 'machine-section', attributes: { 'aria-label': `Kernel of ${machine}` } },
      element('div', { className: 'machine-head' }, element('h3', {}, machine), this.#state),
      element(
        'div',
        { className: 'machine-actions' },
        this.#modeGroup,
        this.#ask,
        retrain,
        measure,
        this.#deploy,
        this.#remove,
      ),
      this.#alarms,
      this.#details,
      this.#asked,
    );
  }

  show(view: DeployedMachineView, carried: CarriedModelView | string | null, isTrusted: boolean): void {
    this.#showButtons(view, isTrusted);
    const { status, failure } = view;
    const state = stateOf(view);
    this.#put(this.#state, state, () => [stateMark(state.mark), state.text]);
    this.#put(this.#alarms, [alarmsOf(view), status?.trouble, failure], () => [alarms(view)]);
    this.#put(this.#details, [status, carried], () => details(view, carried));
    this.#asked.textContent = askedText(view);
  }

  /** What did not change stays: it would be read out again, and what is selected in it be lost. */
  #put(target: HTMLElement, told: unknown, content: () => readonly Child[]): void {
    const text = JSON.stringify(told);
    if (this.#shown.get(target) === text) return;
    this.#shown.set(target, text);
    replaceContent(target, ...content());
  }

  #showButtons({ status, doing }: DeployedMachineView, isTrusted: boolean): void {
    const stats = status?.stats ?? null;
    const isFree = doing === null && isTrusted;
    this.#modeGroup.hidden = stats === null;
    for (const [mode, pressed] of this.#modes) {
      const objection = stats === null ? null : modeObjection(stats, mode);
      pressed.disabled = !isFree || objection !== null;
      pressed.title = objection ?? MODES[mode].title;
      pressed.setAttribute('aria-pressed', String(stats?.mode === mode));
    }
    for (const each of this.#ofDeployed) {
      each.hidden = stats === null;
      setEnabled(each, isFree);
    }
    this.#remove.hidden = status === null || status.state === 'none';
    this.#deploy.hidden = status === null || status.state === 'running';
    for (const each of [this.#ask, this.#remove, this.#deploy]) setEnabled(each, isFree);
  }
}

function modeButton(mode: DeployedMode, machine: string, act: Act): HTMLButtonElement {
  const { label, title } = MODES[mode];
  const made = element(
    'button',
    {
      className: 'choice',
      title,
      attributes: { type: 'button', 'aria-pressed': 'false' },
      onClick: () => {
        if (made.getAttribute('aria-pressed') !== 'true') void act('setDeployedMode', { machine, mode });
      },
    },
    label,
  );
  return made;
}

/** Loud, and read out. */
function alarms(view: DeployedMachineView): HTMLElement | null {
  const texts = alarmsOf(view);
  if (texts.length === 0) return null;
  const lines = view.status?.trouble ?? [];
  return element(
    'div',
    { className: 'machine-alarm', attributes: { role: 'alert' } },
    ...texts.map((text) => element('p', {}, stateMark('failed', 'Trouble'), element('span', {}, text))),
    lines.length === 0 ? null : element('pre', {}, lines.join('\n')),
  );
}

function details(
  { status }: DeployedMachineView,
  carried: CarriedModelView | string | null,
): (HTMLElement | null)[] {
  if (status === null || status.state === 'none') return [];
  return [
    element(
      'p',
      { className: 'machine-identity' },
      identityText(status, carried),
      ` Linux ${status.kernel}.`,
    ),
    callsTable(status),
    figureList(`Figures of ${status.machine}`, figureLines(status)),
    ...remarksOf(status).map((text) => element('p', { className: 'chart-note' }, text)),
  ];
}

/** What the kernel decided of its own, and what the model said. */
function callsTable({ stats, model, machine }: DeployedStatus): HTMLElement | null {
  if (stats === null) return null;
  const { rows } = deployedFigures(stats, model?.experiment ?? 1);
  return element(
    'div',
    { className: 'scroll-x' },
    simpleTable(
      `Calls on ${machine}`,
      [
        {
          ...{ label: 'The kernel', title: 'What it decided of its own', numeric: false },
          cell: ({ kernel }) =>
            element('span', { title: KERNEL_WORDS[kernel].title }, KERNEL_WORDS[kernel].label),
        },
        {
          label: 'Model says no',
          title: 'It said 0',
          numeric: true,
          cell: ({ saidNo }) => formatCount(saidNo),
        },
        {
          label: 'Model says yes',
          title: 'It said 1',
          numeric: true,
          cell: ({ saidYes }) => formatCount(saidYes),
        },
      ],
      rows,
    ),
  );
}

/** `Asked 2026-11-22 08:31:57; asked again …`; nothing where it was not asked. */
function askedText({ askedAtMs, state }: DeployedMachineView): string {
  if (askedAtMs === null) return '';
  const when = localTimeToSecond(new Date(askedAtMs).toISOString());
  return state.kind === 'ready' || state.kind === 'busy'
    ? `Asked ${when}; again every 5 s while this is visible and nothing else runs there.`
    : `Asked ${when}; ${state.text}.`;
}
