import type { ExperimentNumber } from '../../../src/protocol/neuralCfs.js';
import type { NeuralCfsStudy } from '../../../src/protocol/neuralCfsStudy.js';
import { element, linkButton } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import { cleaningRows, countsRows, type CleaningRow, type CountsRow } from '../model/dataRows.js';
import { EXPERIMENTS, percent, WAYS } from '../model/words.js';
import { cardOf, follow, unknown, type CardContext } from './cardContext.js';
import { warningList } from './markedList.js';

/** Table 5.5 of the thesis for these recordings: how frequent positives are. */
export function createCountsCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, {
    title: 'How frequent positives are',
    file: () => 'counts',
    hasChart: false,
  });
  follow(context, () => {
    const { study, experiments } = model;
    if (study === null) return;
    card.setWords('As table 5.5 of the thesis: calls before cleaning, by workload.');
    card.setTable(
      figureTable('Calls by workload', countsColumns(experiments), countsRows(study, experiments)),
    );
  });
  return card.element;
}

const COUNTED: Readonly<Record<ExperimentNumber, string>> = {
  1: 'Migrated',
  2: 'Ending in a forced one',
  3: 'Forced',
};

function countsColumns(experiments: readonly ExperimentNumber[]): FigureColumn<CountsRow>[] {
  return [
    {
      label: 'Workload',
      title: 'Workload of the recordings',
      numeric: false,
      cell: ({ workload }) => (workload === null ? element('strong', {}, 'All workloads') : workload),
      csv: { workload: ({ workload }) => workload ?? 'all' },
    },
    {
      label: 'Calls',
      title: 'Of can_migrate_task()',
      numeric: true,
      cell: ({ calls }) => formatCount(calls),
      csv: { calls: ({ calls }) => calls },
    },
    ...experiments.flatMap((experiment, at): FigureColumn<CountsRow>[] => {
      const { label, title } = EXPERIMENTS[experiment];
      const of = (row: CountsRow) => row.positives[at] ?? null;
      const share = (row: CountsRow) => {
        const positives = of(row);
        return positives === null || row.calls === 0 ? null : positives / row.calls;
      };
      return [
        {
          label: COUNTED[experiment],
          title: `Positive in ${label.toLowerCase()}: ${title}`,
          numeric: true,
          cell: (row) => {
            const positives = of(row);
            return positives === null ? unknown('It was not counted.') : formatCount(positives);
          },
          csv: { [`positive_${experiment}`]: of },
        },
        {
          label: 'Share',
          title: `Share of calls that are positive in ${label.toLowerCase()}`,
          numeric: true,
          cell: (row) => percent(share(row)),
          csv: { [`share_${experiment}`]: share },
        },
      ];
    }),
  ];
}

/** What cleaning took away, step by step. */
export function createCleaningCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, {
    title: 'Cleaning',
    file: () => `experiment-${model.shownExperiment}-cleaning`,
    hasChart: false,
  });
  follow(context, () => {
    const { result } = model;
    card.element.hidden = result === null;
    if (result === null) return;
    card.setWords(
      `${EXPERIMENTS[result.experiment].label}, in the order of the thesis. As published all rows were cleaned before they were split; in the other ways these are the training rows, and the test was cleaned by the same rules.`,
    );
    card.setTable(figureTable('Steps of cleaning', CLEANING_COLUMNS, cleaningRows(result)));
  });
  return card.element;
}

const STEPS: Readonly<Record<string, string>> = {
  float: 'made numbers',
  balance: 'classes balanced',
  variance: 'columns without variance',
  invalid: 'invalid rows',
  normalise: 'normalised by column',
};

