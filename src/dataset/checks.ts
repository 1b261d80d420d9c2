/** What makes results on a data set look better or mean less than they seem, told when it is built. */
import type { DataSetMeta, PartEntry, RecordingEntry } from './files/dataSetMeta.js';
import { PART_NAMES, type PartName } from './sequences.js';

const TITLES: Readonly<Record<PartName, string>> = {
  train: 'the training part',
  validation: 'the validation part',
  seen: 'the seen test',
  unseen: 'the unseen test',
};
/** Shares from which on something is worth a warning. */
const MUCH_IDLE = 0.4;
const EASY_SUCCESSOR = 0.9;
const MANY_UNKNOWN = 0.1;
const MANY_LOST = 0.01;
const MUCH_LEFT_OUT = 0.1;

export function warningsOf(meta: Omit<DataSetMeta, 'warnings'>): string[] {
  return [
    ...ofCopies(meta.recordings),
    ...ofParts(meta),
    ...ofCategories(meta.recordings, meta.heldOut),
    ...ofLosses(meta.recordings),
    ...ofPids(meta),
  ];
}

/** The same rows in two recordings: a test that was trained on, or a recording that counts twice. */
function* ofCopies(recordings: readonly RecordingEntry[]): Generator<string> {
  const first = new Map<string, RecordingEntry>();
  for (const recording of recordings) {
    const before = first.get(recording.rowsSha256);
    if (before === undefined) {
      first.set(recording.rowsSha256, recording);
      continue;
    }
    const parts = partsOf(before).filter((part) => !partsOf(recording).includes(part));
    const where =
      parts.length === 0
        ? 'It counts twice.'
        : `One is in ${partsOf(before).map(titleOf).join(' and ')}, the other in ${partsOf(recording).map(titleOf).join(' and ')}: what is tested was trained on.`;
    yield `${nameOf(recording)} is the same recording as ${nameOf(before)}. ${where}`;
  }
}

function* ofParts({ parts, heldOut, recordings }: Omit<DataSetMeta, 'warnings'>): Generator<string> {
  for (const name of PART_NAMES) {
    const part = parts[name];
    if (part.rows === 0) {
      if (name !== 'unseen' || heldOut !== null) yield `${capital(TITLES[name])} has no rows.`;
      continue;
    }
    if (part.windows === 0) {
      yield `${capital(TITLES[name])} has no window of 64 events: its sequences are shorter.`;
    }
    yield* ofTargets(name, part);
  }
  const unseen = new Set(recordings.map(({ category }) => category));
  if (heldOut === null && unseen.size < 3) {
    yield `No category is held out: there are only ${unseen.size}, so nothing tells how a model does on workloads of another kind.`;
  }
}

function* ofTargets(name: PartName, part: PartEntry): Generator<string> {
  const title = TITLES[name];
  const idle = part.idleTargets / part.targets;
  if (idle > MUCH_IDLE) {
    yield `In ${title} ${percent(idle)} of what is to be predicted is idle: always answering idle is as often right.`;
  }
  const successor = part.mostFrequentSuccessor / part.targets;
  if (successor > EASY_SUCCESSOR) {
    yield `In ${title} the most frequent successor of each task is right in ${percent(successor)}: a model has to beat that.`;
  }
  const unknown = part.unknownTargets / part.targets;
  if (unknown > MANY_UNKNOWN) {
    yield `In ${title} ${percent(unknown)} of what is to be predicted is not in the vocabulary, and can never be right.`;
  }
}

function* ofCategories(recordings: readonly RecordingEntry[], heldOut: string | null): Generator<string> {
  const runs = new Map<string, number>();
  for (const { category } of recordings) runs.set(category, (runs.get(category) ?? 0) + 1);
  for (const [category, count] of runs) {
    if (count > 1 || category === heldOut) continue;
    yield `There is one recording of the category ${category}: what its test shows is one run.`;
  }
}

function* ofLosses(recordings: readonly RecordingEntry[]): Generator<string> {
  for (const recording of recordings) {
    const { lostEvents, events, lossPlaces, leftOut, rows, overwrittenEvents } = recording;
    const lost = lostEvents / Math.max(1, lostEvents + events);
    if (lost > MANY_LOST) {
      yield `${nameOf(recording)} lost ${percent(lost)} of its events, in ${lossPlaces} places. Record with larger buffers.`;
    }
    if ((overwrittenEvents ?? 0) > 0) {
      yield `${nameOf(recording)}: its first ${overwrittenEvents!} events were overwritten before they were read.`;
    }
    const without = leftOut / Math.max(1, leftOut + rows);
    if (without > MUCH_LEFT_OUT) {
      yield `Of ${nameOf(recording)} ${percent(without)} of the switches are left out, since events around them were lost.`;
    }
  }
}

function* ofPids({ vocabulary, recordings }: Omit<DataSetMeta, 'warnings'>): Generator<string> {
  if (vocabulary.kind === 'pid' && recordings.length > 1) {
    yield 'Tasks are told apart by PID: in recordings of other boots the same PID is another task.';
  }
}

function partsOf({ parts }: RecordingEntry): PartName[] {
  return PART_NAMES.filter((name) => parts[name] > 0);
}

function titleOf(name: PartName): string {
  return TITLES[name];
}

function nameOf({ files, traceId }: RecordingEntry): string {
  const path = files[0]?.path ?? '';
  return traceId === null ? path : `${path} (${traceId})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
