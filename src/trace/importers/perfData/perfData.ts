/**
 * perf.data, the binary file of `perf record` and `perf sched record`: written to a file or to a pipe, on machines of
 * either byte order, compressed (`-z`) or not. Format: tools/perf/Documentation/perf.data-file-format.txt; the order
 * of events is that of perf's own tools (`recordQueue.ts`).
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import type { EventStore } from '../../model/eventStore.js';
import { compileZstd } from '../../zstdCompiled.js';
import type { Detection, FileImporter, ImportSteps } from '../importer.js';
import { PerfEvents } from './perfEvents.js';
import {
  clockText,
  COMPRESSED_FEATURE,
  decompressedLimit,
  DIR_FORMAT,
  FACT_FEATURES,
  MAX_FACT_BYTES,
  readFact,
  TRACING_DATA,
} from './perfFeatures.js';
import { byteOrderOf, mayBeCompressed, readHeader, type PerfHeader } from './perfHeader.js';
import { PerfTasks } from './perfTasks.js';
import { CompiledSamples } from './compiledSamples.js';
import { Chunk } from './chunk.js';
import { RecordReader } from './recordReader.js';
import { readTracingData } from './tracingData.js';

/** Read at a time: some 10 ms of work. */
const WINDOW_BYTES = 2 * 1024 * 1024;
/** They expand to ten times as much or more. */
const COMPRESSED_WINDOW_BYTES = 256 * 1024;
/** The descriptions of all tracepoints of a kernel are some MB. */
const MAX_TRACING_DATA_BYTES = 64 * 1024 * 1024;

const ADVICE =
  'Record with "perf sched record", or with "perf record -a -e sched:sched_switch,sched:sched_wakeup".';

export const perfData: FileImporter = {
  kind: 'file',
  name: 'perf-data',
  label: 'perf.data',
  detect,
  prepare: async (head) => {
    if (mayBeCompressed(head)) await compileZstd();
  },
  *read(file: RandomAccess, store: EventStore): ImportSteps {
    const reader = new PerfDataReader(file, store);
    try {
      yield* reader.steps();
    } finally {
      reader.close();
    }
  },
};

function detect(head: Uint8Array): Detection {
  const order = byteOrderOf(head);
  if (order === 'little' || order === 'big') return { matches: true, confidence: 1 };
  const reason =
    order === 'old'
      ? 'written by perf before 2.6.36, in a format that no perf reads any more'
      : 'does not begin with "PERFILE2"';
  return { matches: false, reason };
}

class PerfDataReader {
  readonly #file: RandomAccess;
  readonly #store: EventStore;
  readonly #header: PerfHeader;
  readonly #tasks: PerfTasks;
  readonly #events: PerfEvents;
  readonly #records: RecordReader;
  /** Pieces of the file that are or were read: those that wait, and one more. */
  readonly #windows: { readonly bytes: Uint8Array<ArrayBuffer>; chunk: Chunk }[] = [];
  /** Where the last record is cut in two; undefined: it is not. */
  #cutAt: number | undefined;
  #isTracingDataDamaged = false;
  /** Rows of other files of the same recording. */
  readonly #rowsBefore: number;

