import type {
  CountersView,
  LanePhase,
  LaneView,
  WorkView,
} from '../../../src/protocol/machineWorkMessages.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
import { formatBytes, formatCount, formatCountShort, unknownText } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import { stateMark, type Mark } from '../../common/stateMark.js';

const phaseMarks: Readonly<Record<LanePhase, Mark>> = {
  waiting: 'waiting',
  preparing: 'running',
  collecting: 'running',
  finishing: 'running',
  verifying: 'running',
  measuring: 'running',
  done: 'passed',
  failed: 'failed',
  cancelled: 'dropped',
};

interface Column {
  readonly label: string;
  readonly title: string;
  readonly isNumeric: boolean;
  readonly cell: (lane: LaneView) => Child;
}

const unknownYet = 'not known: the collector cannot tell while it runs';

const columns: readonly Column[] = [
  { label: 'Machine', title: 'Test machine', isNumeric: false, cell: ({ machine }) => machine },
  {
    label: 'Phase',
    title: 'What is going on there',
    isNumeric: false,
    cell: ({ phase }) => element('span', { className: 'phase' }, stateMark(phaseMarks[phase]), phase),
  },
  {
    label: 'Workload',
    title: 'What runs on the machine meanwhile',
    isNumeric: false,
    cell: ({ doing, failure }) => failure ?? doing ?? unknownText,
  },
  {
    label: 'Events',
    title: 'Events received so far',
    isNumeric: true,
    cell: ({ counters }) => element('span', {}, number(counters?.events, formatCount), ...classes(counters)),
  },
  {
    label: 'Events/s',
    title: 'Events a second, now',
    isNumeric: true,
    cell: ({ counters }) => number(counters?.eventsPerSecond, formatCountShort),
  },
  {
    label: 'Lost',
    title: 'Events that the tracer dropped',
    isNumeric: true,
    cell: ({ counters }) => lost(counters?.lostEvents),
  },
  {
    label: 'Received',
    title: 'What has come over the connection',
    isNumeric: true,
    cell: ({ counters }) => number(counters?.receivedBytes, formatBytes),
  },
  {
    label: 'Time',
    title: 'Since it began',
    isNumeric: true,
    cell: ({ counters }) => number(counters?.elapsedMs, formatElapsed),
  },
];

/** A table of the machines. Its cells change in place: a reader's cursor stays where it is. */
export function createLanes(view: Signal<WorkView | null>): HTMLElement {
  const body = element('tbody');
  const head = columns.map(({ label, title, isNumeric }) =>
    element('th', { className: isNumeric ? 'numeric' : '', title, attributes: { scope: 'col' } }, label),
  );
  const rows = new Map<string, HTMLTableCellElement[]>();
  const table = element(
    'table',
    { className: 'data simple lanes', attributes: { 'aria-label': 'Machines' } },
    element('thead', {}, element('tr', {}, ...head)),
    body,
  );
  view.subscribe((now) => {
    if (now === null) return;
    // Benchmarks collect no events: columns of nothing tell nothing.
    table.classList.toggle('without-counters', now.kind === 'benchmarks');
    for (const lane of now.lanes) {
      let cells = rows.get(lane.machine);
      if (cells === undefined) {
        cells = columns.map(({ isNumeric }) => element('td', { className: isNumeric ? 'numeric' : '' }));
        rows.set(lane.machine, cells);
        body.append(element('tr', { attributes: { 'data-machine': lane.machine } }, ...cells));
      }
      for (const [at, column] of columns.entries()) replaceContent(cells[at]!, column.cell(lane));
      cells[2]!.classList.toggle('failure-text', lane.failure !== null);
      cells[2]!.title = lane.failure ?? '';
    }
  });
  return element(
    'section',
    { attributes: { 'aria-label': 'Machines' } },
    element('h2', {}, 'Machines'),
    table,
  );
}

/** `7.3 s`, `1:05 min`. */
export function formatElapsed(elapsedMs: number): string {
  if (elapsedMs < 60_000) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.floor(elapsedMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}

function number(value: number | null | undefined, format: (value: number) => string): Child {
  if (value === undefined) return '';
  return value === null
    ? element('span', { className: 'unknown', title: unknownYet }, unknownText)
    : format(value);
}

function lost(events: number | null | undefined): Child {
  if (events === undefined || events === null || events === 0) return number(events, formatCount);
  return element('span', { className: 'lost' }, stateMark('warning'), formatCount(events));
}

/** `12 forced · 1,400 allowed · 1,385 refused`, on a line of its own. */
function classes(counters: CountersView | null): HTMLElement[] {
  const words = counters?.classes?.map(({ name, events }) => `${formatCount(events)} ${name}`);
  return words === undefined ? [] : [element('span', { className: 'classes' }, words.join(' · '))];
}
