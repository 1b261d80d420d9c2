/**
 * trace.dat, the recording of trace-cmd, versions 6 and 7. Sources: trace-cmd.dat.v6.5, trace-cmd.dat.v7.5, trace-cmd's
 * lib/trace-cmd/trace-input.c. `headVersion6.ts` and `headVersion7.ts` read what comes before the events, `ringBuffer.ts`
 * the events.
 *
 *     17 08 44 "tracing" "6\0" | "7\0"
 *     u8 1: big-endian, u8 bytes of a long of the tools, u32 bytes of a page, …
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import type { EventStore } from '../../model/eventStore.js';
import { prepareZstdBlocks } from '../../zstdBlocks.js';
import type { Detection, FileImporter, ImportSteps } from '../importer.js';
import { isPageSize } from '../tracepoint/headerPage.js';
import { CompiledRecords } from '../tracepoint/compiledRecords.js';
import { addFormats, knownIds, readRingBuffers, SCHED_EVENTS } from '../tracepoint/readRingBuffers.js';
import { MAX_CPUS, RingBufferStream, RingBufferTally, type PageLayout } from '../tracepoint/ringBuffer.js';
import { SchedRecordReader } from '../tracepoint/schedRecord.js';
import type { BlockDecompressor } from './blockDecompressor.js';
import { chooseBuffers } from './bufferChoice.js';
import { ByteCursor } from './byteCursor.js';
import { cpuPages, ExpansionBudget, type OnDamage } from './cpuPages.js';
import { readHeadVersion6 } from './headVersion6.js';
import { readHeadVersion7 } from './headVersion7.js';
import { describeRecording } from './recordingFacts.js';
import { recordingClock } from './recordingClock.js';
import {
  hasMagic,
  type CpuData,
  type TraceBuffer,
  type TraceDatHead,
  type TraceDatStart,
} from './traceDatHead.js';

const MAGIC_BYTES = 10;
/** '7', the version's digit behind the magic. */
const VERSION_7 = 0x37;

export const traceDat: FileImporter = {
  kind: 'file',
  name: 'trace-dat',
  label: 'trace.dat (trace-cmd record)',
  detect,
  // Only version 7 is compressed, and loading the decoder takes as long as reading 200,000 events.
  prepare: async (head) => {
    if (head[MAGIC_BYTES] === VERSION_7) await prepareZstdBlocks();
  },
  read,
};

function detect(head: Uint8Array): Detection {
  if (hasMagic(head)) return { matches: true, confidence: 1 };
  return { matches: false, reason: 'it does not begin with the bytes 17 08 44 and "tracing"' };
}

function* read(file: RandomAccess, store: EventStore): ImportSteps {
  store.metadata.capabilities = { ...store.metadata.capabilities, textLines: false };
  const start = readStart(file);
  const { head, expand, compression } = readHead(file, start);
  const { isLittleEndian } = start;
  const compiled = isLittleEndian ? CompiledRecords.of(store, file.sizeBytes) : undefined;
  const reader = new SchedRecordReader(store, {
    isLittleEndian,
    commOf: (pid) => head.comms.get(pid),
    decoder: compiled?.decoder,
  });
  if (addFormats(reader, head.formats, store) === 0) {
    throw new Failure(
      'bad-input',
      `${file.name} describes none of the events that are shown here (${SCHED_EVENTS}). Record with "trace-cmd record -e sched".`,
    );
  }
  const buffers = checkedBuffers(head.buffers, file, store);
  const layoutOf = ({ pageBytes }: TraceBuffer): PageLayout => ({
    isLittleEndian,
    longBytes: head.longBytes,
    pageBytes,
  });
  const pagesOf = (onDamage: OnDamage) => {
    const budget = new ExpansionBudget(file.sizeBytes);
    const cpuCount = buffers.reduce((sum, { cpus }) => sum + cpus.length, 0);
    return (buffer: TraceBuffer, data: CpuData) => {
      const context = { file, layout: layoutOf(buffer), cpuCount, expand, budget, onDamage };
      return cpuPages(data, buffer.isCompressed, context);
    };
  };
  const unheard = pagesOf(() => undefined);
  const knowsId = knownIds(reader);
  compiled?.describe(reader, knowsId);
  const choice = chooseBuffers(buffers, { reader, knowsId, layoutOf, pagesOf: unheard });
  describeRecording(store, start, head, choice, compression);
  const damages = new CpuDamages();
  const pages = pagesOf(damages.add);
  const clock = recordingClock(head.options);
  const shared = { store, reader, clock, tally: new RingBufferTally(), compiled };
  const streams = choice.cpus.map(({ buffer, data, knowsId }) => {
    const context = { ...shared, layout: layoutOf(buffer) };
    return new RingBufferStream(data.cpu, pages(buffer, data), knowsId, context);
  });
  yield* readRingBuffers(streams, shared);
  damages.report(file, store);
}

