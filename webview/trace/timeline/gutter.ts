import type { CpuRow, ThreadName } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount, formatShare, unknownText, unknownTitle } from '../../common/format.js';
import { icon } from '../../common/icons.js';
import { taskColour } from '../../common/taskColour.js';
import type { ThemeKind } from '../../common/theme.js';
import type { HeaderRow, LaneRow, Row, Section } from './laneLayout.js';
import type { VisibleLane } from './laneRenderer.js';

export interface GutterInput {
  readonly lanes: readonly VisibleLane[];
  readonly scrollTop: number;
  readonly themeKind: ThemeKind;
  readonly cpus: readonly number[];
  readonly threads: number;
  readonly threadFilter: string;
  readonly hasWakeups: boolean;
  readonly collapsed: ReadonlySet<Section>;
  readonly depthTop: number;
  readonly thread: number | null;
  readonly nameOf: (thread: number) => ThreadName | undefined;
  readonly cpuRow: (cpu: number) => CpuRow | undefined;
}

export interface GutterActions {
  readonly toggle: (section: Section) => void;
  readonly selectThread: (thread: number) => void;
  readonly clearFilter: () => void;
}

/** Busy share of the time that is known; null when none is. */
export function utilisation(row: CpuRow | undefined): number | null {
  const known = row === undefined ? 0 : row.busyNs + row.idleNs;
  return row === undefined || known <= 0 ? null : row.busyNs / known;
}

/** The names beside the lanes: elements, so that they can be read, selected and reached by keyboard. */
export class Gutter {
  readonly element: HTMLElement;
  readonly #content = element('div', { className: 'gutter-content' });
  readonly #actions: GutterActions;
  readonly #rows = new Map<string, { signature: string; node: HTMLElement }>();

  constructor(actions: GutterActions) {
    this.#actions = actions;
    this.element = element(
      'div',
      { className: 'gutter', attributes: { role: 'group', 'aria-label': 'Lanes' } },
      this.#content,
    );
  }

  draw(input: GutterInput): void {
    this.#content.style.transform = `translateY(${-input.scrollTop}px)`;
    const used = new Set<string>();
    for (const visible of input.lanes) {
      const { row } = visible;
      const key = row.kind === 'header' ? row.section : `${row.kind}${row.index}`;
      used.add(key);
      const signature = signatureOf(visible, input);
      const present = this.#rows.get(key);
      if (present?.signature === signature) continue;
      const node = this.#create(visible, input);
      node.style.top = `${row.y}px`;
      node.style.height = `${row.height}px`;
      // Replaced in place: a focused row that only changed its text keeps its place in the tab order.
      const hadFocus = present?.node.contains(document.activeElement) === true;
      if (present === undefined) this.#content.append(node);
      else present.node.replaceWith(node);
      if (hadFocus) (node instanceof HTMLButtonElement ? node : node.querySelector('button'))?.focus();
      this.#rows.set(key, { signature, node });
    }
    for (const [key, { node }] of this.#rows) {
      if (used.has(key)) continue;
      node.remove();
      this.#rows.delete(key);
    }
  }

