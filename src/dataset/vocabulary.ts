import { NO_TASK, type TaskTable } from '../trace/model/taskTable.js';
import type { StringTable } from '../trace/model/stringTable.js';
import { UNKNOWN } from './sequences.js';
import { IDLE_NAME, taskName } from './taskName.js';

export type VocabularyKind = 'comm' | 'pid';

export const UNKNOWN_NAME = 'UNK';
/** Idle has an entry in every vocabulary, and always this one. */
export const IDLE = 1;
/** States are bytes. */
const MAX_STATES = 256;

/** Numbers by what they stand for. */
export interface Vocabulary {
  readonly kind: VocabularyKind;
  /** By index; 0 is UNK, 1 is idle, the others from the most frequent on. */
  readonly tasks: readonly string[];
  /** Rows that each was counted in. */
  readonly taskCounts: readonly number[];
  readonly states: readonly string[];
  /** By task of the table: index in `tasks`. */
  readonly taskIndex: Int32Array;
  /** By state of the table: index in `states`. */
  readonly stateIndex: Uint8Array;
}

/** How often tasks and states, by their numbers in the tables, occur in what a vocabulary is made of. */
export interface Occurrences {
  readonly tasks: Float64Array;
  readonly states: Float64Array;
  /** Rows that do not tell their task. */
  readonly unknownTasks: number;
}

/** Entries for what occurs `minCount` times at least; idle is there even when it does not occur. */
export function vocabularyOf(
  kind: VocabularyKind,
  tables: { readonly tasks: TaskTable; readonly states: StringTable },
  occurrences: Occurrences,
  minCount: number,
): Vocabulary {
  const names = namesOf(kind, tables.tasks);
  const counts = new Map<string, number>();
  names.forEach((name, task) => {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + occurrences.tasks[task]!);
  });
  const idle = kind === 'comm' ? IDLE_NAME : '0';
  const idleCount = counts.get(idle) ?? 0;
  counts.delete(idle);
  const entries = [...counts].filter(([, count]) => count >= minCount).sort(byFrequency);
  const tasks = [UNKNOWN_NAME, idle, ...entries.map(([name]) => name)];
  const taskIndex = Int32Array.from(names, indexIn(tasks));
  const ofEntries = entries.map(([, count]) => count);
  const all = occurrences.tasks.reduce((sum, count) => sum + count, occurrences.unknownTasks);
  const others = all - idleCount - ofEntries.reduce((sum, count) => sum + count, 0);
  return {
    kind,
    tasks,
    taskCounts: [others, idleCount, ...ofEntries],
    taskIndex,
    ...statesOf(tables.states.values(), occurrences.states),
  };
}

/** The numbers that a vocabulary gives to the tasks and states of other tables than those it was made of. */
export function vocabularyFor(
  told: Pick<Vocabulary, 'kind' | 'tasks' | 'taskCounts' | 'states'>,
  tables: { readonly tasks: TaskTable; readonly states: StringTable },
): Vocabulary {
  const { kind, tasks, taskCounts, states } = told;
  return {
    ...{ kind, tasks, taskCounts, states },
    taskIndex: Int32Array.from(namesOf(kind, tables.tasks), indexIn(tasks)),
    // A state of no name is one that is not told.
    stateIndex: Uint8Array.from(tables.states.values(), indexIn(states)),
  };
}

function indexIn(entries: readonly string[]): (name: string | undefined) => number {
  const known = new Map(entries.map((name, index) => [name, index]));
  known.delete(UNKNOWN_NAME);
  return (name) => (name === undefined ? UNKNOWN : (known.get(name) ?? UNKNOWN));
}

/** Index of a task of the table, which may be none. */
export function indexOfTask({ taskIndex }: Vocabulary, task: number): number {
  return task === NO_TASK ? UNKNOWN : taskIndex[task]!;
}

function namesOf(kind: VocabularyKind, table: TaskTable): (string | undefined)[] {
  const { pids, comms } = table;
  if (kind === 'pid') return pids.map((pid) => (pid < 0 ? undefined : String(pid)));
  return comms.map((comm, task) => taskName(comm, pids[task]!));
}

function statesOf(values: readonly string[], counts: Float64Array) {
  const entries = values
    .map((name, number) => ({ name, number, count: counts[number] ?? 0 }))
    // Number 0 is the empty text: not told.
    .filter(({ number, count }) => number > 0 && count > 0)
    .sort((a, b) => b.count - a.count || compare(a.name, b.name))
    .slice(0, MAX_STATES - 1);
  const stateIndex = new Uint8Array(values.length);
  entries.forEach(({ number }, at) => (stateIndex[number] = at + 1));
  return { states: [UNKNOWN_NAME, ...entries.map(({ name }) => name)], stateIndex };
}

function byFrequency(
  [nameA, countA]: readonly [string, number],
  [nameB, countB]: readonly [string, number],
): number {
  return countB - countA || compare(nameA, nameB);
}

/** By code units: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
