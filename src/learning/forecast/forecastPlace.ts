import { Failure } from '../../base/errors.js';
import type { DataSet, StoredPart } from '../../dataset/dataSet.js';
import { encodeRecordings } from '../../dataset/encodeRecordings.js';
import type { PartName } from '../../dataset/sequences.js';
import { sequenceOf, stretchOf } from './places.js';

/** Where a forecast begins. */
export type ForecastPlace = PartPlace | RecordingPlace;

export interface PartPlace {
  readonly part: PartName;
  /** The last event that is observed; `null`: one that `steps` events follow where there is such, in the longest sequence. */
  readonly row: number | null;
}

export interface RecordingPlace {
  /** Path of a file or folder. */
  readonly recording: string;
  /** `null`: the CPU with the most events, or the merged CPUs where the data set has them merged. */
  readonly cpu: number | null;
  /** Absolute ns as decimal text: the last event at this time or before it is the last one observed; `null`: as `row`. */
  readonly timeNs: string | null;
  /** `timeNs` counts from the first switch of the recording, on whatever CPU. */
  readonly isRelative?: boolean;
}

/** Rows to forecast from. */
export interface FoundPlace {
  readonly part: StoredPart;
  readonly row: number;
  /** The file that it is of. */
  readonly recording: string;
  /** `null`: a recording was named. */
  readonly name: PartName | null;
  /** Nobody named the row or the time. */
  readonly isChosen: boolean;
}

/**
 * Finds a place. Failures: `wrong-usage` for a row, CPU or time that is not there, which tell those that are; `bad-input` when
 * nothing can be forecast from it; those of reading.
 */
export async function findPlace(
  place: ForecastPlace,
  dataSet: DataSet,
  steps: number,
  signal: AbortSignal | undefined,
): Promise<FoundPlace> {
  if ('recording' in place) return inRecording(place, dataSet, steps, signal);
  const part = await dataSet.part(place.part, signal);
  if (part.rows === 0) {
    throw new Failure(
      'bad-input',
      `The part ${place.part} of ${dataSet.folder} has no events: name another part.`,
    );
  }
  const row = place.row ?? usualRow(part, longest(part, allOf(part)), steps);
  if (!Number.isInteger(row) || row < 0 || row >= part.rows) {
    throw new Failure(
      'wrong-usage',
      `The part ${place.part} has no row ${row}: its rows are 0 to ${part.rows - 1}.`,
    );
  }
  const { recording } = part.origins[sequenceOf(part, row)]!;
  return {
    ...{ part, row, name: place.part, isChosen: place.row === null },
    recording: dataSet.meta.recordings[recording]!.files[0]?.path ?? '',
  };
}

async function inRecording(
  { recording, cpu, timeNs, isRelative }: RecordingPlace,
  dataSet: DataSet,
  steps: number,
  signal: AbortSignal | undefined,
): Promise<FoundPlace> {
  const { part, recordings } = await encodeRecordings([recording], dataSet.meta, signal);
  if (part.rows === 0)
    throw new Failure('bad-input', `${recording} has no switch of tasks to forecast from.`);
  const sequences = sequencesOf(part, cpu, recording);
  const row =
    timeNs === null
      ? usualRow(part, longest(part, sequences), steps)
      : rowAt(part, sequences, wholeNs(timeNs) + (isRelative === true ? firstNs(part) : 0n), recording);
  const file = recordings[part.origins[sequenceOf(part, row)]!.recording]!.path;
  return { part, row, recording: file, name: null, isChosen: timeNs === null };
}

