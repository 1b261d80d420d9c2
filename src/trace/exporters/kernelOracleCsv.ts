/**
 * The comma-separated values that the KernelOracle family of models is trained on: one row a sched_switch, times in
 * seconds, `task_name` and `pid` of the *next* task, `prev_state` and `prev_comm` of the one that left.
 *
 *     timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id
 *     5630.872220,0.000003,stress-ng,2657,1,S,swapper/1,hackbench,run0
 */
import { EventType } from '../model/eventType.js';
import type { EventStore } from '../model/eventStore.js';
import { PIECE_CHARACTERS, csvField, oneLine } from './csvText.js';
import { commOf, pidOf } from './eventColumns.js';
import type { ExportedPart } from './exportedPart.js';
import { TimeText, hasWholeMicroseconds } from './timeText.js';

const HEADER = 'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id\n';
const SWITCH: number = EventType.Switch;

/**
 * Pieces of the text. `time_diff` is the time since the switch before, on whichever CPU, 0 at the first one that is
 * written: a trimmed copy stands for itself. The
 * two last columns come from the recording's properties `workload_type` and `trace_id`, and are empty without.
 */
export function* kernelOracleCsvPieces(part: ExportedPart): Generator<string> {
  const { store } = part;
  const time = new TimeText(store);
  const isWhole = hasWholeMicroseconds(store);
  const stampOf = (offsetNs: number) => (isWhole ? time.microseconds(offsetNs) : time.nanoseconds(offsetNs));
  const { properties } = store.metadata;
  const origin = `${csvField(properties.get('workload_type') ?? '')},${csvField(properties.get('trace_id') ?? '')}\n`;
  const digits = isWhole ? 6 : 9;
  const names = new Names(store);
  let text = HEADER;
  let previousNs = NaN;
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (store.type[row] !== SWITCH || !part.has(row)) continue;
    const offsetNs = store.timeNs[row]!;
    const cpu = store.cpu[row]!;
    const differenceNs = Number.isNaN(previousNs) ? 0 : offsetNs - previousNs;
    previousNs = offsetNs;
    const next = store.subject[row]!;
    text +=
      `${stampOf(offsetNs)},${secondsText(differenceNs, digits)},${names.of(next, cpu)},` +
      `${pidOf(store, next) ?? ''},${cpu},${csvField(store.states.get(store.state[row]!))},` +
      `${names.of(store.actor[row]!, cpu)},${origin}`;
    if (text.length < PIECE_CHARACTERS) continue;
    part.reachedRow = row;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** A difference in seconds with 6 or 9 digits; differences of seconds and less are far from 2^53, so exact. */
function secondsText(differenceNs: number, digits: 6 | 9): string {
  const units = digits === 6 ? Math.floor(differenceNs / 1000) : differenceNs;
  const perSecond = digits === 6 ? 1e6 : 1e9;
  const seconds = Math.floor(units / perSecond);
  return `${seconds}.${String(units - seconds * perSecond).padStart(digits, '0')}`;
}

class Names {
  readonly #store: EventStore;
  readonly #fields: (string | undefined)[] = [];

  constructor(store: EventStore) {
    this.#store = store;
  }

  of(task: number, cpu: number): string {
    if (task === 0) return `swapper/${cpu}`;
    return (this.#fields[task] ??= csvField(oneLine(commOf(this.#store, task, cpu) ?? '')));
  }
}
