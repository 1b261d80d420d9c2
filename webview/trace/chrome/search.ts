import type { ThreadName } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { icon } from '../../common/icons.js';
import { debounce, type Signal } from '../../common/signal.js';
import { taskColour } from '../../common/taskColour.js';
import type { Theme } from '../../common/theme.js';
import type { ThreadDirectory } from '../model/threadDirectory.js';
import type { TraceClient } from '../model/traceClient.js';

const mostResults = 30;

export interface SearchDeps {
  readonly client: TraceClient;
  readonly directory: ThreadDirectory;
  readonly theme: Signal<Theme>;
  readonly choose: (thread: number) => void;
  /** Gives the focus back to the timeline. */
  readonly leave: () => void;
}

/** A box that finds tasks by name or pid: the ARIA combobox pattern with a list of results. */
export class Search {
  readonly element: HTMLElement;
  readonly #deps: SearchDeps;
  readonly #input: HTMLInputElement;
  readonly #list = element('ul', {
    className: 'search-list',
    attributes: { role: 'listbox', tabindex: '-1', id: 'search-results', 'aria-label': 'Tasks found' },
  });
  #rows: readonly ThreadName[] = [];
  #total = 0;
  #active = 0;
  #version = 0;

  constructor(deps: SearchDeps) {
    this.#deps = deps;
    this.#input = element('input', {
      className: 'search-input',
      attributes: {
        type: 'text',
        role: 'combobox',
        spellcheck: 'false',
        autocomplete: 'off',
        placeholder: 'Find a task ( / )',
        'aria-label': 'Find a task by name or pid',
        'aria-controls': 'search-results',
        'aria-expanded': 'false',
        'aria-autocomplete': 'list',
      },
    });
    this.#list.hidden = true;
    this.element = element('div', { className: 'search' }, icon('search'), this.#input, this.#list);
    const find = debounce(80, () => void this.#find());
    this.#input.addEventListener('input', find);
    this.#input.addEventListener('focus', () => void this.#find());
    this.#input.addEventListener('blur', () => this.#close());
    this.#input.addEventListener('keydown', (event) => this.#onKey(event));
    // A press must not take the focus away before the click arrives.
    this.#list.addEventListener('pointerdown', (event) => event.preventDefault());
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  async #find(): Promise<void> {
    const version = ++this.#version;
    const filter = this.#input.value.trim();
    const answer = await this.#deps.client.ask('threads', { filter, offset: 0, limit: mostResults });
    if (answer === undefined || version !== this.#version || document.activeElement !== this.#input) return;
    this.#rows = answer.rows;
    this.#total = answer.total;
    this.#deps.directory.add(answer.rows);
    this.#active = 0;
    this.#show();
  }

  #show(): void {
    const filter = this.#input.value.trim();
    const items: HTMLElement[] = this.#rows.map((row, index) => this.#item(row, index));
    if (this.#rows.length === 0)
      items.push(
        element('li', { className: 'search-note', attributes: { role: 'presentation' } }, 'No task matches.'),
      );
    else if (filter !== '') items.push(this.#filterItem(filter));
    else if (this.#total > this.#rows.length) {
      items.push(
        element(
          'li',
          { className: 'search-note', attributes: { role: 'presentation' } },
          `and ${formatCount(this.#total - this.#rows.length)} more: type to narrow down`,
        ),
      );
    }
    replaceContent(this.#list, ...items);
    this.#list.hidden = false;
    this.#input.setAttribute('aria-expanded', 'true');
    this.#mark();
  }

  #item(row: ThreadName, index: number): HTMLElement {
    const swatch = element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } });
    swatch.style.backgroundColor = toCss(taskColour(row.comm, this.#deps.theme.value.kind));
    const former =
      row.formerComms.length === 0
        ? null
        : element('span', { className: 'muted' }, ` was ${row.formerComms.join(', ')}`);
    return element(
      'li',
      {
        className: 'search-item',
        attributes: { role: 'option', id: `search-${index}` },
        onClick: () => this.#choose(index),
      },
      swatch,
      element('span', { className: 'search-name' }, row.comm, former),
      element('span', { className: 'muted' }, String(row.pid)),
    );
  }

  /** The last entry confines the thread lanes to what matches. */
  #filterItem(filter: string): HTMLElement {
    const index = this.#rows.length;
    return element(
      'li',
      {
        className: 'search-item filter',
        attributes: { role: 'option', id: `search-${index}` },
        onClick: () => this.#choose(index),
      },
      icon('rows'),
      element(
        'span',
        { className: 'search-name' },
        `Show only the ${formatCount(this.#total)} matching lanes`,
      ),
      element('span', { className: 'muted' }, filter),
    );
  }

  #choose(index: number): void {
    const row = this.#rows[index];
    this.#close();
    this.#deps.leave();
    if (row !== undefined) this.#deps.choose(row.thread);
    else this.#deps.directory.setFilter(this.#input.value.trim());
  }

  #mark(): void {
    const options = [...this.#list.querySelectorAll('[role=option]')];
    options.forEach((option, index) => option.setAttribute('aria-selected', String(index === this.#active)));
    const active = options[this.#active];
    if (active === undefined) this.#input.removeAttribute('aria-activedescendant');
    else {
      this.#input.setAttribute('aria-activedescendant', active.id);
      active.scrollIntoView({ block: 'nearest' });
    }
  }

  #onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    const count = this.#list.querySelectorAll('[role=option]').length;
    if (event.key === 'Escape') {
      this.#close();
      this.#deps.leave();
    } else if (event.key === 'Enter' && !this.#list.hidden && count > 0) this.#choose(this.#active);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.#active = Math.max(
        0,
        (this.#active + (event.key === 'ArrowDown' ? 1 : -1) + count) % Math.max(1, count),
      );
      this.#mark();
    }
  }

  #close(): void {
    this.#version++;
    this.#list.hidden = true;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }
}
