/** Training and test rows of labelled calls, so that what belongs together is in one of them. */
import { Failure } from '../../base/errors.js';
import { shuffled } from '../chance.js';
import type { Labelled, MigrationSet } from './migrationSet.js';
import { allRows } from './setColumns.js';

/** `row` is the thesis's: calls of one history are on both sides, and tell of each other. */
export const ROW_SPLITS = ['row', 'group', 'recording', 'workload'] as const;
export type RowSplitKind = (typeof ROW_SPLITS)[number];

export interface RowSplitOptions {
  readonly by: RowSplitKind;
  /** Of the rows, above 0 and below 1; of `recording` and `workload` as near as whole ones come. */
  readonly testShare: number;
  readonly seed: number;
  /** Recordings or workloads by name that are the test, instead of drawn ones. */
  readonly holdOut?: string | readonly string[] | undefined;
  /** Rows to be split, ascending; else all of the set. */
  readonly rows?: Uint32Array | undefined;
}

export interface RowSplit {
  /** Ascending. */
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** What was done, for people. */
  readonly note: string;
}

/** What is never divided: its rows, and what it is drawn with. */
interface Unit {
  readonly rows: number;
  /** Units of one stratum are split among themselves. */
  readonly stratum: string;
}

interface Units {
  /** By row of those to be split. */
  readonly ofRow: Uint32Array;
  readonly units: readonly Unit[];
  /** Names of recordings or workloads; rows and groups have none. */
  readonly names: readonly string[] | undefined;
}

const DRAW_TEST = 21;
/** Of recordings and workloads in the test so many are named. */
const NAMED = 8;

/**
 * Failures: `wrong-usage` (a share that is none, something to hold out that is not there), `bad-input` (there is only one
 * recording, workload or group, so one side would be empty).
 */
export function splitRows(set: MigrationSet, labelled: Labelled, options: RowSplitOptions): RowSplit {
  const { by, testShare, seed, holdOut } = options;
  if (!(testShare > 0 && testShare < 1)) {
    throw new Failure('wrong-usage', `The share of the test is above 0 and below 1; ${testShare} is not.`);
  }
  const rows = options.rows ?? allRows(set);
  const units = unitsOf(set, labelled, rows, by);
  const isTest =
    holdOut === undefined ? drawn(units.units, testShare, seed) : heldOut(units, by, [holdOut].flat());
  const train = rows.filter((_, at) => isTest[units.ofRow[at]!] === 0);
  const test = rows.filter((_, at) => isTest[units.ofRow[at]!] === 1);
  if (train.length === 0 || test.length === 0) throw withoutSide(by, units, holdOut);
  return { train, test, note: noteOf(labelled, by, units, isTest, train, test) };
}

function unitsOf(set: MigrationSet, labelled: Labelled, rows: Uint32Array, by: RowSplitKind): Units {
  switch (by) {
    case 'row': {
      const units = Array.from(rows, (row) => ({ rows: 1, stratum: String(labelled.labels[row]) }));
      return { ofRow: Uint32Array.from(rows, (_, at) => at), units, names: undefined };
    }
    case 'group': {
      const { ofRow, first } = numbered(rows, (row) => labelled.groups[row]!);
      const positive = new Uint8Array(first.length);
      rows.forEach((row, at) => (positive[ofRow[at]!]! |= labelled.labels[row]!));
      return {
        ofRow,
        units: counted(ofRow, first.length, (unit) => String(positive[unit])),
        names: undefined,
      };
    }
    case 'recording': {
      const { ofRow, first } = numbered(rows, (row) => set.recording[row]!);
      const recordings = first.map((row) => set.recordings[set.recording[row]!]!);
      const workloads = recordings.map(({ workload }) => workload);
      // Where no workload was recorded twice, recordings of all of them are drawn from.
      const isRepeated = new Set(workloads).size < workloads.length;
      const units = counted(ofRow, first.length, (unit) => (isRepeated ? workloads[unit]! : ''));
      return { ofRow, units, names: recordings.map(({ name }) => name) };
    }
    case 'workload': {
      const workload = (row: number) => set.recordings[set.recording[row]!]!.workload;
      const { ofRow, first } = numbered(rows, workload);
      return { ofRow, units: counted(ofRow, first.length, () => ''), names: first.map(workload) };
    }
  }
}

/** Rows by a key, numbered as keys first occur, and the first row of each. */
function numbered(rows: Uint32Array, keyOf: (row: number) => number | string) {
  const numbers = new Map<number | string, number>();
  const first: number[] = [];
  const ofRow = Uint32Array.from(rows, (row) => {
    const key = keyOf(row);
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = first.length));
      first.push(row);
    }
    return number;
  });
  return { ofRow, first };
}

