/**
 * A trace.dat can hold several buffers: the top one and instances. Two that recorded the same events have them twice, a
 * few hundred nanoseconds apart: as one timeline these make no sense. Buffers that recorded different events, or the same
 * on different CPUs, complete each other.
 *
 * So the buffer with most scheduler events is read whole, and of each other one those kinds of events of a CPU that no
 * buffer before it has. What buffers hold is taken from the beginning of each CPU's data.
 */
import { EventStore } from '../../model/eventStore.js';
import type { EventType } from '../../model/eventType.js';
import {
  NANOSECOND_CLOCK,
  RingBufferTally,
  RingBufferStream,
  type PageLayout,
  type PageSource,
  type RecordSink,
} from '../tracepoint/ringBuffer.js';
import type { SchedRecordReader } from '../tracepoint/schedRecord.js';
import type { CpuData, TraceBuffer } from './traceDatHead.js';

/** Looked at of each CPU's data. */
const SAMPLE_BYTES = 4 * 1024 * 1024;

/** CPU data to read, and the ids of the events to read of it. */
export interface ChosenCpu {
  readonly buffer: TraceBuffer;
  readonly data: CpuData;
  readonly knowsId: Uint8Array;
}

export interface BufferChoice {
  readonly cpus: readonly ChosenCpu[];
  /** Buffers of which scheduler events are left out, because another one has them too. */
  readonly leftOut: readonly TraceBuffer[];
  /** The buffer that is read whole. */
  readonly main: TraceBuffer;
}

export interface ChoiceContext {
  readonly reader: SchedRecordReader;
  readonly knowsId: Uint8Array;
  readonly layoutOf: (buffer: TraceBuffer) => PageLayout;
  readonly pagesOf: (buffer: TraceBuffer, data: CpuData) => PageSource;
}

/** `buffers` has at least one. */
export function chooseBuffers(buffers: readonly TraceBuffer[], context: ChoiceContext): BufferChoice {
  const { knowsId } = context;
  const whole = (buffer: TraceBuffer) => buffer.cpus.map((data) => ({ buffer, data, knowsId }));
  const filled = buffers.filter(({ cpus }) => cpus.some(({ sizeBytes }) => sizeBytes > 0));
  const only = filled[0] ?? buffers[0]!;
  if (filled.length < 2) return { cpus: whole(only), leftOut: [], main: only };
  const samples = filled.map((buffer) => sampleOf(buffer, context));
  samples.sort((a, b) => b.estimate - a.estimate);
  const [best, ...others] = samples as [Sample, ...Sample[]];
  const taken = new Set(best.kinds);
  const cpus: ChosenCpu[] = whole(best.buffer);
  const leftOut: TraceBuffer[] = [];
  const tables = new IdTables();
  for (const { buffer, kinds, idsByCpu } of others) {
    if (buffer.clock === best.buffer.clock) {
      for (const data of buffer.cpus) {
        const isNew = (id: number) => !taken.has(kindOf(data.cpu, context.reader.typeOf(id)!));
        const ids = [...(idsByCpu.get(data.cpu) ?? [])].filter(isNew);
        if (ids.length > 0) cpus.push({ buffer, data, knowsId: tables.of(ids) });
      }
    }
    if ([...kinds].some((kind) => taken.has(kind)) || buffer.clock !== best.buffer.clock) {
      if (kinds.size > 0) leftOut.push(buffer);
    }
    if (buffer.clock === best.buffer.clock) for (const kind of kinds) taken.add(kind);
  }
  return { cpus, leftOut, main: best.buffer };
}

interface Sample {
  readonly buffer: TraceBuffer;
  /** Scheduler events of all its CPUs, extrapolated. */
  readonly estimate: number;
  readonly kinds: ReadonlySet<number>;
  readonly idsByCpu: ReadonlyMap<number, ReadonlySet<number>>;
}

function kindOf(cpu: number, type: EventType): number {
  return cpu * 256 + type;
}

/** Tables of ids, one for each set of ids: most CPUs have the same. */
class IdTables {
  readonly #tables = new Map<string, Uint8Array>();

  of(ids: readonly number[]): Uint8Array {
    const key = ids.toSorted((a, b) => a - b).join();
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = new Uint8Array(65536);
    for (const id of ids) table[id] = 1;
    this.#tables.set(key, table);
    return table;
  }
}

function sampleOf(buffer: TraceBuffer, context: ChoiceContext): Sample {
  // Only for the differences of times.
  const store = new EventStore();
  const kinds = new Set<number>();
  const idsByCpu = new Map<number, ReadonlySet<number>>();
  let estimate = 0;
  for (const data of buffer.cpus) {
    const sink = new CountingSink();
    const pages = new FirstPages(context.pagesOf(buffer, data));
    const stream = new RingBufferStream(data.cpu, pages, context.knowsId, {
      store,
      reader: sink,
      layout: context.layoutOf(buffer),
      clock: NANOSECOND_CLOCK,
      tally: new RingBufferTally(),
    });
    stream.start();
    while (stream.nextNs < Infinity) stream.emitUntil(Infinity, Infinity);
    for (const id of sink.ids) kinds.add(kindOf(data.cpu, context.reader.typeOf(id)!));
    idsByCpu.set(data.cpu, sink.ids);
    estimate += (sink.count * data.sizeBytes) / Math.max(1, pages.readBytes);
  }
  return { buffer, estimate, kinds, idsByCpu };
}

class CountingSink implements RecordSink {
  offsetNs = 0;
  cpu = 0;
  line = 0;
  count = 0;
  readonly ids = new Set<number>();

  read(id: number): boolean {
    this.count += 1;
    this.ids.add(id);
    return true;
  }

  forget(): void {
    // Nobody is remembered.
  }
}

class FirstPages implements PageSource {
  /** Expanded. */
  bytes = 0;

  constructor(readonly source: PageSource) {}

  get readBytes(): number {
    return this.source.readBytes;
  }

  next(): Uint8Array | undefined {
    if (this.bytes >= SAMPLE_BYTES) return undefined;
    const piece = this.source.next();
    this.bytes += piece?.length ?? 0;
    return piece;
  }
}
