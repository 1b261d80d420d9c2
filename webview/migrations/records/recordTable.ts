import type {
  MigrationViewState,
  RecordRow,
  RecordSortKey,
} from '../../../src/protocol/migrationMessages.js';
import { element } from '../../common/dom.js';
import { VirtualTable, type Sorting } from '../../common/table.js';
import type { RecordsClient } from '../model/recordsClient.js';
import type { RecordsModel } from '../model/recordsModel.js';
import { FilterBar } from './filterBar.js';
import { recordColumns } from './recordColumns.js';

const inOrderOfFile: Sorting<RecordSortKey> = { key: 'row', descending: false };

/** All calls, one row each, paged from the worker; the bar above filters them and holds what can be done with them. */
export class RecordTable {
  readonly element: HTMLElement;
  readonly #model: RecordsModel;
  readonly #client: RecordsClient;
  readonly #bar: FilterBar;
  readonly #place = element('div', { className: 'table-place' });
  /** Made when the columns of the file are known. */
  #table: VirtualTable<RecordRow, RecordSortKey> | null = null;
  #hasComms = false;
  #sorting = inOrderOfFile;

  constructor(model: RecordsModel, client: RecordsClient, onSort: () => void) {
    this.#model = model;
    this.#client = client;
    this.#bar = new FilterBar(model, {
      save: () => void client.save(),
      showLine: (line) => void client.showLine(line),
    });
    this.element = element(
      'section',
      { className: 'records', attributes: { 'aria-label': 'Calls' } },
      this.#bar.element,
      this.#place,
    );
    model.summary.observe((summary) => {
      if (summary === null) return;
      if (this.#table === null || this.#hasComms !== summary.hasComms) {
        this.#hasComms = summary.hasComms;
        this.#create(onSort);
      }
      this.#table?.reload();
    });
    model.filter.subscribe(() => {
      this.#table?.scrollToTop();
      this.#table?.reload();
    });
    model.chosen.subscribe((row) => this.#table?.mark(row?.row ?? null));
  }

  get sorting(): Sorting<RecordSortKey> {
    return this.#table?.sorting ?? this.#sorting;
  }

  restore({ sort, descending }: MigrationViewState): void {
    this.#sorting = { key: sort, descending };
  }

  focusFilter(): void {
    this.#bar.focus();
  }

  #create(onSort: () => void): void {
    const { summary, chosen } = this.#model;
    let known = JSON.stringify(this.#sorting);
    this.#table = new VirtualTable<RecordRow, RecordSortKey>({
      label: 'Calls of can_migrate_task',
      columns: recordColumns(
        { summary: () => summary.value, showLine: (line) => void this.#client.showLine(line) },
        this.#hasComms,
      ),
      sorting: this.#sorting,
      fetch: async (sorting, offset, limit) => {
        const filter = this.#model.filter.value;
        const answer = await this.#client.request('records', {
          filter,
          sort: sorting.key,
          descending: sorting.descending,
          offset,
          limit,
        });
        if (filter === this.#model.filter.value) this.#bar.showTotal(answer.total);
        if (JSON.stringify(sorting) !== known) {
          known = JSON.stringify(sorting);
          onSort();
        }
        return answer;
      },
      keyOf: (row) => row.row,
      onOpen: (row) => chosen.set(row),
      onError: (error) => this.#client.report(error),
      emptyText: 'No call matches this filter.',
    });
    this.#place.replaceChildren(this.#table.element);
  }
}
