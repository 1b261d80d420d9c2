import { ThreadState, type Neighbour, type SliceDetail } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { button } from '../../common/controls.js';
import { element, linkButton, replaceContent, type Child } from '../../common/dom.js';
import {
  formatDuration,
  formatDurationExact,
  formatOffset,
  formatTimestamp,
  unknownText,
  unknownTitle,
} from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import { taskColour } from '../../common/taskColour.js';
import type { Theme } from '../../common/theme.js';
import { explainLeftState, stateName } from '../model/stateNames.js';
import type { TraceModel } from '../model/traceModel.js';
import { migrationDetails, type Entry } from './migrationDetails.js';

export interface DetailActions {
  /** Selects what a thread or a CPU did at a time and moves the view there. */
  readonly jumpToThread: (thread: number, atNs: number) => void;
  readonly jumpToCpu: (cpu: number, atNs: number) => void;
  readonly step: (direction: 1 | -1) => void;
  readonly stepForced: (direction: 1 | -1) => void;
  readonly showLine: (line: number, source: number) => void;
  readonly selectRange: (startNs: number, endNs: number) => void;
}

const unknown = () => element('span', { className: 'unknown', title: unknownTitle }, unknownText);

/** Everything about the selected slice or migration, as a list of definitions. */
export class DetailsPanel {
  readonly element = element('div', {
    className: 'panel-content scrolling details',
    attributes: { tabindex: '-1' },
  });
  readonly #model: TraceModel;
  readonly #actions: DetailActions;
  readonly #theme: Signal<Theme>;

  constructor(model: TraceModel, theme: Signal<Theme>, actions: DetailActions) {
    this.#model = model;
    this.#actions = actions;
    this.#theme = theme;
    const show = () => this.#show();
    model.slice.observe(show);
    model.migration.subscribe(show);
    model.timeMode.subscribe(show);
    theme.subscribe(show);
  }

