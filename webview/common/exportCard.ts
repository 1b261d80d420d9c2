import type { FileToSave } from '../../src/protocol/inspectionMessages.js';
import { ChartView, type DrawnChart } from './chart.js';
import { element, replaceContent, type Child } from './dom.js';
import { exportButtons, type CsvTable, type Picture } from './exportFile.js';
import type { Signal } from './signal.js';
import type { Theme } from './theme.js';

export interface ExportCardOptions {
  readonly title: string;
  /** Of the files that are saved, without ending. */
  readonly fileName: () => string;
  readonly theme: Signal<Theme>;
  readonly save: (file: FileToSave) => Promise<void>;
  readonly hasChart?: boolean;
  readonly hasTable?: boolean;
  /** What is saved as PNG instead of the chart. */
  readonly picture?: () => Picture;
  /** The chart stands beside the table where there is room. */
  readonly isBeside?: boolean;
}

/** A card with a title, buttons that save it, and from top to bottom: words, chart, what stands below. */
export class ExportCard {
  readonly element: HTMLElement;
  readonly #words = element('p', { className: 'verdict-words' });
  readonly #above = element('div', { className: 'card-controls' });
  readonly #chart = new ChartView('inspection-chart');
  readonly #below = element('div');
  readonly #note = element('p', { className: 'chart-note' });
  readonly #buttons: HTMLElement;
  #csv: CsvTable = { columns: [], rows: [] };

  constructor(options: ExportCardOptions) {
    const { title, fileName, theme, save, hasChart = true, hasTable = true, isBeside = false } = options;
    const picture = options.picture ?? (hasChart ? () => this.#chart.picture : undefined);
    this.#buttons = exportButtons(
      {
        title,
        name: fileName,
        ...(hasTable ? { table: () => this.#csv } : {}),
        ...(picture === undefined ? {} : { picture }),
      },
      () => theme.value,
      save,
    );
    this.element = element(
      'section',
      { className: 'card wide', attributes: { 'aria-label': title } },
      element('div', { className: 'card-head' }, element('h2', {}, title), this.#buttons),
      this.#above,
      this.#words,
      element(
        'div',
        { className: isBeside ? 'card-body beside' : 'card-body' },
        this.#chart.element,
        this.#below,
      ),
      this.#note,
    );
    this.#chart.element.hidden = true;
    this.setWords('');
    this.setNote('');
  }

  /** Controls above everything. */
  setControls(...children: Child[]): void {
    replaceContent(this.#above, ...children);
  }

  setWords(text: string): void {
    this.#words.hidden = text === '';
    this.#words.textContent = text;
  }

  setNote(text: string): void {
    this.#note.hidden = text === '';
    this.#note.textContent = text;
  }

  /** @param heightPx where it follows from what is drawn; the style sheet says otherwise */
  setChart(
    drawn: { readonly configuration: DrawnChart; readonly description: string } | null,
    heightPx?: number,
  ): void {
    this.#chart.element.hidden = drawn === null;
    if (drawn === null) return;
    if (heightPx !== undefined) this.#chart.element.style.height = `${heightPx}px`;
    this.#chart.show(drawn.configuration, drawn.description);
  }

  setBelow(...children: Child[]): void {
    replaceContent(this.#below, ...children);
  }

  /** A table below that is also what is saved. */
  setTable(table: { readonly element: HTMLElement; readonly csv: CsvTable }): void {
    this.setCsv(table.csv);
    this.setBelow(element('div', { className: 'scroll-x' }, table.element));
  }

  setCsv(csv: CsvTable): void {
    this.#csv = csv;
  }

  /** There is something to save, or not. */
  setExportable(isExportable: boolean): void {
    this.#buttons.hidden = !isExportable;
  }
}