const CLEANING_COLUMNS: readonly FigureColumn<CleaningRow>[] = [
  {
    label: 'Way',
    title: 'How rows were split',
    numeric: false,
    cell: ({ way, taken }) => (taken === null ? element('strong', {}, WAYS[way].label) : ''),
    csv: { way: ({ way }) => way },
  },
  {
    label: 'Step',
    title: 'In its order',
    numeric: false,
    cell: ({ step }) => STEPS[step.name] ?? step.name,
    csv: { step: ({ step }) => step.name },
  },
  {
    label: 'Rows',
    title: 'Left behind the step',
    numeric: true,
    cell: ({ step, taken }) => withTaken(step.rows, taken?.rows ?? 0),
    csv: { rows: ({ step }) => step.rows },
  },
  {
    label: 'Positive',
    title: 'Left behind the step',
    numeric: true,
    cell: ({ step, taken }) => withTaken(step.positives, taken?.positives ?? 0),
    csv: { positives: ({ step }) => step.positives },
  },
  {
    label: 'Share',
    title: 'Of the rows that are left',
    numeric: true,
    cell: ({ step }) => percent(step.rows === 0 ? null : step.positives / step.rows),
    csv: {},
  },
  {
    label: 'Columns',
    title: 'Left behind the step',
    numeric: true,
    cell: ({ step, taken }) => withTaken(step.columns, taken?.columns ?? 0),
    csv: { columns: ({ step }) => step.columns },
  },
  {
    label: 'Taken away',
    title: 'By the step',
    numeric: false,
    cell: ({ step }) => (step.left.length === 0 ? 'nothing' : step.left.join('; ')),
    csv: { taken_away: ({ step }) => step.left.join('; ') },
  },
];

/** `2,266 (−55,254)` */
function withTaken(left: number, taken: number): string {
  return taken === 0 ? formatCount(left) : `${formatCount(left)} (−${formatCount(taken)})`;
}

type Recording = NeuralCfsStudy['recordings'][number] & { readonly at: number };

/** The recordings of the study, and files that are not among them. */
export function createRecordingsCard(context: CardContext, open: (recording: number) => void): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'Recordings', file: () => 'recordings', hasChart: false });
  const columns = recordingColumns(open);
  follow(context, () => {
    const { study } = model;
    if (study === null) return;
    const left = warningList(study.leftOut.map(({ path, reason }) => `${path}: ${reason}`));
    card.setControls(left.hidden ? null : left);
    card.setTable(
      figureTable(
        'Recordings',
        columns,
        study.recordings.map((each, at) => ({ ...each, at })),
      ),
    );
    card.setNote(settingsText(study));
  });
  return card.element;
}

function recordingColumns(open: (recording: number) => void): FigureColumn<Recording>[] {
  return [
    {
      label: 'Recording',
      title: 'Opens it',
      numeric: false,
      cell: ({ name, path, at }) => linkButton(name, `Open ${path}`, () => open(at)),
      csv: { recording: ({ name }) => name, path: ({ path }) => path },
    },
    {
      label: 'Workload',
      title: 'By its name or its metadata',
      numeric: false,
      cell: ({ workload }) => workload,
      csv: { workload: ({ workload }) => workload },
    },
    {
      label: 'Machine',
      title: 'By its name or its metadata',
      numeric: false,
      cell: ({ machine }) => machine ?? unknown('It is not told.'),
      csv: { machine: ({ machine }) => machine },
    },
    {
      label: 'Calls',
      title: 'Rows of the file',
      numeric: true,
      cell: ({ rows, sha256 }) => element('span', { title: `SHA-256 ${sha256}` }, formatCount(rows)),
      csv: { calls: ({ rows }) => rows, sha256: ({ sha256 }) => sha256 },
    },
  ];
}

/** What was asked for, in a sentence. */
export function settingsText({ settings }: NeuralCfsStudy): string {
  const { paths, ways, balance, importanceOf, transferOf, transferBy } = settings;
  return [
    `From ${paths.join(', ')}`,
    `ways: ${ways.length === 0 ? 'none' : ways.map((way) => WAYS[way].label.toLowerCase()).join(', ')}`,
    `columns scored with classes ${balance === 'half' ? 'half and half' : 'as frequent as they are'}`,
    `columns shuffled of ${importanceOf ?? 'no model'}`,
    transferOf === null ? 'no transfer' : `transfer of ${transferOf} by ${transferBy.join(' and ')}`,
  ].join('; ');
}