function counted(ofRow: Uint32Array, count: number, stratumOf: (unit: number) => string): Unit[] {
  const rows = new Uint32Array(count);
  for (const unit of ofRow) rows[unit]! += 1;
  return Array.from(rows, (of, unit) => ({ rows: of, stratum: stratumOf(unit) }));
}

/** Of each stratum with two units and more at least one, and not all of them. */
function drawn(units: readonly Unit[], share: number, seed: number): Uint8Array {
  const strata = new Map<string, number[]>();
  units.forEach(({ stratum }, unit) => {
    const members = strata.get(stratum);
    if (members === undefined) strata.set(stratum, [unit]);
    else members.push(unit);
  });
  const isTest = new Uint8Array(units.length);
  for (const [at, members] of [...strata.values()].entries()) {
    if (members.length === 1) continue;
    const wanted = share * members.reduce((sum, unit) => sum + units[unit]!.rows, 0);
    let rows = 0;
    let taken = 0;
    for (const unit of shuffled(members, seed, DRAW_TEST + at)) {
      const { rows: more } = units[unit]!;
      // One that overshoots more than it is short of is passed over for a smaller one.
      if (taken > 0 && rows + more / 2 > wanted) continue;
      if (taken === members.length - 1) break;
      isTest[unit] = 1;
      rows += more;
      taken += 1;
    }
  }
  return isTest;
}

function heldOut({ names, units }: Units, by: RowSplitKind, wanted: readonly string[]): Uint8Array {
  if (names === undefined) {
    throw new Failure('wrong-usage', `A ${by} has no name: recordings or workloads can be held out.`);
  }
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const listed = [...new Set(names)].sort().join(', ');
    throw new Failure(
      'wrong-usage',
      `There is no ${by} "${missing}" to hold out. There ${units.length === 1 ? 'is' : 'are'}: ${listed}.`,
    );
  }
  return Uint8Array.from(names, (name) => Number(wanted.includes(name)));
}

function withoutSide(by: RowSplitKind, { units }: Units, holdOut: RowSplitOptions['holdOut']): Failure {
  if (holdOut !== undefined) {
    return new Failure(
      'wrong-usage',
      `With ${[holdOut].flat().join(', ')} held out nothing is left to train.`,
    );
  }
  const many = `${units.length} ${by}${units.length === 1 ? '' : 's'}`;
  return new Failure(
    'bad-input',
    `${many} cannot be split into training and test. Record more, or split by another kind: ${ROW_SPLITS.join(', ')}.`,
  );
}

const UNITS: Readonly<Record<RowSplitKind, string>> = {
  row: 'rows',
  group: 'history groups',
  recording: 'recordings',
  workload: 'workloads',
};

function noteOf(
  { labels }: Labelled,
  by: RowSplitKind,
  { units, names }: Units,
  isTest: Uint8Array,
  train: Uint32Array,
  test: Uint32Array,
): string {
  const [inTrain, inTest] = [train, test].map((rows) => rows.reduce((sum, row) => sum + labels[row]!, 0));
  const chosen = isTest.reduce((sum, each) => sum + each, 0);
  const listed = names?.filter((_, unit) => isTest[unit] === 1).sort() ?? [];
  const more = listed.length > NAMED ? ` and ${listed.length - NAMED} more` : '';
  const which = listed.length === 0 ? '' : ` (${listed.slice(0, NAMED).join(', ')}${more})`;
  const alone = by === 'recording' ? aloneNote(units) : '';
  const shared = by === 'row' ? ' Calls of one history are on both sides.' : '';
  return `The test is ${n(chosen)} of ${n(units.length)} ${UNITS[by]}${which}: ${n(test.length)} calls, ${n(inTest!)} of them positive, beside ${n(train.length)} and ${n(inTrain!)} for training.${shared}${alone}`;
}

/** Workloads that were recorded once are not in a test by recording. */
function aloneNote(units: readonly Unit[]): string {
  const counts = new Map<string, number>();
  for (const { stratum } of units) counts.set(stratum, (counts.get(stratum) ?? 0) + 1);
  const alone = [...counts].filter(([, count]) => count === 1).map(([stratum]) => stratum);
  if (alone.length === 0) return '';
  return ` Recorded once, and so for training only: ${alone.sort().join(', ')}.`;
}

function n(count: number): string {
  return count.toLocaleString('en-US');
}
