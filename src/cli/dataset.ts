import { fileURLToPath } from 'node:url';
import { isFailure } from '../base/errors.js';
import { buildDataSet, DEFAULT_OPTIONS, type BuildProgress } from '../dataset/buildDataSet.js';
import { openDataSet } from '../dataset/dataSet.js';
import { exportDataSet } from '../dataset/exportDataSet.js';
import type { ExportKind } from '../dataset/files/exportKinds.js';
import type { DataSetMeta, DataSetOptions, RecordingEntry } from '../dataset/files/dataSetMeta.js';
import { PART_NAMES } from '../dataset/sequences.js';
import { SliceThreads } from '../workers/sliceThreads.js';
import { printable, printLines, table, toJson, type Column } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface DatasetBuildOptions {
  readonly output: string;
  readonly holdOut?: string;
  readonly seed?: number;
  readonly vocabulary?: DataSetOptions['vocabulary'];
  readonly perCpu?: boolean;
  readonly split?: DataSetOptions['split'];
  readonly seenShare?: number;
  readonly validationShare?: number;
  readonly gap?: number;
  readonly minCount?: number;
  readonly category?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `dataset build PATH… -o OUT`: train, validation and test parts of recordings. */
export async function buildDataset(paths: readonly string[], options: DatasetBuildOptions): Promise<void> {
  const line = new StatusLine(options.quiet === true);
  const decoders = new SliceThreads(fileURLToPath(new URL('sliceWorker.cjs', import.meta.url)));
  try {
    const meta = await interruptible((signal) =>
      buildDataSet({
        paths,
        output: options.output,
        options: chosen(options),
        replace: options.replace === true,
        kernelOracleVersion: packageJson.version,
        now: () => new Date(),
        decoders,
        signal,
        onProgress: (progress) => line.show(stepText(progress)),
      }),
    );
    line.clear();
    for (const warning of meta.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
    for (const { path, reason } of meta.leftOut) {
      process.stderr.write(`note: ${printable(path)} was left out: ${printable(reason)}\n`);
    }
    await printLines(options.json === true ? [toJson(meta)] : summaryOf(meta));
  } finally {
    line.clear();
    decoders.close();
  }
}

function chosen(options: DatasetBuildOptions): DataSetOptions {
  return {
    vocabulary: options.vocabulary ?? DEFAULT_OPTIONS.vocabulary,
    minCount: options.minCount ?? DEFAULT_OPTIONS.minCount,
    perCpu: options.perCpu ?? DEFAULT_OPTIONS.perCpu,
    split: options.split ?? DEFAULT_OPTIONS.split,
    seen: options.seenShare ?? DEFAULT_OPTIONS.seen,
    validation: options.validationShare ?? DEFAULT_OPTIONS.validation,
    gap: options.gap ?? DEFAULT_OPTIONS.gap,
    holdOut: options.holdOut ?? DEFAULT_OPTIONS.holdOut,
    seed: options.seed ?? DEFAULT_OPTIONS.seed,
    category: options.category ?? DEFAULT_OPTIONS.category,
  };
}

function stepText({ step, name, done, total }: BuildProgress): string {
  return `${step} ${done + 1} of ${total}: ${printable(name)}`;
}

export interface DatasetInfoOptions {
  readonly json?: boolean;
}

/** `dataset info FOLDER`: what a data set is made of. */
export async function datasetInfo(folder: string, options: DatasetInfoOptions): Promise<void> {
  const { meta } = await openDataSet(folder);
  await printLines(options.json === true ? [toJson(meta)] : detailsOf(meta));
}

export interface DatasetExportOptions {
  readonly to: ExportKind;
  readonly output: string;
  readonly window: number;
  readonly stride: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `dataset export FOLDER --to FORMAT -o OUT`: its parts in another form. */
export async function exportDataset(folder: string, options: DatasetExportOptions): Promise<void> {
  const line = new StatusLine(options.quiet === true);
  try {
    const files = await interruptible((signal) =>
      exportDataSet({
        folder,
        to: options.to,
        output: options.output,
        length: options.window,
        stride: options.stride,
        signal,
        onPart: (part) => line.show(`writing ${part}`),
      }),
    );
    line.clear();
    await printLines(
      options.json === true
        ? [toJson({ output: options.output, files })]
        : files.map(({ name, sizeBytes }) => `${name}  ${sizeBytes} bytes`),
    );
  } finally {
    line.clear();
  }
}

/** Ctrl+C, or a polite kill, ends the work in order: what it began to write is taken away. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cancel = new AbortController();
  const onInterrupt = () => cancel.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    return await work(cancel.signal);
  } catch (error) {
    if (isFailure(error, 'cancelled')) process.exitCode = 130;
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
  }
}

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
    title: 'most frequent successor',
    align: 'right',
    cell: ({ mostFrequentSuccessor, targets }) => percent(mostFrequentSuccessor, targets),
  },
];

function* summaryOf(meta: DataSetMeta): Generator<string> {
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

function* detailsOf(meta: DataSetMeta): Generator<string> {
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
