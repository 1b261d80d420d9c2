import type { WakerRow } from '../../../src/protocol/traceMessages.js';
import { checkbox, type Checkbox } from '../../common/controls.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount, formatDuration, formatDurationExact } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';
import { orUnknown } from './taskColumns.js';

/** Pairs beyond these are rare ones: the answer is sorted by count. */
const mostPairs = 300;

/** Who woke whom, how often, and how long the woken one then waited. */
export class WakersPanel {
  readonly element: HTMLElement;
  readonly #model: TraceModel;
  readonly #client: TraceClient;
  readonly #columns: readonly SimpleColumn<WakerRow>[];
  readonly #onlyThread: Checkbox;
  readonly #list = element('div', { className: 'scrolling' });
  #version = 0;

  constructor(model: TraceModel, client: TraceClient, selectThread: (thread: number) => void) {
    this.#model = model;
    this.#client = client;
    const task = (comm: string, pid: number, thread: number) =>
      linkButton(`${comm} · ${pid}`, 'Select this thread', () => selectThread(thread));
    this.#columns = [
      {
        label: 'Waker',
        title: 'The task that ran when the wakeup happened',
        numeric: false,
        cell: (row) => task(row.wakerComm, row.wakerPid, row.wakerThread),
      },
      {
        label: 'Woken',
        title: 'The task that became runnable',
        numeric: false,
        cell: (row) => task(row.wokenComm, row.wokenPid, row.wokenThread),
      },
      { label: 'Wakeups', title: 'How often', numeric: true, cell: (row) => formatCount(row.count) },
      {
        label: 'Latency mean',
        title: 'Wakeup latency of these wakeups, mean',
        numeric: true,
        cell: (row) => orUnknown(row.latencyMeanNs, formatDuration, formatDurationExact),
      },
      {
        label: 'Latency max',
        title: 'Wakeup latency of these wakeups, worst case',
        numeric: true,
        cell: (row) => orUnknown(row.latencyMaxNs, formatDuration, formatDurationExact),
      },
    ];
    this.#onlyThread = checkbox('Only wakeups by or of the selected thread', false, () => void this.reload());
    this.element = element(
      'div',
      { className: 'panel-content' },
      element('div', { className: 'panel-bar' }, this.#onlyThread.element),
      this.#list,
    );
    model.thread.subscribe(() => {
      if (this.#onlyThread.checked) void this.reload();
    });
  }

  async reload(): Promise<void> {
    const version = ++this.#version;
    const thread = this.#onlyThread.checked ? this.#model.thread.value : null;
    const answer = await this.#client.ask('wakers', {
      range: this.#model.selection.value,
      thread,
      limit: mostPairs,
    });
    if (answer === undefined || version !== this.#version) return;
    const unknown = this.#model.summary.value?.hasWakeups === false;
    const empty = unknown ? 'Wakers are unknown: no wakeups in this format.' : 'No wakeups here.';
    const content =
      answer.rows.length === 0
        ? element('p', { className: 'empty' }, empty)
        : simpleTable('Who woke whom', this.#columns, answer.rows);
    replaceContent(this.#list, content);
  }
}
