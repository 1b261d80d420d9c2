import { LEADING_SEGMENTS } from '../../analysis/laneTimeline.js';
import type { RunQueueDepth } from '../../analysis/runQueueDepth.js';
import { TraceAnalysis } from '../../analysis/traceAnalysis.js';
import { EventType } from '../../trace/model/eventType.js';
import type { EventStore } from '../../trace/model/eventStore.js';
import { IDLE_THREAD, NO_TASK } from '../../trace/model/taskTable.js';
import { NOT_TOLD } from '../sequences.js';

const SWITCH: number = EventType.Switch;

/**
 * By switch of a recording, whether the CPU had a choice: 1 where the task that it was given to and those that waited in its
 * queue, the one before among them if it left runnable, are two or more; 0 where there was one, and where it went idle, since
 * idle is taken when there is nothing else; `NOT_TOLD` where the run queue depth of the analysis is not known, which is from
 * a loss to the next switch of its CPU. As there, what waits since before the recording counts from when it is first seen.
 * `null` for a recording that does not tell wakeups or previous states: then it is known of no switch.
 */
export function contestedOf(store: EventStore): Uint8Array | null {
  if (!store.hasWakeups || store.length === 0) return null;
  const analysis = new TraceAnalysis(store);
  const { model } = analysis;
  if (!model.hasPrevStates) return null;
  analysis.advance();
  analysis.finish();
  const walks = model.cpus.map((record) => (record === undefined ? undefined : new DepthWalk(record.depth)));
  const contested = new Uint8Array(store.countOf(EventType.Switch));
  let to = 0;
  for (let row = 0; row < store.length; row += 1) {
    if (store.type[row] !== SWITCH) continue;
    const depth = walks[store.cpu[row]!]?.depthBehind(row);
    const task = store.subject[row]!;
    if (depth === undefined || task === NO_TASK) contested[to] = NOT_TOLD;
    else contested[to] = store.tasks.threads[task] !== IDLE_THREAD && depth >= 2 ? 1 : 0;
    to += 1;
  }
  return contested;
}

/** The depth of one CPU at rows that are asked for in order. */
class DepthWalk {
  #next = 0;

  constructor(private readonly depth: RunQueueDepth) {}

  /** Behind the event of this row; undefined where it is not known. */
  depthBehind(row: number): number | undefined {
    const { values, length } = this.depth.entries;
    while (this.#next < length && values[this.#next]! >>> 2 <= row) this.#next += 1;
    return this.#next === 0 ? undefined : this.depth.depthOf(this.#next - 1 + LEADING_SEGMENTS);
  }
}
