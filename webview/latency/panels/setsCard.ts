import { LATENCY_UNITS, type LatencySetView } from '../../../src/protocol/latencyMessages.js';
import { element, linkButton, replaceContent, type Child } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import type { LatencyActions, LatencyModel } from '../model/latencyModel.js';
import { setLetter } from '../model/words.js';

type TextKey = 'label' | 'benchmark' | 'probe';

/** What the sets are: names that can be changed, the part of the file, the unit, the baseline. */
export class SetsCard {
  readonly element: HTMLElement;
  readonly #place = element('div', { className: 'scroll-x' });
  /** What the table was built for; only texts changed when it is still the same. */
  #built = '';

  constructor(
    private readonly model: LatencyModel,
    private readonly actions: LatencyActions,
  ) {
    this.element = element(
      'section',
      { className: 'card', attributes: { 'aria-label': 'Sets' } },
      element('h2', {}, 'Sets'),
      this.#place,
      element(
        'p',
        { className: 'chart-note' },
        'Sets of one benchmark are drawn together. Sets of one label belong together over the benchmarks, and are compared with the baseline of theirs.',
      ),
    );
    model.state.observe(() => this.#show());
  }

  #show(): void {
    const densities = this.model.state.value?.densities;
    if (densities === undefined) return;
    const { sets, baseline } = densities;
    this.element.hidden = sets.length === 0;
    const shape = JSON.stringify([
      baseline,
      sets.map(({ set, items, failure }) => [
        set.path,
        set.item,
        set.unit,
        set.label === baseline,
        items,
        failure,
      ]),
    ]);
    if (shape === this.#built) this.#update(sets);
    else this.#build(sets, baseline);
    this.#built = shape;
  }

  /** A box that is being typed in is ahead of what comes back. */
  #update(sets: readonly LatencySetView[]): void {
    for (const input of this.#place.querySelectorAll<HTMLInputElement>('input[data-key]')) {
      const [at, key] = (input.dataset['key'] ?? '').split(' ') as [string, TextKey];
      const text = sets[Number(at)]?.set[key];
      if (text !== undefined && input !== document.activeElement) input.value = text;
    }
  }

  #build(sets: readonly LatencySetView[], baseline: string): void {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['key'] : undefined;
    const heads = ['', 'Label', 'Benchmark', 'Probe', 'Part', 'Unit', 'File', 'Baseline', ''];
    const table = element(
      'table',
      { className: 'data simple sets', attributes: { 'aria-label': 'Sets' } },
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map((head) => element('th', { attributes: { scope: 'col' } }, head))),
      ),
      element('tbody', {}, ...sets.map((view, at) => this.#row(view, at, baseline))),
    );
    replaceContent(this.#place, table);
    if (focused !== undefined) {
      const again = [...table.querySelectorAll<HTMLElement>('[data-key]')];
      again.find(({ dataset }) => dataset['key'] === focused)?.focus();
    }
  }

  #row(view: LatencySetView, at: number, baseline: string): HTMLElement {
    const { set, failure } = view;
    const cells: Child[] = [
      element('strong', {}, setLetter(at)),
      this.#text(view, at, 'label', 'Label'),
      this.#text(view, at, 'benchmark', 'Benchmark'),
      this.#text(view, at, 'probe', 'Probe'),
      this.#part(view, at),
      this.#select(
        'Unit',
        `${at} unit`,
        LATENCY_UNITS.map((unit) => [unit, unit] as const),
        set.unit,
        (unit) => this.actions.changeSet({ set: at, unit }),
      ),
      linkButton(set.path.split(/[\\/]/).at(-1) ?? set.path, `Open ${set.path}`, () =>
        this.actions.openSource(at),
      ),
      set.label === baseline
        ? 'baseline'
        : linkButton('Make baseline', `Compare the others with ${set.label}`, () =>
            this.actions.setBaseline(this.#labelOf(at)),
          ),
      linkButton('Remove', `Remove ${set.label} from this panel; the file stays`, () =>
        this.actions.removeSet(at),
      ),
    ];
    return element(
      'tr',
      { className: failure === null ? '' : 'unusable', title: failure ?? '' },
      ...cells.map((cell) => element('td', {}, cell)),
    );
  }

  /** As it is now: a new label does not make the row anew. */
  #labelOf(at: number): string {
    return this.model.state.value?.densities.sets[at]?.set.label ?? '';
  }

  #text({ set }: LatencySetView, at: number, key: TextKey, label: string): HTMLElement {
    const input = element('input', {
      className: 'cell-input',
      attributes: { type: 'text', 'aria-label': `${label} of ${setLetter(at)}`, maxlength: '200' },
    });
    input.dataset['key'] = `${at} ${key}`;
    input.value = set[key];
    input.placeholder = key === 'probe' ? 'not told' : key === 'benchmark' ? 'none' : '';
    input.addEventListener('change', () => {
      const text = input.value.trim();
      if (key === 'label' && text === '') input.value = this.#labelOf(at);
      else this.actions.changeSet({ set: at, [key]: text });
    });
    return input;
  }

  #part({ set, items }: LatencySetView, at: number): Child {
    const name = (key: string) => {
      const item = items.find((each) => each.key === key);
      return item === undefined ? key : `${item.name}, ${formatCount(item.count)}`;
    };
    if (items.length < 2) return items[0]?.name ?? '';
    return this.#select(
      'Part',
      `${at} item`,
      items.map(({ key }) => [key, name(key)] as const),
      set.item,
      (item) => this.actions.changeSet({ set: at, item }),
    );
  }

  #select<T extends string>(
    label: string,
    key: string,
    options: readonly (readonly [T, string])[],
    chosen: T,
    onChange: (value: T) => void,
  ): HTMLElement {
    const select = element('select', { className: 'cell-input', attributes: { 'aria-label': label } });
    select.dataset['key'] = key;
    for (const [value, text] of options) {
      const option = element('option', { attributes: { value } }, text);
      option.selected = value === chosen;
      select.append(option);
    }
    select.addEventListener('change', () => onChange(select.value as T));
    return select;
  }
}
