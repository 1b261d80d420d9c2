import type { CostFigures, EngineCost } from '../../../src/protocol/evaluation.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCountShort, formatDuration } from '../../common/format.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

/** A way to get answers, and what one costs. */
interface CostRow {
  readonly way: string;
  readonly what: string;
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly perSecond: number | null;
  readonly note: string;
}

/** What an answer costs: alone, in batches, and event by event. */
export function createCostCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'Cost', file: 'cost', hasChart: false });
  follow(context, () => {
    const evaluation = model.evaluation;
    card.element.hidden = evaluation === null;
    if (evaluation === null) return;
    const { cost } = evaluation;
    card.setExportable(cost !== null);
    if (cost === null) {
      card.setWords('Not measured when this run was evaluated.');
      card.setBelow();
      return;
    }
    card.setWords(`On ${cost.machine}.`);
    card.setTable(figureTable('Cost of answers', COLUMNS, costRows(cost)));
    card.setNote(
      'Latency is that of one answer alone. In a batch many windows are answered at once: its time divided by their number is a throughput, and no event ever got its answer that fast. Streaming keeps its state from event to event and recomputes nothing.',
    );
  });
  return card.element;
}

export function costRows({ engines, streaming }: CostFigures): CostRow[] {
  const rows = engines.flatMap((engine) => [single(engine), batched(engine)]);
  if (streaming === null) return rows;
  const { p50Ns, p99Ns, events } = streaming;
  const what = `one event, state kept (${events.toLocaleString('en')} measured)`;
  return [...rows, { way: 'streaming', what, p50Ns, p99Ns, perSecond: null, note: 'latency' }];
}

function single({ engine, threads, single: { p50Ns, p99Ns } }: EngineCost): CostRow {
  return {
    way: wayOf(engine, threads),
    what: 'one window alone',
    p50Ns,
    p99Ns,
    perSecond: null,
    note: 'latency',
  };
}

function batched({ engine, threads, batched: { windows, windowsPerSecond } }: EngineCost): CostRow {
  const what = `${windows.toLocaleString('en')} windows at once`;
  const note = 'throughput, no latency';
  return { way: wayOf(engine, threads), what, p50Ns: null, p99Ns: null, perSecond: windowsPerSecond, note };
}

function wayOf(engine: string, threads: number): string {
  return `${engine}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function durationCell(ns: number | null) {
  return ns === null ? unknown('a batch has no latency of one answer') : formatDuration(ns);
}

const COLUMNS: readonly FigureColumn<CostRow>[] = [
  {
    label: 'How',
    title: 'Engine, or the streaming predictor',
    numeric: false,
    cell: ({ way }) => way,
    csv: { way: ({ way }) => way },
  },
  {
    label: 'What',
    title: 'What is answered',
    numeric: false,
    cell: ({ what }) => what,
    csv: { what: ({ what }) => what },
  },
  {
    label: 'Median',
    title: 'Half of the answers took no longer',
    numeric: true,
    cell: ({ p50Ns }) => durationCell(p50Ns),
    csv: { p50_ns: ({ p50Ns }) => p50Ns },
  },
  {
    label: '99th percentile',
    title: '99 of 100 answers took no longer',
    numeric: true,
    cell: ({ p99Ns }) => durationCell(p99Ns),
    csv: { p99_ns: ({ p99Ns }) => p99Ns },
  },
  {
    label: 'Windows a second',
    title: 'In batches',
    numeric: true,
    cell: ({ perSecond }) =>
      perSecond === null ? unknown('measured in batches only') : formatCountShort(perSecond),
    csv: { windows_per_second: ({ perSecond }) => perSecond },
  },
  {
    label: 'Is a',
    title: 'What the figure is',
    numeric: false,
    cell: ({ note }) => note,
    csv: { kind: ({ note }) => note },
  },
];