function readStart(file: RandomAccess): TraceDatStart {
  const cursor = new ByteCursor(file, true);
  if (!hasMagic(cursor.bytes(MAGIC_BYTES))) cursor.fail('it does not begin like a trace.dat');
  const version = cursor.name();
  if (version !== '6' && version !== '7') {
    throw new Failure(
      'bad-input',
      `${file.name} is a trace.dat of version "${version}"; versions 6 and 7 are read. "trace-cmd convert" changes the version.`,
    );
  }
  const isLittleEndian = cursor.u8() === 0;
  // The size of a long of the recording tools: that of the kernel is in its own header_page.
  cursor.skip(1);
  const rest = new ByteCursor(file, isLittleEndian, cursor.at);
  const pageBytes = rest.u32();
  if (!isPageSize(pageBytes)) rest.fail(`pages of ${pageBytes} bytes cannot be`);
  return { version: Number(version), isLittleEndian, pageBytes, endAt: rest.at };
}

interface Head {
  readonly head: TraceDatHead;
  readonly expand: BlockDecompressor | undefined;
  readonly compression: string;
}

function readHead(file: RandomAccess, start: TraceDatStart): Head {
  if (start.version === 6) {
    return { head: readHeadVersion6(file, start), expand: undefined, compression: 'none' };
  }
  const head = readHeadVersion7(file, start);
  return { head, expand: head.expand, compression: head.compression };
}

/**
 * The buffers without CPUs that have no data, that cannot be, or whose data lie where others do: in a damaged file they
 * would be read again and again.
 */
function checkedBuffers(
  buffers: readonly TraceBuffer[],
  file: RandomAccess,
  store: EventStore,
): TraceBuffer[] {
  const inOrder = buffers
    .flatMap(({ cpus }) => cpus)
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .sort((a, b) => a.offset - b.offset);
  const good = new Set<CpuData>();
  let endAt = 0;
  for (const data of inOrder) {
    if (data.cpu >= MAX_CPUS || data.offset < endAt) continue;
    good.add(data);
    endAt = Math.min(data.offset + data.sizeBytes, file.sizeBytes);
  }
  if (good.size < inOrder.length) {
    store.diagnostics.push({
      severity: 'error',
      message: `The list of CPUs is damaged: the data of ${inOrder.length - good.size} of ${inOrder.length} lie where others do, or have a CPU number that cannot be. They are left out.`,
    });
  }
  return buffers.map((buffer) => {
    if (!isPageSize(buffer.pageBytes)) {
      throw new Failure(
        'bad-input',
        `${file.name} is damaged: it tells of a buffer with pages of ${buffer.pageBytes} bytes, which cannot be. Copy it again, or record again.`,
      );
    }
    return { ...buffer, cpus: buffer.cpus.filter((data) => good.has(data)) };
  });
}

/** CPUs whose data could not be read to their end. */
class CpuDamages {
  readonly #cpus = new Set<number>();
  #first: { readonly cpu: number; readonly atByte: number; readonly why: string } | undefined;

  readonly add: OnDamage = (cpu, atByte, why) => {
    this.#cpus.add(cpu);
    this.#first ??= { cpu, atByte, why };
  };

  report(file: RandomAccess, store: EventStore): void {
    if (this.#first === undefined) return;
    const { cpu, atByte, why } = this.#first;
    const others = this.#cpus.size - 1;
    store.diagnostics.unshift({
      severity: 'error',
      message: `${file.name} is damaged or was cut off: the events of CPU ${cpu} cannot be read on at byte ${atByte} (${why})${others > 0 ? `, and those of ${others} other CPUs not to their end either` : ''}. What could be read is shown; for the rest, copy the file again.`,
    });
  }
}
