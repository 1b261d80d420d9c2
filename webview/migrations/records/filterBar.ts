import type { MigrationSummary, RecordOutcome } from '../../../src/protocol/migrationMessages.js';
import { ChoiceBar, type Choice } from '../../common/choiceBar.js';
import { button, textField, type TextField } from '../../common/controls.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { icon } from '../../common/icons.js';
import { debounce } from '../../common/signal.js';
import { isFiltered, noFilter, type RecordsModel } from '../model/recordsModel.js';
import { typeName } from './kernelNames.js';

export interface RecordActions {
  readonly save: () => void;
  readonly showLine: (line: number) => void;
}

/** Above the table: which calls to show, how many these are, and what can be done with them. */
export class FilterBar {
  readonly element: HTMLElement;
  readonly #model: RecordsModel;
  readonly #field: TextField;
  readonly #outcomes: ChoiceBar<RecordOutcome>;
  readonly #chips = element('span', { className: 'chips' });
  readonly #count = element('span', { className: 'count', attributes: { role: 'status' } });
  readonly #line: HTMLElement;

  constructor(model: RecordsModel, actions: RecordActions) {
    this.#model = model;
    const apply = debounce(150, () => model.narrow({ text: this.#field.value.trim() }));
    this.#field = textField('Filter by pid or name', 'Filter by pid', apply);
    this.#outcomes = new ChoiceBar<RecordOutcome>('Calls to show', 'any', (outcome) =>
      model.narrow({ outcome }),
    );
    this.#line = button('Show line', 'Show the chosen row in the source file', () => {
      const row = model.chosen.value;
      if (row !== null) actions.showLine(row.line);
    });
    this.element = element(
      'div',
      { className: 'panel-bar filter-bar' },
      this.#outcomes.element,
      this.#field.element,
      this.#chips,
      this.#count,
      element('span', { className: 'grow' }),
      this.#line,
      button(
        'Export CSV…',
        'Write the rows that the filter leaves to a file, as they stand in the source, in its order',
        actions.save,
      ),
    );
    model.summary.observe((summary) => this.#showSummary(summary));
    model.filter.observe(() => this.#showFilter());
    model.chosen.observe((row) => {
      this.#line.hidden = row === null;
      this.#line.textContent = row === null ? 'Show line' : `Show line ${formatCount(row.line)}`;
    });
  }

  focus(): void {
    this.#field.element.focus();
  }

  showTotal(total: number): void {
    const all = this.#model.summary.value?.rows ?? total;
    this.#count.textContent = isFiltered(this.#model.filter.value)
      ? `${formatCount(total)} of ${formatCount(all)} calls`
      : `${formatCount(total)} ${total === 1 ? 'call' : 'calls'}`;
  }

  #showSummary(summary: MigrationSummary | null): void {
    if (summary === null) return;
    this.#field.element.setAttribute(
      'placeholder',
      summary.hasComms ? 'Filter by name or pid' : 'Filter by pid',
    );
    this.#outcomes.show(outcomeChoices(summary));
  }

  #showFilter(): void {
    const { filter } = this.#model;
    const { text, outcome, type, srcCpu, dstCpu } = filter.value;
    if (this.#field.value.trim() !== text) this.#field.value = text;
    this.#outcomes.set(outcome);
    const chips: HTMLElement[] = [];
    if (srcCpu !== null || dstCpu !== null) {
      chips.push(
        chip(`CPU ${srcCpu ?? 'any'} → ${dstCpu ?? 'any'}`, () =>
          this.#model.narrow({ srcCpu: null, dstCpu: null }),
        ),
      );
    }
    if (type !== null) {
      chips.push(chip(`type ${typeName(type)}`, () => this.#model.narrow({ type: null })));
    }
    replaceContent(
      this.#chips,
      ...chips,
      isFiltered(filter.value) ? linkButton('Clear', 'Show all calls', () => filter.set(noFilter)) : null,
    );
  }
}

/** The classes of calls, each with its count; classes that the file does not tell are left out. */
export function outcomeChoices(summary: MigrationSummary): Choice<RecordOutcome>[] {
  const choice = (id: RecordOutcome, name: string, count: number, title: string) => ({
    id,
    label: `${name} ${formatCount(count)}`,
    title,
  });
  return [
    choice('any', 'All', summary.rows, 'All calls'),
    choice('migrated', 'Migrated', summary.migrated, 'Calls that allowed the migration'),
    choice('refused', 'Refused', summary.refused, 'Calls that refused the migration'),
    ...(summary.forced === null
      ? []
      : [
          choice('forced', 'Forced', summary.forced, 'Calls that allowed it although the task was cache-hot'),
        ]),
    choice(
      'neverRan',
      'Never ran',
      summary.neverRan,
      'Calls for tasks that had not run since they were forked or moved',
    ),
  ];
}

function chip(text: string, remove: () => void): HTMLElement {
  const created = element(
    'button',
    {
      className: 'chip',
      title: 'Show others, too',
      attributes: { type: 'button', 'aria-label': `Remove the filter ${text}` },
      onClick: remove,
    },
    text,
  );
  created.append(icon('close'));
  return created;
}
