/**
 * Reading stretches of tracefs text apart, so that several cores can read one file. A stretch knows neither the header
 * nor who ran before it: what depends on these is put right when it joins the rest (`appendSlice`), and a stretch
 * with anything out of the ordinary (lost events, header lines, lines that cannot be read) is left to be read in order.
 */
import { EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import { appendSlice, sliceOf, type StoreSlice } from '../../model/storeSlice.js';
import type { DecodedSlice } from '../importer.js';
import { LineSession } from '../text/lineSession.js';
import { TracefsTextReader } from './tracefsReader.js';

interface TracefsSlice extends DecodedSlice {
  readonly content: StoreSlice;
  readonly lines: number;
  /** By CPU: row of the stretch's first sched_switch. */
  readonly firstSwitches: ReadonlyMap<number, number>;
  /** Who runs on each CPU at the end of the stretch, by its task numbers. */
  readonly running: readonly (readonly [cpu: number, task: number])[];
}

/** Reads whole lines of a file's middle; undefined when they must be read in order. */
export function decodeTracefsSlice(bytes: Uint8Array): TracefsSlice | undefined {
  const store = new EventStore();
  // A line of a scheduler event is some 100 bytes or longer.
  store.reserve(Math.ceil(bytes.length / 100));
  const reader = new TracefsTextReader(store);
  const session = new LineSession(store, reader);
  session.push(bytes);
  session.end();
  const { diagnostics, losses, metadata } = store;
  const isPlain =
    diagnostics.length === 0 &&
    losses.length === 0 &&
    metadata.properties.size === 0 &&
    metadata.cpuCount === undefined;
  if (!isPlain) return undefined;
  return {
    content: sliceOf(store),
    lines: session.lineCount,
    firstSwitches: firstSwitches(store),
    running: reader.context.running(),
  };
}

function firstSwitches({ length, type, cpu, cpuLimit }: EventStore): Map<number, number> {
  const found = new Map<number, number>();
  for (let row = 0; row < length && found.size < cpuLimit; row += 1) {
    if (type[row] === EventType.Switch && !found.has(cpu[row]!)) found.set(cpu[row]!, row);
  }
  return found;
}

/** The whole text: what comes in order, and the stretches that were read apart. */
export class TracefsSession extends LineSession {
  readonly #store: EventStore;
  readonly #reader: TracefsTextReader;

  constructor(store: EventStore) {
    const reader = new TracefsTextReader(store);
    super(store, reader);
    this.#store = store;
    this.#reader = reader;
  }

  /** Takes a stretch that follows on what was read so far; false when its text must be read instead. */
  adopt(slice: DecodedSlice): boolean {
    const { content, lines, firstSwitches: switches, running } = slice as TracefsSlice;
    const { context } = this.#reader;
    if (this.#reader.isLatencyFormat || this.#store.hasOpenLosses || !this.isAtLineStart) return false;
    const tasks = appendSlice(this.#store, content, {
      lines: this.lineCount,
      runningTask: (cpu, pid) => context.runningTask(cpu, pid),
      firstSwitches: switches,
    });
    for (const [cpu, task] of running) {
      context.setRunning(cpu, tasks[task]!, content.pids[task]!);
    }
    this.passLines(lines);
    return true;
  }
}
