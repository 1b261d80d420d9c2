import { readWorkView } from '../../../src/protocol/machineSchemas.js';
import type {
  WorkEvents,
  WorkRequests,
  WorkStatus,
  WorkView,
} from '../../../src/protocol/machineWorkMessages.js';
import type { Messenger } from '../../../src/protocol/messenger.js';
import { button, setEnabled } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { createNotices } from '../../common/notices.js';
import { createProgressBar } from '../../common/progressBar.js';
import { stateMark, type Mark } from '../../common/stateMark.js';
import { ViewModel } from '../viewModel.js';
import { createArtifacts } from './artifacts.js';
import { createLanes } from './lanes.js';
import { createMatrix } from './matrix.js';

const statusTexts: Readonly<Record<WorkStatus, { readonly mark: Mark; readonly text: string }>> = {
  running: { mark: 'running', text: 'running' },
  stopping: { mark: 'running', text: 'stopping: what was collected is kept' },
  cancelling: { mark: 'running', text: 'cancelling: what was collected is dropped' },
  done: { mark: 'passed', text: 'done' },
  failed: { mark: 'failed', text: 'failed' },
  cancelled: { mark: 'dropped', text: 'cancelled' },
};

/** Work on test machines: what runs where, with its counters, and what came of it. */
export class WorkApp {
  readonly element: HTMLElement;
  readonly model = new ViewModel<WorkView>();
  readonly #messenger: Messenger<WorkRequests, WorkEvents>;

  constructor(messenger: Messenger<WorkRequests, WorkEvents>) {
    this.#messenger = messenger;
    const { model } = this;
    const bar = createProgressBar('Progress of the work');
    model.view.subscribe((view, previous) => {
      if (view === null) return;
      bar.show(isOver(view.status) ? 'done' : view.share);
      if (previous !== null && previous.status !== view.status) {
        model.announcement.set(`${view.title}: ${statusTexts[view.status].text}`);
      }
    });
    this.element = element(
      'main',
      { className: 'work-view' },
      this.#header(),
      bar.element,
      element(
        'div',
        { className: 'work-body' },
        createLanes(model.view),
        createMatrix(model.view),
        createArtifacts(
          model.view,
          (path) => void model.attempt(this.#messenger.request('openArtifact', { path })),
        ),
        createRemarks(model),
      ),
      createNotices(model),
    );
  }

  /** Asks for the work; what changes comes as events. */
  async start(): Promise<void> {
    this.#messenger.on('workUpdated', (payload) => this.model.accept(payload, readWorkView));
    try {
      this.model.accept(await this.#messenger.request('workState', {}), readWorkView);
    } catch (error) {
      this.model.complain(error instanceof Error ? error.message : String(error));
    }
  }

  #header(): HTMLElement {
    const title = element('h1', {}, 'Work on test machines');
    const state = element('span', { className: 'machine-state', attributes: { role: 'status' } });
    const description = element('div', { className: 'work-description' });
    const ask = (method: 'stopWork' | 'cancelWork' | 'showWorkLog') => () =>
      void this.model.attempt(this.#messenger.request(method, {}));
    const stop = button('Stop', 'Finishes now and keeps what was collected', ask('stopWork'), false);
    const cancel = button('Cancel', 'Drops what is being collected', ask('cancelWork'));
    this.model.view.subscribe((view, previous) => {
      if (view === null) return;
      title.textContent = view.title;
      description.textContent = view.description;
      const { mark, text } = statusTexts[view.status];
      if (previous?.status !== view.status) replaceContent(state, stateMark(mark), text);
      stop.hidden = isOver(view.status);
      cancel.hidden = isOver(view.status);
      setEnabled(stop, view.status === 'running');
      setEnabled(cancel, view.status === 'running' || view.status === 'stopping');
    });
    return element(
      'header',
      { className: 'work-header' },
      element('div', { className: 'work-title' }, title, state, description),
      element(
        'div',
        { className: 'work-actions' },
        stop,
        cancel,
        button('Show Log', 'What was run on machines, and how it went', ask('showWorkLog')),
      ),
    );
  }
}

export function isOver(status: WorkStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}

function createRemarks(model: ViewModel<WorkView>): HTMLElement {
  const list = element('ul', {});
  const section = element(
    'section',
    { className: 'remarks', attributes: { 'aria-label': 'Remarks' } },
    element('h2', {}, 'To know'),
    list,
  );
  section.hidden = true;
  model.view.subscribe((view, previous) => {
    if (view === null) return;
    section.hidden = view.remarks.length === 0;
    if (JSON.stringify(view.remarks) === JSON.stringify(previous?.remarks)) return;
    const marks = { error: 'failed', warning: 'warning', info: 'unknown' } as const;
    list.replaceChildren(
      ...view.remarks.map(({ severity, machine, text }) =>
        element(
          'li',
          { className: severity },
          stateMark(marks[severity], severity),
          element('span', {}, machine === null ? text : `${machine}: ${text}`),
        ),
      ),
    );
  });
  return section;
}
