import type { MachineEvents, MachineRequests, MachineView } from '../../../src/protocol/machineMessages.js';
import { readMachineView } from '../../../src/protocol/machineSchemas.js';
import type { Messenger } from '../../../src/protocol/messenger.js';
import { button, setEnabled } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Host } from '../../common/host.js';
import { createNotices } from '../../common/notices.js';
import { createProgressBar } from '../../common/progressBar.js';
import { stateMark, type Mark } from '../../common/stateMark.js';
import { ViewModel } from '../viewModel.js';
import { checklist } from './checklist.js';

const stateMarks: Readonly<Record<MachineView['state']['kind'], Mark>> = {
  disconnected: 'waiting',
  connecting: 'running',
  ready: 'passed',
  busy: 'running',
  lost: 'failed',
};

/** One test machine: its state, what is known of it, and the checklist. */
export class MachineApp {
  readonly element: HTMLElement;
  readonly model = new ViewModel<MachineView>();
  readonly #messenger: Messenger<MachineRequests, MachineEvents>;

  constructor(messenger: Messenger<MachineRequests, MachineEvents>, host: Pick<Host, 'writeState'>) {
    this.#messenger = messenger;
    const { model } = this;
    const bar = createProgressBar('Checking the machine');
    const body = element('div', { className: 'machine-body', attributes: { tabindex: '-1' } });
    this.element = element(
      'main',
      { className: 'machine-view' },
      this.#header(),
      bar.element,
      body,
      createNotices(model),
    );
    model.view.subscribe((view, previous) => {
      if (view === null) return;
      if (previous?.name !== view.name) host.writeState({ name: view.name });
      bar.show(view.isChecking ? null : 'done');
      replaceContent(body, ...this.#content(view));
      if (previous?.isChecking === true && !view.isChecking) model.announcement.set(summaryOf(view));
    });
  }

  /** Asks for the machine; what changes comes as events. */
  async start(): Promise<void> {
    this.#messenger.on('machineUpdated', (payload) => this.model.accept(payload, readMachineView));
    try {
      this.model.accept(await this.#messenger.request('machineState', {}), readMachineView);
    } catch (error) {
      this.model.complain(error instanceof Error ? error.message : String(error));
    }
  }

  #header(): HTMLElement {
    const name = element('h1', {}, 'Test machine');
    const state = element('span', { className: 'machine-state', attributes: { role: 'status' } });
    const ask = (method: 'checkMachine' | 'installMissing' | 'collect' | 'showLog') => () =>
      void this.model.attempt(this.#messenger.request(method, {}));
    const install = button(
      'Install What Is Missing…',
      'Shows the command first and runs it only when you agree',
      ask('installMissing'),
    );
    const check = button('Check Again', 'Runs all checks on the machine', ask('checkMachine'));
    const collect = button('Collect Recording…', 'Records this machine’s scheduler', ask('collect'), false);
    this.model.view.subscribe((view) => {
      if (view === null) return;
      name.textContent = view.name;
      replaceContent(state, stateMark(stateMarks[view.state.kind]), view.state.text);
      check.textContent = view.checks === null ? 'Check Machine' : 'Check Again';
      setEnabled(check, !view.isChecking);
      install.hidden = view.install === null;
    });
    install.hidden = true;
    return element(
      'header',
      { className: 'work-header' },
      element('div', { className: 'work-title' }, name, state),
      element(
        'div',
        { className: 'work-actions' },
        collect,
        check,
        install,
        button('Show Log', 'What was run on machines, and how it went', ask('showLog')),
      ),
    );
  }

  #content(view: MachineView): (HTMLElement | null)[] {
    return [
      view.failure === null
        ? null
        : element('p', { className: 'work-failure', attributes: { role: 'alert' } }, view.failure),
      view.facts.length === 0 ? null : facts(view),
      view.checks === null
        ? element(
            'p',
            { className: 'empty' },
            view.isChecking ? 'Asking the machine…' : 'This machine was not checked yet.',
          )
        : element(
            'p',
            { className: 'check-summary' },
            summaryOf(view),
            element('span', { className: 'muted' }, checkedAt(view)),
          ),
      view.checks === null
        ? null
        : checklist(
            view.checks,
            (command) => void this.model.attempt(this.#messenger.request('copyCommand', { command })),
          ),
    ];
  }
}

function facts({ facts: known }: MachineView): HTMLElement {
  const pairs = known.map(({ label, value }) =>
    element('div', {}, element('dt', {}, label), element('dd', { title: value }, value)),
  );
  return element('dl', { className: 'machine-facts', attributes: { 'aria-label': 'Facts' } }, ...pairs);
}

/** `21 passed, 2 warnings, 1 failed, 1 unknown`: what is none is left out. */
export function summaryOf({ checks }: Pick<MachineView, 'checks'>): string {
  if (checks === null) return '';
  const count = (status: string) => checks.filter((check) => check.status === status).length;
  const parts = [
    [count('failed'), 'failed'],
    [count('warning'), count('warning') === 1 ? 'warning' : 'warnings'],
    [count('unknown'), 'unknown'],
    [count('passed'), 'passed'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(', ');
}

function checkedAt({ checkedAtMs }: MachineView): string {
  return checkedAtMs === null ? '' : ` · checked at ${new Date(checkedAtMs).toLocaleTimeString('en-GB')}`;
}
