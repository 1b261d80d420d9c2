/**
 * What is to be predicted of a call, three ways (thesis, chapter 5), and the history group it belongs to: calls about the
 * same task, from the same CPU to the same CPU, that has migrated as often so far.
 */
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { Experiment, Labelled, MigrationSet } from './migrationSet.js';
import { columnOf } from './setColumns.js';

/** Failures: `bad-input` when a recording does not tell what the label needs. */
export function labelled(set: MigrationSet, experiment: Experiment): Labelled {
  const { groups, groupCount } = historyGroups(set);
  const labels = labelsOf(set, experiment, groups, groupCount);
  let positives = 0;
  for (let row = 0; row < labels.length; row += 1) positives += labels[row]!;
  return { experiment, labels, positives, groups, groupCount };
}

function labelsOf(
  set: MigrationSet,
  experiment: Experiment,
  groups: Uint32Array,
  groupCount: number,
): Uint8Array {
  if (experiment === 1) return Uint8Array.from(columnOf(set, 'migration'), (value) => Number(value !== 0));
  const forced = columnOf(set, 'forced');
  if (experiment === 3) return Uint8Array.from(forced);
  // Without them a group would be of several histories, and its label another one.
  columnOf(set, 'src_cpu');
  columnOf(set, 'dst_cpu');
  return endingInForced(forced, columnOf(set, 'ts'), groups, groupCount);
}

/**
 * Calls up to the last forced one of their group, itself included: the thesis groups "records with a migration value of 2
 * together with their previous calls" (4.1.1). A call behind it is about the same task in the same place, because what was
 * allowed was not carried out, but no forced migration lies ahead of it.
 */
function endingInForced(
  forced: Float64Array,
  ts: Float64Array,
  groups: Uint32Array,
  groupCount: number,
): Uint8Array {
  const lastNs = new Float64Array(groupCount).fill(-Infinity);
  for (let row = 0; row < forced.length; row += 1) {
    const group = groups[row]!;
    if (forced[row] === 1 && ts[row]! > lastNs[group]!) lastNs[group] = ts[row]!;
  }
  return Uint8Array.from(ts, (timeNs, row) => Number(timeNs <= lastNs[groups[row]!]!));
}

const GROUP_COLUMNS: readonly RecordColumnName[] = ['pid', 'src_cpu', 'dst_cpu', 'task_nr_migrations'];

/** Where recordings do not tell the CPUs, groups are larger: still none is of two tasks or recordings. */
function historyGroups(set: MigrationSet): { readonly groups: Uint32Array; readonly groupCount: number } {
  let groups = Uint32Array.from(set.recording);
  let groupCount = set.recordings.length;
  for (const name of GROUP_COLUMNS) {
    const values = set.columns.get(name);
    if (values !== undefined) [groups, groupCount] = refined(groups, values);
  }
  return { groups, groupCount };
}

/** Groups divided by the value of a column, numbered as they first occur. */
function refined(groups: Uint32Array, values: Float64Array): [Uint32Array<ArrayBuffer>, number] {
  const numbers = new Map<number, number>();
  const pairs = new Map<number, number>();
  const finer = new Uint32Array(groups.length);
  for (let row = 0; row < groups.length; row += 1) {
    let number = numbers.get(values[row]!);
    if (number === undefined) numbers.set(values[row]!, (number = numbers.size));
    // Both are below 2^24, the most rows of a set.
    const pair = groups[row]! * 2 ** 24 + number;
    let group = pairs.get(pair);
    if (group === undefined) pairs.set(pair, (group = pairs.size));
    finer[row] = group;
  }
  return [finer, pairs.size];
}
