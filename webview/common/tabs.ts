import { element } from './dom.js';

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly content: HTMLElement;
}

/** Tabs after the ARIA pattern: arrow keys move, Home and End jump; only the selected tab is in the tab order. */
export class Tabs<Id extends string> {
  readonly bar: HTMLElement;
  readonly body: HTMLElement;
  readonly #entries = new Map<Id, { button: HTMLButtonElement; panel: HTMLElement }>();
  readonly #onSelect: (id: Id) => void;
  #selected: Id;

  constructor(label: string, tabs: readonly Tab<Id>[], selected: Id, onSelect: (id: Id) => void) {
    this.#onSelect = onSelect;
    this.#selected = selected;
    this.bar = element('div', { className: 'tab-bar', attributes: { role: 'tablist', 'aria-label': label } });
    this.body = element('div', { className: 'tab-body' });
    for (const tab of tabs) {
      const button = element(
        'button',
        {
          className: 'tab',
          attributes: {
            type: 'button',
            role: 'tab',
            id: `tab-${tab.id}`,
            'aria-controls': `panel-${tab.id}`,
          },
          onClick: () => this.select(tab.id),
        },
        tab.label,
      );
      const panel = element(
        'div',
        {
          className: 'tab-panel',
          attributes: { role: 'tabpanel', id: `panel-${tab.id}`, 'aria-labelledby': `tab-${tab.id}` },
        },
        tab.content,
      );
      this.bar.append(button);
      this.body.append(panel);
      this.#entries.set(tab.id, { button, panel });
    }
    this.bar.addEventListener('keydown', (event) => this.#onKey(event));
    this.#show();
  }

  get selected(): Id {
    return this.#selected;
  }

  select(id: Id): void {
    if (id === this.#selected || this.#entries.get(id)?.button.hidden !== false) return;
    this.#selected = id;
    this.#show();
    this.#onSelect(id);
  }

  /** Hides a tab whose content is shown elsewhere. */
  setHidden(id: Id, hidden: boolean, instead: Id): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (hidden && this.#selected === id) this.select(instead);
    entry.button.hidden = hidden;
  }

  panelOf(id: Id): HTMLElement | undefined {
    return this.#entries.get(id)?.panel;
  }

  focus(): void {
    this.#entries.get(this.#selected)?.button.focus();
  }

  #show(): void {
    for (const [id, { button, panel }] of this.#entries) {
      const isSelected = id === this.#selected;
      button.setAttribute('aria-selected', String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
  }

  #onKey(event: KeyboardEvent): void {
    const ids = [...this.#entries].filter(([, { button }]) => !button.hidden).map(([id]) => id);
    const at = ids.indexOf(this.#selected);
    const target = {
      ArrowRight: (at + 1) % ids.length,
      ArrowLeft: (at - 1 + ids.length) % ids.length,
      Home: 0,
      End: ids.length - 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.select(ids[target]!);
    this.focus();
  }
}
