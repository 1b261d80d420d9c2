import { Failure } from '../base/errors.js';
import { shuffled } from './chance.js';
import type { PartName } from './sequences.js';

/**
 * How parts are made of recordings. `recording`: whole recordings, drawn by the seed. `run`: whole recordings, the last runs
 * of each workload for the test. `walk-forward`: each recording is cut by time, with gaps. `80-10-10`: the same without
 * gaps.
 */
export const SPLITS = ['recording', 'run', 'walk-forward', '80-10-10'] as const;
export type SplitKind = (typeof SPLITS)[number];

export interface SplitOptions {
  readonly split: SplitKind;
  /** Shares of what is not held out, 0…1. */
  readonly seen: number;
  readonly validation: number;
  /** Share of a recording's rows that is left out between two parts that are cut from it. */
  readonly gap: number;
  /**
   * A category; `random`: one of at least three; `none`; `auto`: random where whole recordings are split and there are
   * three, else none.
   */
  readonly holdOut: string;
  readonly seed: number;
}

/** What a split needs to know of a recording. */
export interface SplitRecording {
  readonly category: string;
  readonly workload: string;
  readonly run: number | null;
}

/** A stretch of a recording for a part: by shares of its rows in order of time, [from, until). */
export interface PartShare {
  readonly part: PartName;
  readonly from: number;
  readonly until: number;
}

export interface Split {
  readonly heldOut: string | null;
  /** By recording. */
  readonly shares: readonly (readonly PartShare[])[];
  /** What was done otherwise than asked for, and why. */
  readonly notes: readonly string[];
}

/** What draws are for, so that each is its own. */
const DRAW_CATEGORY = 1;
const DRAW_RUNS = 2;
/** From so many recordings of a workload on, validation has whole ones of its own. */
const WHOLE_VALIDATION_FROM = 5;
const LEAST_CATEGORIES = 3;

/** Which recording, or which stretch of one, belongs to which part. Failures: `wrong-usage`. */
export function splitRecordings(recordings: readonly SplitRecording[], options: SplitOptions): Split {
  const parts = options.split === '80-10-10' ? { ...options, seen: 0.1, validation: 0.1, gap: 0 } : options;
  requireShares(parts);
  const heldOut = heldOutOf(recordings, options);
  const shares: PartShare[][] = recordings.map(({ category }) =>
    category === heldOut ? [{ part: 'unseen', from: 0, until: 1 }] : [],
  );
  const notes: string[] = [];
  for (const group of groupsOf(recordings, heldOut)) {
    const isWhole = options.split === 'recording' || options.split === 'run';
    if (isWhole && group.length > 1) splitWhole(group, recordings, parts, shares);
    else {
      if (isWhole) notes.push(cutNote(recordings[group[0]!]!));
      for (const index of group) shares[index] = walkForward(parts);
    }
  }
  return { heldOut, shares, notes };
}

function cutNote({ workload }: SplitRecording): string {
  return `There is one recording of ${workload}: its beginning is for training and its end for the seen test, which is the same run.`;
}

/** Cut by time: training, a gap, validation, a gap, test. */
function walkForward({ seen, validation, gap }: SplitOptions): PartShare[] {
  const shares: PartShare[] = [];
  let until = 1;
  const cut = (part: PartName, share: number) => {
    if (share === 0) return;
    shares.push({ part, from: until - share, until });
    until -= share + gap;
  };
  cut('seen', seen);
  cut('validation', validation);
  shares.push({ part: 'train', from: 0, until });
  return shares.reverse();
}

/** Whole recordings; validation comes from the ends of those for training where there are few. */
function splitWhole(
  group: readonly number[],
  recordings: readonly SplitRecording[],
  options: SplitOptions,
  shares: PartShare[][],
): void {
  const { length } = group;
  const ordered =
    options.split === 'run'
      ? [...group].sort(
          (a, b) => (recordings[a]!.run ?? Infinity) - (recordings[b]!.run ?? Infinity) || a - b,
        )
      : shuffled(group, options.seed, DRAW_RUNS + group[0]!);
  const seen = options.seen === 0 ? 0 : Math.max(1, Math.round(options.seen * length));
  const hasWhole = options.validation > 0 && length >= WHOLE_VALIDATION_FROM;
  const validation = hasWhole ? Math.max(1, Math.round(options.validation * length)) : 0;
  const trained = Math.max(1, length - seen - validation);
  ordered.forEach((index, at) => {
    if (at >= length - seen) shares[index] = [{ part: 'seen', from: 0, until: 1 }];
    else if (at >= trained) shares[index] = [{ part: 'validation', from: 0, until: 1 }];
    else if (hasWhole) shares[index] = [{ part: 'train', from: 0, until: 1 }];
    else shares[index] = walkForward({ ...options, seen: 0 });
  });
}

/** Recordings that are split among themselves: the runs of a workload, and of a category those that are alone. */
function groupsOf(recordings: readonly SplitRecording[], heldOut: string | null): number[][] {
  const ofWorkload = new Map<string, number[]>();
  recordings.forEach(({ category, workload }, index) => {
    if (category === heldOut) return;
    const key = `${category}\0${workload}`;
    ofWorkload.set(key, [...(ofWorkload.get(key) ?? []), index]);
  });
  const groups: number[][] = [];
  const alone = new Map<string, number[]>();
  for (const group of ofWorkload.values()) {
    if (group.length > 1) groups.push(group);
    else {
      const { category } = recordings[group[0]!]!;
      alone.set(category, [...(alone.get(category) ?? []), ...group]);
    }
  }
  return [...groups, ...alone.values()];
}

function heldOutOf(
  recordings: readonly SplitRecording[],
  { holdOut, seed, split }: SplitOptions,
): string | null {
  const categories = [...new Set(recordings.map(({ category }) => category))].sort();
  const listed = categories.join(', ');
  const isCut = split === 'walk-forward' || split === '80-10-10';
  if (holdOut === 'none' || (holdOut === 'auto' && isCut)) return null;
  if (holdOut === 'auto' || holdOut === 'random') {
    if (categories.length >= LEAST_CATEGORIES) return shuffled(categories, seed, DRAW_CATEGORY)[0]!;
    if (holdOut === 'auto') return null;
    throw new Failure(
      'wrong-usage',
      `A category can be held out at random when there are ${LEAST_CATEGORIES} at least; there ${categories.length === 1 ? 'is' : 'are'} ${listed}. Name one to hold out, or none.`,
    );
  }
  if (!categories.includes(holdOut)) {
    throw new Failure('wrong-usage', `There is no category "${holdOut}" to hold out. There are: ${listed}.`);
  }
  if (categories.length === 1) {
    throw new Failure(
      'wrong-usage',
      `All recordings are of the category "${holdOut}": with it held out nothing is left for training.`,
    );
  }
  return holdOut;
}

function requireShares({ seen, validation, gap }: SplitOptions): void {
  const all = [seen, validation, gap];
  if (all.every((share) => share >= 0 && share < 1) && seen + validation + 2 * gap <= 0.9) return;
  throw new Failure(
    'wrong-usage',
    `The shares of the seen test (${seen}), of validation (${validation}) and of gaps (${gap}) leave too little for training: they are from 0 to 1, and together (the gap twice) 0.9 at most.`,
  );
}
