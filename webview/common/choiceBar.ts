import { element } from './dom.js';

export interface Choice<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly title: string;
}

/** One of a few, all in sight: an ARIA radio group. Arrow keys choose; only the chosen one is in the tab order. */
export class ChoiceBar<Id extends string> {
  readonly element: HTMLElement;
  readonly #onChoose: (id: Id) => void;
  #buttons = new Map<Id, HTMLButtonElement>();
  #chosen: Id;

  constructor(label: string, chosen: Id, onChoose: (id: Id) => void) {
    this.#chosen = chosen;
    this.#onChoose = onChoose;
    this.element = element('div', {
      className: 'choice-bar',
      attributes: { role: 'radiogroup', 'aria-label': label },
    });
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Shows these choices; labels may change with what is shown. */
  show(choices: readonly Choice<Id>[]): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.#buttons = new Map(
      choices.map(({ id, label, title }) => [
        id,
        element(
          'button',
          {
            className: 'choice',
            title,
            attributes: { type: 'button', role: 'radio' },
            onClick: () => this.#choose(id),
          },
          label,
        ),
      ]),
    );
    this.element.replaceChildren(...this.#buttons.values());
    this.#mark();
    if (hadFocus) this.#buttons.get(this.#chosen)?.focus();
  }

  /** Marks another one as chosen, without telling. */
  set(id: Id): void {
    this.#chosen = id;
    this.#mark();
  }

  #choose(id: Id): void {
    if (id === this.#chosen) return;
    this.set(id);
    this.#onChoose(id);
  }

  #mark(): void {
    for (const [id, button] of this.#buttons) {
      button.setAttribute('aria-checked', String(id === this.#chosen));
      button.tabIndex = id === this.#chosen ? 0 : -1;
    }
  }

  #onKey(event: KeyboardEvent): void {
    const ids = [...this.#buttons.keys()];
    const at = ids.indexOf(this.#chosen);
    const target = {
      ArrowRight: (at + 1) % ids.length,
      ArrowDown: (at + 1) % ids.length,
      ArrowLeft: (at - 1 + ids.length) % ids.length,
      ArrowUp: (at - 1 + ids.length) % ids.length,
      Home: 0,
      End: ids.length - 1,
    }[event.key];
    const id = target === undefined ? undefined : ids[target];
    if (id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(id);
    this.#buttons.get(id)?.focus();
  }
}
