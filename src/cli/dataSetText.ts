import type { DataSetMeta, RecordingEntry } from '../dataset/files/dataSetMeta.js';
import { PART_NAMES } from '../dataset/sequences.js';
import { printable, table, type Column } from './output.js';

type PartRow = { readonly name: string } & DataSetMeta['parts']['train'];

const PART_COLUMNS: readonly Column<PartRow>[] = [
  { title: 'part', align: 'left', cell: ({ name }) => name },
  { title: 'rows', align: 'right', cell: ({ rows }) => String(rows) },
  { title: 'sequences', align: 'right', cell: ({ sequences }) => String(sequences) },
  { title: 'windows of 64/4', align: 'right', cell: ({ windows }) => String(windows) },
  { title: 'targets', align: 'right', cell: ({ targets }) => String(targets) },
  { title: 'UNK', align: 'right', cell: ({ unknownTargets, targets }) => percent(unknownTargets, targets) },
  { title: 'idle', align: 'right', cell: ({ idleTargets, targets }) => percent(idleTargets, targets) },
  {
    title: 'contested',
    align: 'right',
    cell: ({ contestedTargets, contestedKnown }) => percent(contestedTargets, contestedKnown),
  },
  {
    title: 'most frequent successor',
    align: 'right',
    cell: ({ mostFrequentSuccessor, targets }) => percent(mostFrequentSuccessor, targets),
  },
];

/** What a data set came to: recordings, vocabulary, parts. */
export function* summaryOf(meta: DataSetMeta): Generator<string> {
  const { vocabulary, heldOut, recordings } = meta;
  const categories = new Set(recordings.map(({ category }) => category));
  yield `recordings   ${recordings.length} of ${categories.size} categories`;
  yield `held out     ${heldOut === null ? 'none' : printable(heldOut)}`;
  yield `vocabulary   ${vocabulary.tasks.length} tasks by ${vocabulary.kind}, ${vocabulary.states.length} states, UNK included`;
  yield '';
  yield* table(
    PART_COLUMNS,
    PART_NAMES.map((name) => ({ name, ...meta.parts[name] })),
  );
}

const RECORDING_COLUMNS: readonly Column<RecordingEntry>[] = [
  { title: 'workload', align: 'left', cell: ({ workload }) => workload },
  { title: 'category', align: 'left', cell: ({ category }) => category },
  { title: 'run', align: 'right', cell: ({ run }) => (run === null ? '-' : String(run)) },
  { title: 'rows', align: 'right', cell: ({ rows }) => String(rows) },
  { title: 'lost', align: 'right', cell: ({ lostEvents }) => String(lostEvents) },
  {
    title: 'parts',
    align: 'left',
    cell: ({ parts }) => PART_NAMES.filter((name) => parts[name] > 0).join(' '),
  },
  { title: 'file', align: 'left', cell: ({ files }) => files[0]?.path ?? '-' },
];

/** The same with every recording and what to mind. */
export function* detailsOf(meta: DataSetMeta): Generator<string> {
  yield `built        ${meta.created} by KernelOracle ${printable(meta.kernelOracleVersion)}`;
  yield* summaryOf(meta);
  yield '';
  yield* table(RECORDING_COLUMNS, meta.recordings);
  if (meta.warnings.length > 0) yield '';
  for (const warning of meta.warnings) yield `warning: ${printable(warning)}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
