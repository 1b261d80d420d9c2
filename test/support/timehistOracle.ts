/** Compares what was made of timehist's table with the events of the same recording. */
import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';

export interface Comparison {
  /** Switches that are told wholly, those whose next task is not known, and beginnings of intervals (±1 µs). */
  known: number;
  unknownNext: number;
  beginnings: number;
  wakeups: number;
  migrations: number;
  /** What the events do not confirm. */
  readonly wrong: string[];
}

/** Each row of `told` must be one of `events`: the same time cut to µs, CPU, tasks. */
export function compareWithEvents(told: EventStore, events: EventStore): Comparison {
  const result: Comparison = {
    known: 0,
    unknownNext: 0,
    beginnings: 0,
    wakeups: 0,
    migrations: 0,
    wrong: [],
  };
  const index = indexOf(events);
  for (let row = 0; row < told.length; row += 1) {
    const type = EVENT_NAMES[told.type[row]!];
    const us = told.absoluteNs(row) / 1000n;
    const cpu = told.cpu[row]!;
    const actor = pidOf(told, told.actor[row]!);
    const subject = pidOf(told, told.subject[row]!);
    const has = (key: string) => index.has(key);
    let isRight: boolean;
    if (type === 'sched_switch' && actor === '?' && subject === '?') {
      result.unknownNext += 1;
      isRight = has(`any ${us} ${cpu}`);
    } else if (type === 'sched_switch' && actor === '?') {
      result.beginnings += 1;
      isRight = [us, us - 1n, us + 1n].some((time) => has(`in ${time} ${cpu} ${subject}`));
    } else if (type === 'sched_switch' && subject === '?') {
      result.unknownNext += 1;
      isRight = has(`out ${us} ${cpu} ${actor}`);
    } else if (type === 'sched_switch') {
      result.known += 1;
      isRight = has(`switch ${us} ${cpu} ${actor} ${subject}`);
    } else if (type === 'sched_wakeup') {
      result.wakeups += 1;
      isRight = has(`wakeup ${us} ${cpu} ${subject}`);
    } else {
      result.migrations += 1;
      isRight = has(`migrate ${us} ${cpu} ${subject} ${told.arg[row]!}`);
    }
    if (!isRight) result.wrong.push(`line ${told.line[row]!}: ${us} cpu${cpu} ${actor} > ${subject}`);
  }
  return result;
}

function indexOf(events: EventStore): ReadonlySet<string> {
  const index = new Set<string>();
  for (let row = 0; row < events.length; row += 1) {
    const us = events.absoluteNs(row) / 1000n;
    const cpu = events.cpu[row]!;
    const actor = pidOf(events, events.actor[row]!);
    const subject = pidOf(events, events.subject[row]!);
    switch (EVENT_NAMES[events.type[row]!]) {
      case 'sched_switch':
        index.add(`switch ${us} ${cpu} ${actor} ${subject}`);
        index.add(`any ${us} ${cpu}`);
        index.add(`out ${us} ${cpu} ${actor}`);
        index.add(`in ${us} ${cpu} ${subject}`);
        break;
      case 'sched_wakeup':
      case 'sched_wakeup_new':
      case 'sched_waking':
        index.add(`wakeup ${us} ${cpu} ${subject}`);
        break;
      case 'sched_migrate_task':
        index.add(`migrate ${us} ${cpu} ${subject} ${events.arg[row]!}`);
        break;
      default:
    }
  }
  return index;
}

function pidOf(store: EventStore, task: number): string {
  return task === NO_TASK ? '?' : String(store.tasks.pids[task]!);
}
