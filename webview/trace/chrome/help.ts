import { iconButton, keyCap } from '../../common/controls.js';
import { element, type Child } from '../../common/dom.js';
import { helpEntries } from '../timeline/keyboard.js';

/** All keys and gestures, in a dialog over the view. */
export class Help {
  readonly element: HTMLDialogElement;

  constructor() {
    const list = element('dl', { className: 'help-list' });
    for (const [keys, meaning] of helpEntries) {
      const caps = keys.flatMap((key): Child[] => [keyCap(key), ' ']);
      list.append(element('dt', {}, ...caps), element('dd', {}, meaning));
    }
    this.element = element(
      'dialog',
      { className: 'help', attributes: { 'aria-label': 'Keys and gestures' } },
      element(
        'div',
        { className: 'help-head' },
        element('h2', {}, 'Keys and gestures'),
        iconButton('close', 'Close', () => this.element.close()),
      ),
      list,
    );
    // A click on the backdrop arrives at the dialog itself.
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  get open(): boolean {
    return this.element.open;
  }

  toggle(): void {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }
}
