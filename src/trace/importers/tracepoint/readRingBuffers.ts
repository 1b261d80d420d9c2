import { EVENT_NAMES } from '../../model/eventType.js';
import type { EventStore } from '../../model/eventStore.js';
import type { ImportSteps } from '../importer.js';
import type { CompiledRecords, RingPlace } from './compiledRecords.js';
import type { EventFormat } from './eventFormat.js';
import type { RingBufferStream, RingBufferTally } from './ringBuffer.js';
import type { SchedRecordReader } from './schedRecord.js';
import { mergeByTime, STEP_EVENTS } from './timeMerge.js';

const DAY_NS = 86_400e9;

export interface RingBufferRecording {
  readonly store: EventStore;
  readonly reader: SchedRecordReader;
  readonly tally: RingBufferTally;
  readonly compiled: CompiledRecords | undefined;
}

/** Reads the ring buffers of all CPUs in order of time, and tells what could not be read. */
export function* readRingBuffers(
  streams: readonly RingBufferStream[],
  { store, tally, reader, compiled }: RingBufferRecording,
): ImportSteps {
  const firstTimes = streams.flatMap((stream) => stream.firstNs() ?? []);
  firstTimes.sort((a, b) => (a < b ? -1 : Number(a > b)));
  // In the middle of them: a CPU whose first page is damaged must not make the times of all others look far away.
  const middle = firstTimes[firstTimes.length >> 1];
  if (middle !== undefined) store.offsetOf(middle);
  for (const stream of streams) stream.start();
  // Times count from the first event; what seems to be far before all others is damage.
  const earliestNs = Math.min(...streams.map(({ nextNs }) => (nextNs > -DAY_NS ? nextNs : Infinity)));
  if (store.length === 0 && earliestNs !== Infinity && store.moveBase(earliestNs)) {
    for (const stream of streams) stream.shift(earliestNs);
  }
  const places = compiled?.begin(streams.map(({ nextNs }) => nextNs));
  if (compiled === undefined || places === undefined) yield* mergeByTime(streams, () => sumOf(streams));
  else yield* mergeCompiled(streams, places, compiled, tally);
  reportFaults(store, tally, reader);
}

/** As `mergeByTime`, by the compiled decoder as far as that can. */
function* mergeCompiled(
  streams: readonly RingBufferStream[],
  places: readonly RingPlace[],
  compiled: CompiledRecords,
  tally: RingBufferTally,
): ImportSteps {
  streams.forEach((stream, number) => {
    stream.save(places[number]!);
  });
  while (mergeSome(streams, places, compiled, tally)) {
    compiled.rows.flush();
    yield sumOf(streams);
  }
  compiled.rows.flush();
}

/** A step; false at the end. */
function mergeSome(
  streams: readonly RingBufferStream[],
  places: readonly RingPlace[],
  compiled: CompiledRecords,
  tally: RingBufferTally,
): boolean {
  for (let left = STEP_EVENTS; left > 0;) {
    const before = tally.records;
    const number = compiled.read(tally, left);
    if (number !== undefined) streams[number]!.goOn(places[number]!);
    else if (compiled.isAtEnd) return false;
    // Looking for a record is work, too.
    left -= Math.max(1, tally.records - before);
  }
  return true;
}

function sumOf(streams: readonly RingBufferStream[]): number {
  return streams.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
}

/** Ids of the events that are read, as `RingBufferStream` wants them. */
export function knownIds(reader: SchedRecordReader): Uint8Array {
  const table = new Uint8Array(65536);
  for (let id = 0; id < table.length; id += 1) if (reader.knows(id)) table[id] = 1;
  return table;
}

/** Teaches the reader the formats, and says which of them it cannot use. Returns how many it can. */
export function addFormats(
  reader: SchedRecordReader,
  formats: Iterable<EventFormat>,
  store: EventStore,
): number {
  let added = 0;
  for (const format of formats) {
    const result = reader.addFormat(format);
    if (result === 'added') added += 1;
    if (result !== 'unusable') continue;
    store.diagnostics.push({
      severity: 'warning',
      message: `The recording describes the event ${format.name} without a field that is needed, so that its events are left out.`,
    });
  }
  return added;
}

/** The events that the model knows, for messages. */
export const SCHED_EVENTS = EVENT_NAMES.join(', ');

function reportFaults(store: EventStore, tally: RingBufferTally, reader: SchedRecordReader): void {
  const { damagedPages, firstDamaged, cutPages, unreadableRecords, farRecords } = tally;
  const warn = (message: string) => store.diagnostics.push({ severity: 'warning', message });
  if (firstDamaged !== undefined) {
    const { cpu, page } = firstDamaged;
    warn(
      `${damagedPages === 1 ? 'A page of the ring buffer is' : `${damagedPages} pages of the ring buffer are`} damaged, the first of them page ${page} of CPU ${cpu}: events are missing there.`,
    );
  }
  if (cutPages > 0) {
    warn(
      `${cutPages === 1 ? 'A page of the ring buffer is' : `${cutPages} pages of the ring buffer are`} cut off: events are missing there.`,
    );
  }
  if (unreadableRecords > 0) {
    warn(
      `${unreadableRecords} scheduler events are shorter than their format says or hold impossible values, and were left out.`,
    );
  }
  if (farRecords > 0) {
    warn(
      `${farRecords} events lie more than 104 days away from the others, which no recording does: their time stamps are damaged, and they were left out.`,
    );
  }
  if (reader.unsuccessfulWakeups > 0) {
    store.diagnostics.push({
      severity: 'info',
      message: `${reader.unsuccessfulWakeups} wakeups were recorded with success=0: they woke nobody and were left out.`,
    });
  }
}
