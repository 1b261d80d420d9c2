/**
 * The head of trace.dat version 6: parts one after the other, up to a table of where each CPU's pages lie. Sources:
 * trace-cmd.dat.v6.5, read_headers_v6 and init_data_v6 of trace-cmd's trace-input.c.
 *
 *     headers, ftrace events, event formats (formatSections.ts)
 *     u32 size, kallsyms · u32 size, printk formats · comms
 *     u32 CPUs
 *     "options  \0"    each u16 id, u32 size, data; id 0 alone ends them
 *     "flyrecord\0"    for each CPU u64 offset, u64 size; with a TRACECLOCK option then u64 size, text of trace_clock
 *     "latency  \0"    text instead of pages
 *
 * An instance (BUFFER option: u64 offset, name) has options and the table again at its offset.
 */
import { Failure } from '../../../base/errors.js';
import { bytesAccess, type RandomAccess } from '../../../base/randomAccess.js';
import type { EventFormat } from '../tracepoint/eventFormat.js';
import { ByteCursor } from './byteCursor.js';
import { readComms, readLongBytes, readSchedFormats, skipFtraceEvents } from './formatSections.js';
import { currentClock, OPTION, TraceDatOptions } from './options.js';
import {
  checkedCpuCount,
  CPU_ENTRY_BYTES,
  type CpuData,
  type TraceBuffer,
  type TraceDatHead,
  type TraceDatStart,
} from './traceDatHead.js';

const TAG_BYTES = 10;
const MAX_CLOCK_TEXT_BYTES = 4096;

export function readHeadVersion6(file: RandomAccess, start: TraceDatStart): TraceDatHead {
  const cursor = new ByteCursor(file, start.isLittleEndian, start.endAt);
  const formats: EventFormat[] = [];
  const comms = new Map<number, Uint8Array>();
  const options = new TraceDatOptions();
  const longBytes = readLongBytes(cursor);
  skipFtraceEvents(cursor);
  readSchedFormats(cursor, formats);
  cursor.part = 'the kernel symbols';
  cursor.skip(cursor.u32());
  cursor.part = 'the printk formats';
  cursor.skip(cursor.u32());
  readComms(cursor, comms);
  cursor.part = 'the list of CPUs';
  const cpus = cursor.u32();
  const top = readBuffer(cursor, '', cpus, start, options);
  if (options.clock === undefined && hasClockText(top)) options.clock = clockAfterTable(cursor);
  const buffers = [top, ...instances(file, start, cpus, options)];
  return { longBytes, formats, comms, options, buffers };
}

interface V6Buffer extends TraceBuffer {
  readonly namesClock: boolean;
}

function hasClockText(buffer: V6Buffer): boolean {
  return buffer.namesClock;
}

function readBuffer(
  cursor: ByteCursor,
  name: string,
  fileCpus: number,
  { isLittleEndian, pageBytes }: TraceDatStart,
  options: TraceDatOptions,
): V6Buffer {
  let tag = cursor.text(TAG_BYTES);
  let namesClock = false;
  if (tag.startsWith('options')) {
    cursor.part = 'the options';
    for (let id = cursor.u16(); id !== OPTION.DONE; id = cursor.u16()) {
      const size = cursor.u32();
      if (id === OPTION.TRACE_CLOCK) namesClock = true;
      options.add(id, cursor.bytes(size), isLittleEndian);
    }
    tag = cursor.text(TAG_BYTES);
  }
  cursor.part = 'the list of CPUs';
  if (tag.startsWith('latency')) throw holdsText();
  if (!tag.startsWith('flyrecord')) cursor.fail('"flyrecord" is missing');
  const count = checkedCpuCount(cursor, options.cpuCount ?? fileCpus, CPU_ENTRY_BYTES[6]);
  const cpus: CpuData[] = Array.from({ length: count }, (_, cpu) => ({
    cpu,
    offset: cursor.size(),
    sizeBytes: cursor.size(),
  }));
  return { name, clock: undefined, pageBytes, isCompressed: false, cpus, namesClock };
}

/** Buggy versions wrote no clock there: then it is not known. */
function clockAfterTable(cursor: ByteCursor): string | undefined {
  if (cursor.remainingBytes < 8) return undefined;
  const size = cursor.size();
  if (size > Math.min(cursor.remainingBytes, MAX_CLOCK_TEXT_BYTES)) return undefined;
  return currentClock(cursor.text(size));
}

function instances(
  file: RandomAccess,
  start: TraceDatStart,
  cpus: number,
  options: TraceDatOptions,
): TraceBuffer[] {
  return options.buffers.map((data) => {
    const option = new ByteCursor(bytesAccess(file.name, data), start.isLittleEndian);
    option.part = 'the option of an instance';
    const offset = option.size();
    const name = option.name();
    const cursor = new ByteCursor(file, start.isLittleEndian, offset);
    cursor.part = `the head of instance "${name}"`;
    return readBuffer(cursor, name, cpus, start, options);
  });
}

/** For recordings of a latency tracer. */
export function holdsText(): Failure {
  return new Failure(
    'bad-input',
    'This trace.dat holds the text of a latency tracer instead of events. Print it with "trace-cmd report > trace.txt" and open that text.',
  );
}