/** Sequences of one CPU. */
function sequencesOf(part: StoredPart, cpu: number | null, recording: string): number[] {
  const isMerged = part.origins.some((origin) => origin.cpu === null);
  if (isMerged) {
    if (cpu === null) return allOf(part);
    throw new Failure(
      'wrong-usage',
      `The data set of the run has the CPUs merged: its model forecasts what comes next on any of them. Leave out CPU ${cpu}.`,
    );
  }
  const chosen = cpu ?? busiestCpu(part);
  const found = allOf(part).filter((sequence) => part.origins[sequence]!.cpu === chosen);
  if (found.length > 0) return found;
  const there = [...new Set(part.origins.map((origin) => origin.cpu!))].sort((a, b) => a - b);
  throw new Failure(
    'wrong-usage',
    `${recording} has no switches on CPU ${chosen}: it has CPU ${there.join(', ')}.`,
  );
}

function allOf(part: StoredPart): number[] {
  return Array.from(part.starts.keys());
}

function busiestCpu(part: StoredPart): number {
  const rows = new Map<number, number>();
  for (const sequence of allOf(part)) {
    const { start, end } = stretchOf(part, sequence);
    const cpu = part.origins[sequence]!.cpu!;
    rows.set(cpu, (rows.get(cpu) ?? 0) + end - start);
  }
  return [...rows].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]![0];
}

function longest(part: StoredPart, sequences: readonly number[]): number {
  const lengthOf = (sequence: number) => {
    const { start, end } = stretchOf(part, sequence);
    return end - start;
  };
  return sequences.reduce((best, each) => (lengthOf(each) > lengthOf(best) ? each : best));
}

/** The middle of a sequence, or later where there is so much that `steps` events still follow. */
function usualRow(part: StoredPart, sequence: number, steps: number): number {
  const { start, end } = stretchOf(part, sequence);
  return Math.max(start + ((end - 1 - start) >> 1), end - 1 - steps);
}

/** The last row at a time or before it. */
function rowAt(part: StoredPart, sequences: readonly number[], timeNs: bigint, recording: string): number {
  const spans = sequences
    .map((sequence) => ({ sequence, from: part.startNs[sequence]!, until: endNs(part, sequence) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const span = spans.findLast(({ from, until }) => from <= timeNs && timeNs <= until);
  if (span !== undefined) return rowWithin(part, span.sequence, timeNs);
  const [first, last] = [
    spans[0]!.from,
    spans.reduce((most, { until }) => (until > most ? until : most), 0n),
  ];
  const before = spans.findLast(({ until }) => until < timeNs);
  const after = spans.find(({ from }) => from > timeNs);
  throw new Failure(
    'wrong-usage',
    before === undefined || after === undefined
      ? `${recording} has no switches at ${timeNs} ns: they lie from ${first} to ${last} ns.`
      : `${recording} has no switches at ${timeNs} ns: between ${before.until} and ${after.from} ns events were lost. They lie from ${first} to ${last} ns.`,
  );
}

function rowWithin(part: StoredPart, sequence: number, timeNs: bigint): number {
  const { start, end } = stretchOf(part, sequence);
  let left = Number(timeNs - part.startNs[sequence]!);
  let row = start;
  while (row + 1 < end && part.deltaNs[row + 1]! <= left) {
    row += 1;
    left -= part.deltaNs[row]!;
  }
  return row;
}

/** Absolute time of a row. */
export function timeOf(part: StoredPart, row: number): bigint {
  const sequence = sequenceOf(part, row);
  let sinceStart = 0;
  for (let at = part.starts[sequence]! + 1; at <= row; at += 1) sinceStart += part.deltaNs[at]!;
  return part.startNs[sequence]! + BigInt(Math.round(sinceStart));
}

function endNs(part: StoredPart, sequence: number): bigint {
  return timeOf(part, stretchOf(part, sequence).end - 1);
}

function firstNs({ startNs }: StoredPart): bigint {
  return startNs.reduce((first, each) => (each < first ? each : first));
}

function wholeNs(text: string): bigint {
  if (/^-?\d{1,20}$/.test(text)) return BigInt(text);
  throw new Failure('wrong-usage', `${text} is no time: give whole nanoseconds, as the recording has them.`);
}
