import { element, replaceContent, type Child } from './dom.js';
import { rowWindow } from './rowWindow.js';

export interface Column<Row, Key extends string> {
  readonly key: Key;
  readonly label: string;
  readonly title: string;
  readonly numeric: boolean;
  /** Least width in px; in wider tables all columns grow alike. */
  readonly widthPx: number;
  readonly cell: (row: Row) => Child;
}

export interface Sorting<Key extends string> {
  readonly key: Key;
  readonly descending: boolean;
}

export interface TableOptions<Row, Key extends string> {
  readonly label: string;
  readonly columns: readonly Column<Row, Key>[];
  readonly sorting: Sorting<Key>;
  /** Rows `offset` … `offset + limit` in the given order, and how many there are in all. */
  readonly fetch: (
    sorting: Sorting<Key>,
    offset: number,
    limit: number,
  ) => Promise<{ total: number; rows: readonly Row[] }>;
  /** Names a row over reloads, for marking the current one. */
  readonly keyOf: (row: Row) => number;
  readonly onOpen: (row: Row) => void;
  readonly onError: (error: unknown) => void;
  readonly emptyText: string;
}

const rowHeightPx = 24;
const pageRows = 100;

/**
 * A sortable table of any length: a real `<table>`, of which only the rows in sight exist, fetched in pages.
 * Arrow keys, Page Up and Down, Home and End move between rows; Enter opens one.
 */
export class VirtualTable<Row, Key extends string> {
  readonly element: HTMLElement;
  readonly #options: TableOptions<Row, Key>;
  readonly #body = element('tbody');
  readonly #table: HTMLTableElement;
  readonly #headers = new Map<Key, HTMLTableCellElement>();
  readonly #empty: HTMLElement;
  readonly #rows = new Map<number, Row>();
  readonly #freshPages = new Set<number>();
  readonly #askedPages = new Set<number>();
  #sorting: Sorting<Key>;
  #total = 0;
  #version = 0;
  #active = 0;
  #marked: number | null = null;

  constructor(options: TableOptions<Row, Key>) {
    this.#options = options;
    this.#sorting = options.sorting;
    const head = element('tr', {}, ...options.columns.map((column) => this.#header(column)));
    const columns = options.columns.map((column) => {
      const col = element('col');
      col.style.width = `${column.widthPx}px`;
      return col;
    });
    this.#table = element(
      'table',
      { className: 'data', attributes: { 'aria-label': options.label } },
      element('colgroup', {}, ...columns),
      element('thead', {}, head),
      this.#body,
    );
    this.#table.style.minWidth = `${options.columns.reduce((sum, column) => sum + column.widthPx, 0)}px`;
    this.#empty = element('p', { className: 'empty' }, options.emptyText);
    this.#empty.hidden = true;
    this.element = element('div', { className: 'table-scroll' }, this.#table, this.#empty);
    this.element.addEventListener('scroll', () => this.#render(), { passive: true });
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
    this.#body.addEventListener('focusin', (event) => {
      const row = event.target instanceof Element ? event.target.closest('tr') : null;
      const index = Number(row?.dataset['index']);
      if (Number.isInteger(index)) this.#active = index;
    });
    new ResizeObserver(() => this.#render()).observe(this.element);
    this.#showSorting();
  }

  get sorting(): Sorting<Key> {
    return this.#sorting;
  }

  get total(): number {
    return this.#total;
  }

  /** Asks again for everything; what is shown stays until the answer is there. */
  reload(): void {
    this.#version++;
    this.#freshPages.clear();
    this.#askedPages.clear();
    this.#render();
    // With nothing known yet there is no row in sight that would ask.
    this.#ask(0);
  }

  scrollToTop(): void {
    this.element.scrollTop = 0;
    this.#active = 0;
  }

  /** Marks the row of a key as the current one. */
  mark(key: number | null): void {
    this.#marked = key;
    this.#render();
  }

  #header(column: Column<Row, Key>): HTMLTableCellElement {
    const label = element(
      'button',
      {
        className: 'sort',
        title: column.title,
        attributes: { type: 'button' },
        onClick: () => this.#sortBy(column),
      },
      column.label,
    );
    const cell = element(
      'th',
      { className: column.numeric ? 'numeric' : '', attributes: { scope: 'col' } },
      label,
    );
    this.#headers.set(column.key, cell);
    return cell;
  }

  #sortBy(column: Column<Row, Key>): void {
    const again = this.#sorting.key === column.key;
    this.#sorting = { key: column.key, descending: again ? !this.#sorting.descending : column.numeric };
    this.#showSorting();
    this.scrollToTop();
    this.reload();
  }

