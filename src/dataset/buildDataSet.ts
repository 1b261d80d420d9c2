import { join } from 'node:path';
import { writeFileAtomically } from '../base/atomicFile.js';
import { Failure, isFailure } from '../base/errors.js';
import type { SliceDecoders } from '../trace/recording/sliceDecoders.js';
import { warningsOf } from './checks.js';
import { extractRecordings, type LeftOut } from './extract/extractRecordings.js';
import type { ExtractedRecording } from './extract/readRecordings.js';
import { Symbols } from './extract/switchRows.js';
import {
  META_FILE,
  readDataSetMeta,
  type DataSetMeta,
  type DataSetOptions,
  type PartEntry,
} from './files/dataSetMeta.js';
import { CommNames, partFileName, writePart } from './files/partFile.js';
import { requireFree, writeFolder, type FolderPlan } from './files/wholeFolder.js';
import { occurrencesIn, Successors } from './partStatistics.js';
import { rowsByPart, rowsIn, slicesOf, type Parts } from './partRows.js';
import { PART_NAMES, type PartName } from './sequences.js';
import { splitRecordings, type Split } from './splits.js';
import { standardisationsOf } from './standardisation.js';
import { vocabularyOf } from './vocabulary.js';
import { WindowPlaces } from './windows.js';

/** Windows that are counted for the description: those of the TCN follow-up. */
export const USUAL_WINDOW = { length: 64, stride: 4 } as const;

export const DEFAULT_OPTIONS: DataSetOptions = {
  vocabulary: 'comm',
  minCount: 1,
  perCpu: false,
  split: 'recording',
  seen: 0.2,
  validation: 0.1,
  gap: 0.01,
  holdOut: 'auto',
  seed: 42,
  category: null,
};

export interface BuildProgress {
  readonly step: 'reading' | 'writing';
  /** File or part. */
  readonly name: string;
  /** Recording files or parts that are done, of all. */
  readonly done: number;
  readonly total: number;
}

export interface BuildRequest {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Folder to write. */
  readonly output: string;
  readonly options: DataSetOptions;
  /** Whether a data set of that name may go. */
  readonly replace: boolean;
  readonly kernelOracleVersion: string;
  readonly now: () => Date;
  readonly decoders?: SliceDecoders;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/**
 * From recordings to a data set on disk, which is there whole or not at all. Recordings are read one after the other, and
 * of each only its switches are kept. Failures: those of reading a file that was named, `wrong-usage`, `write-failed`,
 * `cancelled`; a file of a folder that is no recording is passed over and told in the description.
 */
export async function buildDataSet(request: BuildRequest): Promise<DataSetMeta> {
  const plan = folderPlan(request);
  await requireFree(plan);
  const symbols = new Symbols();
  const { recordings, leftOut } = await extractAll(request, symbols);
  const split = splitRecordings(recordings, request.options);
  const parts = slicesOf(recordings, split.shares);
  if (parts.train.length === 0) {
    throw new Failure(
      'wrong-usage',
      'The training part would be empty: there are too few switches, or all recordings are held out for tests.',
    );
  }
  return writeFolder(plan, (folder) =>
    writeAll(folder, { request, symbols, recordings, leftOut, split, parts }),
  );
}

function folderPlan({ output, replace, signal }: BuildRequest): FolderPlan {
  return {
    path: output,
    mayReplace: async (path) => replace && (await isDataSet(path)),
    advice: replace
      ? 'only data sets are replaced, and this is none. Choose another folder.'
      : 'choose another folder, or replace a data set with --replace.',
    signal,
  };
}

async function isDataSet(path: string): Promise<boolean> {
  return readDataSetMeta(path).then(
    () => true,
    // One that is damaged, or of another version, is one all the same.
    (error: unknown) => isFailure(error, 'bad-input'),
  );
}

function extractAll(request: BuildRequest, symbols: Symbols) {
  const { paths, options, decoders, signal } = request;
  const { perCpu, category } = options;
  const onProgress = (name: string, done: number, total: number) =>
    request.onProgress?.({ step: 'reading', name, done, total });
  return extractRecordings({ paths, symbols, perCpu, category, decoders, signal, onProgress });
}

interface Extracted {
  readonly request: BuildRequest;
  readonly symbols: Symbols;
  readonly recordings: readonly ExtractedRecording[];
  readonly leftOut: readonly LeftOut[];
  readonly split: Split;
  readonly parts: Parts;
}

async function writeAll(folder: string, extracted: Extracted): Promise<DataSetMeta> {
  const { request, symbols, parts, split } = extracted;
  const { options, signal } = request;
  const vocabulary = vocabularyOf(
    options.vocabulary,
    symbols,
    occurrencesIn(parts.train, symbols),
    options.minCount,
  );
  const successors = new Successors(parts.train, vocabulary, signal);
  const comms = new CommNames(symbols);
  const entries = {} as Record<PartName, PartEntry>;
  for (const [done, name] of PART_NAMES.entries()) {
    request.onProgress?.({ step: 'writing', name, done, total: PART_NAMES.length });
    const slices = parts[name];
    const file = await writePart(folder, name, slices, { symbols, vocabulary, comms }, signal);
    entries[name] = {
      file: partFileName(name),
      ...file,
      rows: rowsIn(slices),
      sequences: slices.length,
      windows: windowsIn(slices),
      ...successors.countsOf(slices),
    };
  }
  const { kind, tasks, taskCounts, states } = vocabulary;
  const description: Omit<DataSetMeta, 'warnings'> = {
    format: 'kernel-oracle-dataset',
    version: 1,
    kernelOracleVersion: request.kernelOracleVersion,
    created: request.now().toISOString(),
    options,
    vocabulary: { kind, tasks: [...tasks], taskCounts: [...taskCounts], states: [...states] },
    comms: comms.names,
    features: standardisationsOf(parts.train),
    heldOut: split.heldOut,
    recordings: recordingEntries(extracted),
    leftOut: [...extracted.leftOut],
    parts: entries,
  };
  const meta = { ...description, warnings: [...split.notes, ...warningsOf(description)] };
  await writeFileAtomically(join(folder, META_FILE), [`${JSON.stringify(meta, null, 1)}\n`], signal);
  return meta;
}

function windowsIn(slices: Parts[PartName]): number {
  const starts = new Uint32Array(slices.length);
  let rows = 0;
  slices.forEach(({ start, end }, at) => {
    starts[at] = rows;
    rows += end - start;
  });
  return new WindowPlaces({ rows, starts }, USUAL_WINDOW.length, USUAL_WINDOW.stride).count;
}

function recordingEntries({ recordings, parts }: Extracted): DataSetMeta['recordings'] {
  return recordings.map(({ stretches, ...facts }, index) => ({
    ...facts,
    rows: stretches.reduce((sum, { start, end }) => sum + end - start, 0),
    parts: rowsByPart(parts, index),
  }));
}
