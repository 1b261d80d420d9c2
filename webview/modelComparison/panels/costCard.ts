import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCountShort, formatDuration, unknownText } from '../../common/format.js';
import { costRows } from '../../model/panels/costCard.js';
import { runLabel, runLetter } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

type Cost = ReturnType<typeof costRows>[number];

interface Row {
  readonly label: string;
  readonly letter: string;
  readonly machine: string;
  readonly cost: Cost;
}

/** What an answer of each model costs. */
export function createCostCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'Cost', file: 'cost', hasChart: false });
  follow(context, () => {
    const { comparison } = model;
    card.element.hidden = comparison === null;
    if (comparison === null) return;
    const rows = comparison.runs.flatMap(({ cost }, run): Row[] =>
      cost === null
        ? []
        : costRows(cost).map((each) => ({
            label: runLabel(comparison, run),
            letter: runLetter(run),
            machine: cost.machine,
            cost: each,
          })),
    );
    const machines = new Set(rows.map(({ machine }) => machine));
    const unmeasured = comparison.runs.flatMap(({ cost }, run) =>
      cost === null ? [runLabel(comparison, run)] : [],
    );
    card.setExportable(rows.length > 0);
    card.setWords(
      [
        unmeasured.length === 0 ? '' : `Not measured when it was evaluated: ${unmeasured.join(', ')}.`,
        machines.size > 1 ? 'Measured on different machines: the figures are not comparable.' : '',
      ]
        .filter((text) => text !== '')
        .join(' '),
    );
    if (rows.length === 0) card.setBelow();
    else card.setTable(figureTable('Cost of answers', COLUMNS, rows));
  });
  return card.element;
}

const COLUMNS: readonly FigureColumn<Row>[] = [
  {
    label: 'Model',
    title: 'Run of training',
    numeric: false,
    cell: ({ label }) => label,
    csv: { run: ({ letter }) => letter, machine: ({ machine }) => machine },
  },
  {
    label: 'How',
    title: 'Engine, or the streaming predictor',
    numeric: false,
    cell: ({ cost }) => cost.way,
    csv: { way: ({ cost }) => cost.way },
  },
  {
    label: 'What',
    title: 'What is answered',
    numeric: false,
    cell: ({ cost }) => cost.what,
    csv: { what: ({ cost }) => cost.what },
  },
  {
    label: 'Median',
    title: 'Half of the answers took no longer; a batch has no latency of one answer',
    numeric: true,
    cell: ({ cost: { p50Ns } }) => (p50Ns === null ? unknownText : formatDuration(p50Ns)),
    csv: { p50_ns: ({ cost }) => cost.p50Ns },
  },
  {
    label: '99th percentile',
    title: '99 of 100 answers took no longer',
    numeric: true,
    cell: ({ cost: { p99Ns } }) => (p99Ns === null ? unknownText : formatDuration(p99Ns)),
    csv: { p99_ns: ({ cost }) => cost.p99Ns },
  },
  {
    label: 'Windows a second',
    title: 'In batches: a throughput, no latency',
    numeric: true,
    cell: ({ cost: { perSecond } }) => (perSecond === null ? unknownText : formatCountShort(perSecond)),
    csv: { windows_per_second: ({ cost }) => cost.perSecond },
  },
];
