/**
 * Order among events of the same time in different files. Text of tracefs has microseconds, in which a CPU can wake a
 * task that another CPU takes up at once; within a file the order tells which came first, between files nothing does.
 * What happens to one thread has an order of its own, though: it leaves a CPU, is woken, moved, put into a run queue,
 * and taken up by a CPU. Events are arranged so that cause comes before effect; otherwise in the order of the files.
 */
import { EventType } from '../model/eventType.js';
import type { EventStore } from '../model/eventStore.js';
import { IDLE_THREAD, NO_TASK } from '../model/taskTable.js';

/** Place in a thread's course while it runs, until it leaves the CPU by a switch. */
const LEAVES = 0;
/** By event type: place in the subject's course; the others are about a thread that runs. */
const STEP = new Map<number, number>([
  [EventType.Waking, 1],
  [EventType.Migrate, 2],
  [EventType.Wakeup, 3],
  [EventType.WakeupNew, 3],
  [EventType.Switch, 4],
]);
const SWITCH: number = EventType.Switch;

/** Arranges the rows of a store that is in order of time and was read from several files. */
export function settleTies(store: EventStore): void {
  const { timeNs, length } = store;
  const sourceCount = store.sources.length;
  for (let start = 0; start < length;) {
    let end = start + 1;
    let isMixed = false;
    while (end < length && timeNs[end] === timeNs[start]) {
      isMixed ||= store.line[end]! % sourceCount !== store.line[start]! % sourceCount;
      end += 1;
    }
    // A clock of whole seconds would make groups without end; there is no sense in arranging those.
    if (isMixed && end - start <= 64) arrange(store, start, end);
    start = end;
  }
}

function arrange(store: EventStore, start: number, end: number): void {
  const rows = Array.from({ length: end - start }, (_, at) => start + at);
  const left = [...rows];
  const order: number[] = [];
  while (left.length > 0) {
    const next = left.find((row) => !left.some((other) => mustPrecede(store, other, row))) ?? left[0]!;
    order.push(next);
    left.splice(left.indexOf(next), 1);
  }
  if (order.some((row, at) => row !== rows[at])) permute(store, start, order);
}

/** Whether `first` comes before `second`: as its file tells, or else as the course of a thread does. */
function mustPrecede(store: EventStore, first: number, second: number): boolean {
  if (first === second) return false;
  const count = store.sources.length;
  const [a, b] = [store.line[first]!, store.line[second]!];
  if (a % count === b % count) return first < second;
  return steps(store, first).some(([thread, step]) =>
    steps(store, second).some(([other, otherStep]) => thread === other && step < otherStep),
  );
}

/** The threads that an event is about, and where in their course. */
function steps(store: EventStore, row: number): [thread: number, step: number][] {
  const { threads } = store.tasks;
  const type = store.type[row]!;
  const found: [number, number][] = [];
  const add = (task: number, step: number) => {
    if (task !== NO_TASK && threads[task] !== IDLE_THREAD) found.push([threads[task]!, step]);
  };
  add(store.subject[row]!, STEP.get(type) ?? LEAVES);
  if (type === SWITCH) add(store.actor[row]!, LEAVES);
  return found;
}

/** Puts the rows `order` from `start` on, in all columns. */
function permute(store: EventStore, start: number, order: readonly number[]): void {
  const { timeNs, actor, subject, arg, line, cpu, state, flags, actorPrio, subjectPrio, type } = store;
  const { vruntimeNs } = store;
  for (const column of [timeNs, actor, subject, arg, line, cpu, state, flags, actorPrio, subjectPrio, type]) {
    column.set(
      order.map((row) => column[row]!),
      start,
    );
  }
  vruntimeNs?.set(
    order.map((row) => vruntimeNs[row]!),
    start,
  );
}
