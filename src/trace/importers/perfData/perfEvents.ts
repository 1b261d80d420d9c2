/** The events of a recording: how their records look, and which are scheduler events that the model has a place for. */
import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import type { EventStore } from '../../model/eventStore.js';
import type { RecordBytes } from '../tracepoint/recordBytes.js';
import { SchedRecordReader } from '../tracepoint/schedRecord.js';
import { EventIds, NO_EVENT } from './eventIds.js';
import type { PerfAttr } from './perfAttr.js';
import { NOWHERE, SampleLayout } from './sampleLayout.js';
import type { TracingData } from './tracingData.js';

/** Not a scheduler event of the model. */
export const NO_TRACEPOINT = -1;

export class PerfEvents {
  readonly attrs: PerfAttr[] = [];
  readonly layouts: SampleLayout[] = [];
  /** By attribute: number of the tracepoint to read it with, or NO_TRACEPOINT. */
  readonly tracepoints: number[] = [];
  /** Set once the descriptions of the tracepoints were found. */
  hasFormats = false;
  /** Names of scheduler events whose layout lacks what the model needs. */
  readonly unusable: string[] = [];
  readonly reader: SchedRecordReader;
  /** Names from the tracer, for threads that no record names. */
  comms: ReadonlyMap<number, Uint8Array> = new Map();
  readonly ids: EventIds;
  /** Changes with what is said of any event. */
  revision = 0;
  readonly #names = new Set<string>();
  /** Numbers of tracepoints whose description was found. */
  readonly #described = new Set<number>();
  readonly #attrByTracepoint = new Map<number, number>();

  constructor(
    store: EventStore,
    readonly isLittle: boolean,
    commOf: (pid: number) => Uint8Array | undefined,
    decoder: CompiledDecoder | undefined,
  ) {
    this.reader = new SchedRecordReader(store, { isLittleEndian: isLittle, commOf, decoder });
    this.ids = new EventIds(decoder);
  }

  addAttr(attr: PerfAttr): void {
    const number = this.attrs.length;
    this.attrs.push(attr);
    const layout = new SampleLayout(attr, this.isLittle);
    this.layouts.push(layout);
    this.tracepoints.push(NO_TRACEPOINT);
    this.ids.add(attr, number);
    if (attr.tracepoint !== undefined) this.#attrByTracepoint.set(attr.tracepoint, number);
    this.#bind(number);
  }

  addTracingData({ formats, comms, otherIds }: TracingData): void {
    for (const format of formats) {
      // A kernel has one event of a name; layouts take memory.
      if (this.#names.has(format.name)) continue;
      this.#names.add(format.name);
      this.hasFormats = true;
      this.#described.add(format.id);
      if (this.reader.addFormat(format) === 'unusable') this.unusable.push(format.name);
    }
    for (const id of otherIds) this.#described.add(id);
    this.comms = comms;
    if (formats.length === 0) return;
    this.attrs.forEach((_attr, number) => {
      this.#bind(number);
    });
  }

  /** Whether a tracepoint was recorded at all. */
  get hasTracepoints(): boolean {
    return this.attrs.some(({ tracepoint }) => tracepoint !== undefined);
  }

  /** Whether all tracepoints that were recorded are described. */
  get isDescribed(): boolean {
    return this.attrs.every(({ tracepoint }) => tracepoint === undefined || this.#described.has(tracepoint));
  }

  /** Attribute of the sample `[at, end)`, or NO_EVENT. */
  ofSample(records: RecordBytes, at: number, end: number): number {
    if (this.attrs.length === 1) return 0;
    const layout = this.layouts[0];
    if (layout === undefined) return NO_EVENT;
    const { idAt } = layout;
    if (idAt === NOWHERE) return this.#byRawData(layout, records, at, end);
    return at + idAt + 8 <= end ? this.#byId(records, at + idAt) : NO_EVENT;
  }

  /** Attribute of another record that ends at `end`, for the layout of its trailer. */
  ofRecord(records: RecordBytes, at: number, end: number): number {
    const layout = this.layouts[0];
    if (this.attrs.length <= 1 || layout === undefined || layout.idFromEnd === 0) return 0;
    const idAt = end - layout.idFromEnd;
    const attr = idAt >= at ? this.#byId(records, idAt) : NO_EVENT;
    return attr === NO_EVENT ? 0 : attr;
  }

  #byId(records: RecordBytes, at: number): number {
    const first = records.int32(at) >>> 0;
    const second = records.int32(at + 4) >>> 0;
    return this.isLittle ? this.ids.attrOf(second, first) : this.ids.attrOf(first, second);
  }

  /** Samples without ids all look the same; the tracepoint stands at the beginning of the raw data. */
  #byRawData(layout: SampleLayout, records: RecordBytes, at: number, end: number): number {
    const raw = layout.rawAt(records, at, end);
    if (raw === NOWHERE || raw + 6 > end) return 0;
    return this.#attrByTracepoint.get(records.view.getUint16(raw + 4, this.isLittle)) ?? 0;
  }

  #bind(number: number): void {
    this.revision += 1;
    const { tracepoint } = this.attrs[number]!;
    const isKnown = tracepoint !== undefined && this.reader.knows(tracepoint);
    const { timeAt, cpuAt, hasRaw } = this.layouts[number]!;
    const isComplete = timeAt !== NOWHERE && cpuAt !== NOWHERE && hasRaw;
    this.tracepoints[number] = isKnown && isComplete ? tracepoint : NO_TRACEPOINT;
  }

  /** What samples of scheduler events lack, as a sentence with advice; undefined: nothing. */
  lacking(): string | undefined {
    for (const [number, { tracepoint }] of this.attrs.entries()) {
      if (tracepoint === undefined || !this.reader.knows(tracepoint)) continue;
      const { timeAt, cpuAt, hasRaw } = this.layouts[number]!;
      if (timeAt === NOWHERE) return 'Its samples have no time. Record with "perf record -T".';
      if (cpuAt === NOWHERE) return 'Its samples name no CPU. Record with "perf record --sample-cpu".';
      if (!hasRaw) return 'Its samples do not hold what the events say. Record with "perf record -R".';
    }
    return undefined;
  }
}