  #create(visible: VisibleLane, input: GutterInput): HTMLElement {
    const { row, lane } = visible;
    if (row.kind === 'header') return this.#header(row, input);
    if (row.kind === 'thread')
      return this.#threadRow(row, lane?.kind === 'thread' ? lane.thread : undefined, input);
    const cpu = input.cpus[row.index]!;
    if (row.kind === 'depth') {
      return element(
        'div',
        { className: rowClass('depth', row) },
        element('span', { className: 'gutter-name' }, 'run queue'),
        element(
          'span',
          { className: 'gutter-value', title: 'Depth at the top of the track' },
          `0 – ${input.depthTop}`,
        ),
      );
    }
    const share = utilisation(input.cpuRow(cpu));
    const text = share === null ? unknownText : formatShare(share);
    const bar = element('span', { className: 'gutter-bar', attributes: { 'aria-hidden': 'true' } });
    bar.style.width = `${(share ?? 0) * 100}%`;
    return element(
      'div',
      { className: rowClass('cpu', row) },
      element('span', { className: 'gutter-name' }, `CPU ${cpu}`),
      element(
        'span',
        {
          className: 'gutter-value',
          title: share === null ? unknownTitle : `Busy ${text} of the known time`,
        },
        text,
      ),
      element('span', { className: 'gutter-track', attributes: { 'aria-hidden': 'true' } }, bar),
    );
  }

  #header(row: HeaderRow, input: GutterInput): HTMLElement {
    const collapsed = input.collapsed.has(row.section);
    const [label, count] = row.section === 'cpus' ? ['CPUs', input.cpus.length] : ['Threads', input.threads];
    const toggle = element(
      'button',
      {
        className: 'gutter-toggle',
        attributes: { type: 'button', 'aria-expanded': String(!collapsed) },
        onClick: () => this.#actions.toggle(row.section),
      },
      icon(collapsed ? 'chevronRight' : 'chevronDown'),
      label,
      element('span', { className: 'gutter-count' }, formatCount(count)),
    );
    const header = element('div', { className: rowClass('header', row) }, toggle);
    if (row.section === 'cpus' && !input.hasWakeups) {
      header.append(
        element(
          'span',
          {
            className: 'gutter-note',
            title: 'Run queue depth is unknown: no wakeups in this format',
          },
          'depth unknown',
        ),
      );
    }
    if (row.section === 'threads' && input.threadFilter !== '') {
      const clear = element(
        'button',
        {
          className: 'chip',
          title: 'Show all threads again',
          attributes: { type: 'button' },
          onClick: () => this.#actions.clearFilter(),
        },
        input.threadFilter,
        icon('close'),
      );
      header.append(clear);
    }
    return header;
  }

  #threadRow(row: LaneRow<'thread'>, thread: number | undefined, input: GutterInput): HTMLElement {
    const name = thread === undefined ? undefined : input.nameOf(thread);
    const button = element('button', { className: rowClass('thread', row), attributes: { type: 'button' } });
    if (thread === undefined || name === undefined) {
      replaceContent(button, element('span', { className: 'gutter-name' }, '…'));
      return button;
    }
    const swatch = element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } });
    swatch.style.backgroundColor = toCss(taskColour(name.comm, input.themeKind));
    button.title = `${name.comm} · pid ${name.pid}${name.tgid === null ? '' : ` · tgid ${name.tgid}`}`;
    button.setAttribute('aria-pressed', String(thread === input.thread));
    button.addEventListener('click', () => this.#actions.selectThread(thread));
    replaceContent(
      button,
      swatch,
      element('span', { className: 'gutter-name' }, name.comm),
      element('span', { className: 'gutter-value' }, String(name.pid)),
    );
    return button;
  }
}

function rowClass(kind: string, row: Row): string {
  return `gutter-row ${kind}${row.height < 14 ? ' tight' : row.height < 20 ? ' low' : ''}`;
}

/** All that a row's look depends on: rows whose signature stays are left alone. */
function signatureOf({ row, lane }: VisibleLane, input: GutterInput): string {
  const place = `${row.y},${row.height}`;
  if (row.kind === 'header') {
    return `${place},${input.collapsed.has(row.section)},${row.section === 'cpus' ? input.cpus.length : input.threads},${input.hasWakeups},${input.threadFilter}`;
  }
  if (row.kind === 'depth') return `${place},${input.depthTop}`;
  if (row.kind === 'cpu') return `${place},${utilisation(input.cpuRow(input.cpus[row.index]!)) ?? ''}`;
  if (lane?.kind !== 'thread') return place;
  return `${place},${lane.thread},${input.nameOf(lane.thread)?.comm ?? ''},${lane.thread === input.thread},${input.themeKind}`;
}
