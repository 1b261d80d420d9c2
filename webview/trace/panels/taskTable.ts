import type { TaskRow, TaskSortKey, TimeRange } from '../../../src/protocol/traceMessages.js';
import { button, textField, type TextField } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { debounce, Signal } from '../../common/signal.js';
import { VirtualTable } from '../../common/table.js';
import type { ThemeKind } from '../../common/theme.js';
import type { ThreadDirectory } from '../model/threadDirectory.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';
import { taskColumns } from './taskColumns.js';

export interface TaskPanelDeps {
  readonly model: TraceModel;
  readonly client: TraceClient;
  readonly directory: ThreadDirectory;
  readonly themeKind: () => ThemeKind;
  readonly selectThread: (thread: number) => void;
  /** Shows a wait of a thread. */
  readonly jump: (thread: number, wait: TimeRange) => void;
}

/** All tasks with what they did, of the whole trace or the selected range. */
export class TaskPanel {
  readonly element: HTMLElement;
  readonly filter = new Signal('');
  readonly #deps: TaskPanelDeps;
  readonly #table: VirtualTable<TaskRow, TaskSortKey>;
  readonly #field: TextField;
  readonly #count = element('span', { className: 'count', attributes: { role: 'status' } });

  constructor(deps: TaskPanelDeps) {
    this.#deps = deps;
    const { client, directory, model } = deps;
    this.#table = new VirtualTable<TaskRow, TaskSortKey>({
      label: 'Tasks',
      columns: taskColumns({
        themeKind: deps.themeKind,
        jump: (row, wait) => deps.jump(row.thread, wait),
      }),
      sorting: { key: 'runtimeNs', descending: true },
      fetch: async (sorting, offset, limit) => {
        const filter = this.filter.value;
        const answer = await client.request('tasks', {
          range: model.selection.value,
          filter,
          sort: sorting.key,
          descending: sorting.descending,
          offset,
          limit,
        });
        directory.add(answer.rows);
        this.#count.textContent = `${formatCount(answer.total)} ${answer.total === 1 ? 'task' : 'tasks'}`;
        return answer;
      },
      keyOf: (row) => row.thread,
      onOpen: (row) => deps.selectThread(row.thread),
      onError: (error) => client.report(error),
      emptyText: 'No task matches.',
    });
    const apply = debounce(120, () => {
      this.filter.set(this.#field.value);
      this.#table.scrollToTop();
      this.#table.reload();
    });
    this.#field = textField('Filter tasks by name or pid', 'Filter by name or pid', apply);
    const bar = element(
      'div',
      { className: 'panel-bar' },
      this.#field.element,
      this.#count,
      element('span', { className: 'grow' }),
      button(
        'Copy as CSV',
        'Copy the whole table, with the filter and range applied, as CSV',
        () => void this.#copy(),
      ),
    );
    this.element = element('div', { className: 'panel-content' }, bar, this.#table.element);
    model.thread.observe((thread) => this.#table.mark(thread));
  }

  /** Sets the filter from a restored state. */
  restoreFilter(text: string): void {
    this.#field.value = text;
    this.filter.set(text);
  }

  reload(): void {
    this.#table.reload();
  }

  async #copy(): Promise<void> {
    const { client, model } = this.#deps;
    const text = await client.ask('tasksCsv', { range: model.selection.value, filter: this.filter.value });
    if (text === undefined) return;
    if ((await client.ask('copyText', { text, what: 'task table' })) !== undefined)
      model.note('Copied the task table as CSV.');
  }
}
