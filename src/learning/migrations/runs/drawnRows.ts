/** Rows of a run that go with its model: those that scales are chosen by, and those that show that it does what it did. */
import { Permutation } from '../../../dataset/chance.js';
import type { CleanedTable } from '../../../dataset/migrations/cleaning.js';
import type { MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import { columnOf } from '../../../dataset/migrations/setColumns.js';
import type { RawRows } from '../deployableModel.js';
import { rowsOf } from '../models/heldBack.js';
import type { LabelledRows, SampleRows } from './neuralCfsRun.js';

/** As rows come, and of the rare positive ones besides. */
const DRAWN = 3000;
const POSITIVES = 1000;
const SAMPLES = 100;
/** What the draws are for. */
const [OF_ALL, OF_POSITIVES, OF_SAMPLES] = [0x4341, 0x4342, 0x4343];

/** Rows as recorded: up to 3,000 as they come, and up to 1,000 positive ones; those of a table for the same seed are always the same. */
export function drawnRows(
  set: MigrationSet,
  { rows, labels, features }: CleanedTable,
  seed: number,
): LabelledRows {
  const positives = rowsOf(labels, 1);
  const chosen = new Set(firstOf(rows.length, DRAWN, seed, OF_ALL));
  for (const at of firstOf(positives.length, POSITIVES, seed, OF_POSITIVES)) chosen.add(positives[at]!);
  const places = Uint32Array.from(chosen).sort();
  return { ...rawRows(set, rows, places, features.names), labels: labelsAt(labels, places) };
}

/**
 * A hundred rows of the test, half of them called positive as far as there are such.
 * @param scores of the test's rows; threshold: a row whose score is not below it is called positive
 */
export function sampleRows(
  set: MigrationSet,
  { rows, labels, features }: CleanedTable,
  scores: Float32Array,
  threshold: number,
  seed: number,
): SampleRows {
  const decided = Uint8Array.from(scores, (score) => Number(score >= threshold));
  const drawn = [1, 0].map((decision) => {
    const of = rowsOf(decided, decision);
    return firstOf(of.length, SAMPLES, seed, OF_SAMPLES + decision).map((at) => of[at]!);
  }) as [number[], number[]];
  const positives = drawn[0].slice(0, Math.max(SAMPLES / 2, SAMPLES - drawn[1].length));
  const places = Uint32Array.from([...positives, ...drawn[1].slice(0, SAMPLES - positives.length)]).sort();
  return {
    ...rawRows(set, rows, places, features.names),
    labels: labelsAt(labels, places),
    scores: Float32Array.from(places, (at) => scores[at]!),
    decisions: labelsAt(decided, places),
  };
}

function firstOf(count: number, most: number, seed: number, draw: number): number[] {
  if (count === 0) return [];
  const order = new Permutation(count, seed, draw);
  return Array.from({ length: Math.min(count, most) }, (_, place) => order.at(place));
}

/** From the set: what a model was trained with is rounded to float32. */
function rawRows(
  set: MigrationSet,
  rows: Uint32Array,
  places: Uint32Array,
  names: readonly string[],
): RawRows {
  const values = new Float64Array(places.length * names.length);
  for (const [column, name] of names.entries()) {
    const recorded = columnOf(set, name);
    for (const [at, place] of places.entries()) {
      values[at * names.length + column] = recorded[rows[place]!]!;
    }
  }
  return { rows: places.length, values };
}

function labelsAt(labels: Uint8Array, places: Uint32Array): Uint8Array {
  return Uint8Array.from(places, (at) => labels[at]!);
}
