import { button } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatDuration, formatOffset } from '../../common/format.js';
import { Tabs } from '../../common/tabs.js';
import type { TraceModel } from '../model/traceModel.js';

export type PanelId = 'tasks' | 'latency' | 'cpus' | 'wakers' | 'details' | 'trace';

/** Widths from which the details have a place of their own beside the tabs, px. */
const dockFromPx = 1550;

/** The lower part: what the statistics are of, the tabs, and, where there is room, the details beside them. */
export class PanelArea {
  readonly element: HTMLElement;
  readonly #tabs: Tabs<PanelId>;
  readonly #dock = element('aside', { className: 'details-dock', attributes: { 'aria-label': 'Details' } });
  readonly #details: HTMLElement;
  #docked = false;

  constructor(
    model: TraceModel,
    contents: Readonly<Record<PanelId, HTMLElement>>,
    onSelect: (id: PanelId) => void,
    zoomToSelection: () => void,
  ) {
    this.#details = contents.details;
    const labels: readonly [PanelId, string][] = [
      ['tasks', 'Tasks'],
      ['latency', 'Latency'],
      ['cpus', 'CPUs'],
      ['wakers', 'Wakers'],
      ['details', 'Details'],
      ['trace', 'Trace'],
    ];
    this.#tabs = new Tabs<PanelId>(
      'Statistics',
      labels.map(([id, label]) => ({ id, label, content: contents[id] })),
      'tasks',
      onSelect,
    );
    const scope = element('div', { className: 'scope', attributes: { role: 'status' } });
    const showScope = () => replaceContent(scope, ...scopeContent(model, zoomToSelection));
    model.selection.observe(showScope);
    model.summary.subscribe(showScope);
    const main = element(
      'div',
      { className: 'panel-main' },
      element('div', { className: 'panel-head' }, this.#tabs.bar, scope),
      this.#tabs.body,
    );
    this.element = element(
      'section',
      { className: 'panel-area', attributes: { 'aria-label': 'Statistics and details' } },
      main,
      this.#dock,
    );
    this.#dock.hidden = true;
    new ResizeObserver(() => this.#place()).observe(this.element);
  }

  get selected(): PanelId {
    return this.#tabs.selected;
  }

  select(id: PanelId): void {
    if (!(id === 'details' && this.#docked)) this.#tabs.select(id);
  }

  focusDetails(): void {
    this.select('details');
    this.#details.focus();
  }

  #place(): void {
    const dock = this.element.clientWidth >= dockFromPx;
    if (dock === this.#docked) return;
    this.#docked = dock;
    this.#dock.hidden = !dock;
    this.#tabs.setHidden('details', dock, 'tasks');
    if (dock)
      replaceContent(this.#dock, element('h3', { className: 'dock-title' }, 'Details'), this.#details);
    else this.#tabs.panelOf('details')?.append(this.#details);
  }
}

/** Says of what time the numbers below are. */
function scopeContent(model: TraceModel, zoomToSelection: () => void): (Node | string)[] {
  const selection = model.selection.value;
  if (selection === null) {
    const summary = model.summary.value;
    const part = summary?.complete === false ? 'Of the part read so far' : 'Of the whole trace';
    return [element('span', { className: 'muted' }, part)];
  }
  const length = formatDuration(selection.endNs - selection.startNs);
  return [
    element(
      'span',
      {
        className: 'scope-range',
        title: `${formatOffset(selection.startNs)} … ${formatOffset(selection.endNs)}`,
      },
      `Of the selected range only: ${length} from ${formatOffset(selection.startNs)}`,
    ),
    button('Zoom', 'Fill the view with the selected range (F)', zoomToSelection),
    button('Clear range', 'Statistics of the whole trace again', () => model.selection.set(null)),
  ];
}