  #show(): void {
    const migration = this.#model.migration.value;
    if (migration !== null) {
      const parts = {
        time: (offsetNs: number) => this.#time(offsetNs),
        group: (label: string, entries: readonly Entry[]) => this.#group(label, entries),
        hasTextLines: this.#model.summary.value?.hasTextLines ?? false,
      };
      replaceContent(this.element, ...migrationDetails(migration, this.#actions, parts));
      return;
    }
    const slice = this.#model.slice.value;
    if (slice === null) {
      replaceContent(
        this.element,
        element(
          'p',
          { className: 'empty' },
          'Click a slice in the timeline, or select a task and step through its slices with N and P.',
        ),
      );
      return;
    }
    const { detail } = slice;
    // Only slices on a CPU have a cause and neighbours; waiting and sleeping have not.
    const ran = detail.state === ThreadState.Running;
    replaceContent(
      this.element,
      this.#heading(detail),
      this.#group(ran ? 'Slice' : 'Interval', this.#sliceEntries(detail)),
      ran || detail.wakeup !== null ? this.#group('Why it ran', this.#causeEntries(detail)) : null,
      ran || detail.before !== null || detail.after !== null
        ? this.#group('Before and after', this.#neighbourEntries(detail))
        : null,
    );
  }

  #heading(detail: SliceDetail): HTMLElement {
    const swatch = element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } });
    swatch.style.backgroundColor = toCss(taskColour(detail.comm, this.#theme.value.kind));
    const heading = element(
      'div',
      { className: 'details-head' },
      element(
        'h3',
        {},
        swatch,
        detail.comm,
        element('span', { className: 'muted' }, ` ${stateName(detail.state)}`),
      ),
      button('Previous', 'Previous slice of this thread (P)', () => this.#actions.step(-1)),
      button('Next', 'Next slice of this thread (N)', () => this.#actions.step(1)),
    );
    const { hasTextLines = false, sources = [] } = this.#model.summary.value ?? {};
    if (hasTextLines && detail.line > 0) {
      heading.append(
        button('Show line', `Open ${sources[detail.source] ?? 'the trace'} at line ${detail.line}`, () =>
          this.#actions.showLine(detail.line, detail.source),
        ),
      );
    }
    return heading;
  }

  #sliceEntries(detail: SliceDetail): Entry[] {
    const bounds = this.#model.bounds;
    const endNs = detail.endNs ?? bounds.endNs;
    const entries: Entry[] = [
      ['Thread', `${detail.comm} · pid ${detail.pid}${detail.tgid === null ? '' : ` · tgid ${detail.tgid}`}`],
      ['Priority', detail.prio === null ? unknown() : String(detail.prio)],
      [
        detail.state === ThreadState.Running ? 'CPU' : 'CPU waited for',
        detail.cpu === null ? unknown() : String(detail.cpu),
      ],
      ['Start', this.#time(detail.startNs)],
      [
        'Duration',
        detail.endNs === null
          ? 'to the end of the recording'
          : [
              `${formatDurationExact(endNs - detail.startNs)} `,
              linkButton('select as range', 'Statistics of just this time', () =>
                this.#actions.selectRange(detail.startNs, endNs),
              ),
            ],
      ],
    ];
    if (detail.state === ThreadState.Running) {
      const left = detail.leftState;
      entries.push([
        'Left the CPU',
        left === null ? unknown() : [element('code', {}, left), ` ${explainLeftState(left)}`],
      ]);
    }
    return entries;
  }

  #causeEntries(detail: SliceDetail): Entry[] {
    const { wakeup } = detail;
    const entries: Entry[] = [];
    if (detail.preemptionWaitNs !== null) {
      entries.push(['Preempted', `waited ${formatDurationExact(detail.preemptionWaitNs)} to run again`]);
    }
    if (wakeup === null) {
      const why =
        this.#model.summary.value?.hasWakeups === false
          ? 'unknown: no wakeups in this format'
          : 'no wakeup recorded before this slice';
      if (entries.length === 0) entries.push(['Wakeup', why]);
      return entries;
    }
    const { jumpToThread, jumpToCpu } = this.#actions;
    entries.push(
      ['Wakeup latency', element('strong', {}, formatDurationExact(wakeup.latencyNs))],
      [
        'Woken by',
        linkButton(`${wakeup.wakerComm} · ${wakeup.wakerPid}`, 'Show what the waker was doing', () =>
          jumpToThread(wakeup.wakerThread, wakeup.atNs),
        ),
      ],
      [
        'on CPU',
        linkButton(String(wakeup.wakerCpu), 'Show that CPU at the wakeup', () =>
          jumpToCpu(wakeup.wakerCpu, wakeup.atNs),
        ),
      ],
      ['at', this.#time(wakeup.atNs)],
      [
        'Event',
        wakeup.flags === ''
          ? wakeup.event
          : [`${wakeup.event} `, element('code', { title: 'Latency flags at the wakeup' }, wakeup.flags)],
      ],
    );
    return entries;
  }

  #neighbourEntries(detail: SliceDetail): Entry[] {
    const link = (neighbour: Neighbour | null): Child => {
      if (neighbour === null) return unknown();
      const text = `${neighbour.comm} · ${neighbour.pid}`;
      const length = formatDuration(neighbour.endNs - neighbour.startNs);
      // The idle task has no lane to go to.
      if (neighbour.pid === 0) return `idle ${length}`;
      return element(
        'span',
        {},
        linkButton(text, 'Show this slice', () =>
          this.#actions.jumpToThread(neighbour.thread, (neighbour.startNs + neighbour.endNs) / 2),
        ),
        element('span', { className: 'muted' }, ` ${length}`),
      );
    };
    return [
      ['Ran before', link(detail.before)],
      ['Ran after', link(detail.after)],
    ];
  }

  #time(offsetNs: number): Child {
    return element(
      'span',
      {},
      formatOffset(offsetNs),
      element(
        'span',
        { className: 'muted', title: 'The recording’s clock' },
        ` ${formatTimestamp(this.#model.baseNs, offsetNs)}`,
      ),
    );
  }

  #group(label: string, entries: readonly Entry[]): HTMLElement {
    const list = element('dl', { className: 'facts' });
    for (const [name, value] of entries) {
      const content = Array.isArray(value) ? (value as readonly Child[]) : [value as Child];
      list.append(element('dt', {}, name), element('dd', {}, ...content));
    }
    return element('section', { attributes: { 'aria-label': label } }, element('h4', {}, label), list);
  }
}