  constructor(file: RandomAccess, store: EventStore) {
    this.#file = file;
    this.#store = store;
    this.#rowsBefore = store.length;
    store.metadata.capabilities = { ...store.metadata.capabilities, textLines: false };
    this.#header = readHeader(file, store);
    this.#tasks = new PerfTasks(store, this.#header.isLittle);
    const { isLittle } = this.#header;
    const compiled = isLittle ? CompiledSamples.begin(store, file.sizeBytes) : undefined;
    this.#events = new PerfEvents(
      store,
      isLittle,
      (tid) => this.#tasks.commOf(tid) ?? this.#tracerComm(tid),
      compiled?.decoder,
    );
    const parts = {
      tracingData: (offset: number, sizeBytes: number) => {
        this.#readTracingData(offset, sizeBytes);
      },
      feature: (feature: number, content: Uint8Array) => {
        this.#readFeature(feature, content);
      },
    };
    this.#records = new RecordReader(store, this.#events, this.#tasks, parts, compiled);
  }

  close(): void {
    this.#records.compressed.close();
  }

  *steps(): ImportSteps {
    if (!this.#header.isPipe) this.#readFileHeader();
    const { offset, sizeBytes } = this.#header.data;
    const end = offset + sizeBytes;
    for (let at = offset; at < end;) {
      const windowBytes = this.#records.compressed.count > 0 ? COMPRESSED_WINDOW_BYTES : WINDOW_BYTES;
      const done = this.#records.read(this.#window(at, Math.min(windowBytes, end - at)), at);
      yield* this.#records.release(at + done);
      if (this.#records.damage !== undefined) break;
      if (done === 0) {
        this.#cutAt = at;
        break;
      }
      at += done;
      yield this.#records.doneOf(Math.min(at, end));
    }
    yield* this.#records.finish(end);
    this.#finish();
  }

  /** The next piece of the file, in memory of one whose records have all been handed on. */
  #window(at: number, sizeBytes: number): Chunk {
    const { isLittle } = this.#header;
    const free = this.#windows.find(({ bytes, chunk }) => !chunk.isHeld && bytes.length >= sizeBytes);
    const bytes = free?.bytes ?? this.#records.memory(sizeBytes);
    const read = this.#file.read(at, sizeBytes, bytes);
    const isThere = read.buffer === bytes.buffer;
    if (!isThere) bytes.set(read);
    const chunk = new Chunk(bytes.subarray(0, read.length), isLittle);
    if (free === undefined) this.#windows.push({ bytes, chunk });
    else free.chunk = chunk;
    return chunk;
  }

  #readFileHeader(): void {
    const { attrs, features, cutOff } = this.#header;
    for (const attr of attrs) this.#events.addAttr(attr);
    for (const feature of [...FACT_FEATURES, COMPRESSED_FEATURE]) {
      const section = features.get(feature);
      if (section === undefined) continue;
      const bytes = this.#file.read(section.offset, Math.min(section.sizeBytes, MAX_FACT_BYTES));
      this.#readFeature(feature, bytes);
    }
    if (features.has(DIR_FORMAT)) {
      this.#warn(
        'This is one of several files of a recording that perf made with --threads. Their records are not read: record without --threads, or print them with "perf script".',
      );
    }
    const tracingData = features.get(TRACING_DATA);
    if (tracingData !== undefined) this.#readTracingData(tracingData.offset, tracingData.sizeBytes);
    const why =
      cutOff ??
      (this.#isTracingDataDamaged
        ? `the descriptions of its events, from byte ${tracingData?.offset ?? 0} on, break off`
        : undefined);
    if (why === undefined || this.#events.isDescribed) return;
    throw new Failure(
      'bad-input',
      `${this.#file.name} cannot be read: ${why}. perf writes the descriptions of the events behind the records, and without them no record can be understood. Copy the file again, or record again and let perf end by itself. "perf record -o - … > trace.data" writes the descriptions first: such a recording can be read however it ends.`,
    );
  }

  #readFeature(feature: number, content: Uint8Array): void {
    const { isLittle } = this.#header;
    if (feature === COMPRESSED_FEATURE) {
      const limit = decompressedLimit(content, isLittle);
      if (limit !== undefined) this.#records.compressed.limitBytes = limit;
    } else readFact(feature, content.subarray(0, MAX_FACT_BYTES), isLittle, this.#store.metadata);
  }

  #readTracingData(offset: number, sizeBytes: number): void {
    const data = readTracingData(this.#file.read(offset, Math.min(sizeBytes, MAX_TRACING_DATA_BYTES)));
    this.#events.addTracingData(data);
    if (!data.isComplete) this.#isTracingDataDamaged = true;
  }

  #tracerComm(tid: number): Uint8Array | undefined {
    return this.#store.tasks.threadOf(tid) >= 0 ? undefined : this.#events.comms.get(tid);
  }

  #finish(): void {
    this.#tasks.finish();
    const { properties } = this.#store.metadata;
    properties.set(
      'clock',
      clockText(this.#events.attrs.find(({ clockId }) => clockId !== undefined)?.clockId),
    );
    if (this.#records.compressed.count > 0) properties.set('compression', 'zstd');
    this.#remarkOnEvents();
    this.#remarkOnRecords();
    const { damage } = this.#records;
    if (damage !== undefined) {
      throw new Failure(
        'bad-input',
        `${this.#file.name} is damaged at byte ${damage.offset}: ${damage.what}. What comes before was read; for the rest, copy the file again.`,
      );
    }
    if (this.#store.length === this.#rowsBefore) this.#warn(this.#whyNothing());
  }

  #remarkOnEvents(): void {
    const { unusable } = this.#events;
    const lacking = this.#events.lacking();
    if (lacking !== undefined) this.#warn(lacking);
    if (unusable.length > 0) {
      this.#warn(
        `The descriptions of ${unusable.join(', ')} lack fields that are needed: they were left out.`,
      );
    }
    if (this.#isTracingDataDamaged) {
      this.#warn(
        'The descriptions of the events break off: events whose description is missing were left out.',
      );
    }
  }

  #remarkOnRecords(): void {
    const { unknownIds, unreadable, sink, line } = this.#records;
    const { unsuccessfulWakeups } = this.#events.reader;
    if (this.#cutAt !== undefined) {
      this.#warn(
        `The recording breaks off in the middle of record ${line + 1}, at byte ${this.#cutAt}: what comes before was read.`,
      );
    }
    if (unknownIds > 0) this.#warn(`${unknownIds} samples are of no event that the file describes.`);
    const damaged = unreadable + sink.damaged;
    if (damaged > 0) {
      const first = sink.damaged > 0 ? ` The first is record ${sink.firstDamagedLine}.` : '';
      const why = sink.firstRefusal === undefined ? '' : ` ${sink.firstRefusal}`;
      this.#warn(`${damaged} samples of scheduler events cannot be read and were left out.${first}${why}`);
    }
    if (this.#tasks.unplacedLosses > 0) {
      this.#warn(`perf lost ${this.#tasks.unplacedLosses} records and does not tell on which CPU.`);
    }
    if (unsuccessfulWakeups > 0) {
      this.#store.diagnostics.push({
        severity: 'info',
        message: `${unsuccessfulWakeups} wakeups with success=0 woke nobody and were left out.`,
      });
    }
  }

  #warn(message: string): void {
    this.#store.diagnostics.push({ severity: 'warning', message });
  }

  #whyNothing(): string {
    const { name } = this.#file;
    const { attrs, hasTracepoints, hasFormats } = this.#events;
    if (attrs.length === 0) return `${name} describes no events: is it complete?`;
    if (!hasTracepoints) return `${name} holds no tracepoints. ${ADVICE}`;
    if (!hasFormats) return `${name} does not hold the descriptions of scheduler events. ${ADVICE}`;
    return `${name} holds no records of scheduler events. ${ADVICE}`;
  }
}