  #showSorting(): void {
    for (const [key, cell] of this.#headers) {
      const direction =
        key !== this.#sorting.key ? 'none' : this.#sorting.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', direction);
    }
  }

  #ask(page: number): void {
    if (this.#freshPages.has(page) || this.#askedPages.has(page)) return;
    this.#askedPages.add(page);
    const version = this.#version;
    this.#options.fetch(this.#sorting, page * pageRows, pageRows).then(
      ({ total, rows }) => {
        if (version !== this.#version) return;
        this.#total = total;
        this.#freshPages.add(page);
        rows.forEach((row, index) => this.#rows.set(page * pageRows + index, row));
        for (const index of this.#rows.keys()) if (index >= total) this.#rows.delete(index);
        this.#render();
      },
      (error: unknown) => {
        if (version === this.#version) this.#askedPages.delete(page);
        this.#options.onError(error);
      },
    );
  }

  #render(): void {
    const { first, last } = rowWindow(
      this.element.scrollTop,
      this.element.clientHeight,
      rowHeightPx,
      this.#total,
    );
    this.#table.setAttribute('aria-rowcount', String(this.#total + 1));
    this.#empty.hidden = this.#total > 0 || !this.#freshPages.has(0);
    const hadFocus = this.#body.contains(document.activeElement);
    const rows: HTMLElement[] = [spacer(first * rowHeightPx, this.#options.columns.length)];
    // One row in sight is always in the tab order, also after scrolling away from the active one.
    const reachable = Math.min(Math.max(this.#active, first), last - 1);
    for (let index = first; index < last; index++) rows.push(this.#rowElement(index, index === reachable));
    rows.push(spacer((this.#total - last) * rowHeightPx, this.#options.columns.length));
    replaceContent(this.#body, ...rows);
    if (hadFocus) this.#focusActive();
    for (let page = Math.floor(first / pageRows); page * pageRows < last; page++) this.#ask(page);
  }

  #rowElement(index: number, reachable: boolean): HTMLElement {
    const row = this.#rows.get(index);
    const created = element('tr', { attributes: { 'aria-rowindex': String(index + 2) } });
    created.tabIndex = reachable ? 0 : -1;
    created.dataset['index'] = String(index);
    if (row === undefined) {
      created.append(element('td', { attributes: { colspan: String(this.#options.columns.length) } }, '…'));
      return created;
    }
    if (this.#options.keyOf(row) === this.#marked) created.setAttribute('aria-current', 'true');
    for (const column of this.#options.columns) {
      created.append(element('td', { className: column.numeric ? 'numeric' : '' }, column.cell(row)));
    }
    // Links in other rows than the reachable one would make hundreds of stops for the Tab key.
    if (!reachable) for (const link of created.querySelectorAll('button')) link.tabIndex = -1;
    created.addEventListener('click', () => {
      this.#active = index;
      this.#options.onOpen(row);
    });
    return created;
  }

  #onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeightPx) - 2);
    const target = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: this.#total - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      this.#active = Math.min(Math.max(0, target), Math.max(0, this.#total - 1));
      this.#scrollToActive();
      this.#render();
      this.#focusActive();
    } else if (event.key === 'Enter' && event.target instanceof HTMLTableRowElement) {
      event.stopPropagation();
      const row = this.#rows.get(this.#active);
      if (row !== undefined) this.#options.onOpen(row);
    }
  }

  #scrollToActive(): void {
    const top = this.#active * rowHeightPx;
    const visible = this.element.clientHeight - rowHeightPx;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + rowHeightPx > this.element.scrollTop + visible)
      this.element.scrollTop = top + rowHeightPx - visible;
  }

  #focusActive(): void {
    this.#body.querySelector<HTMLElement>(`tr[data-index="${this.#active}"]`)?.focus({ preventScroll: true });
  }
}

function spacer(heightPx: number, columns: number): HTMLElement {
  const row = element(
    'tr',
    { className: 'spacer', attributes: { 'aria-hidden': 'true' } },
    element('td', { attributes: { colspan: String(columns) } }),
  );
  row.style.height = `${Math.max(0, heightPx)}px`;
  return row;
}
