import type { EventFormat } from '../tracepoint/eventFormat.js';
import { MAX_CPUS } from '../tracepoint/ringBuffer.js';
import type { ByteCursor } from './byteCursor.js';
import type { TraceDatOptions } from './options.js';

/** What every version of trace.dat begins with: `17 08 44 "tracing"`, version, byte order, long, page. */
export interface TraceDatStart {
  readonly version: number;
  readonly isLittleEndian: boolean;
  readonly pageBytes: number;
  /** Offset of what follows. */
  readonly endAt: number;
}

/** What a trace.dat says of the recording before the events themselves. */
export interface TraceDatHead {
  /** Of the kernel's `long`, from its `header_page`; that of the tools may differ. */
  longBytes: number;
  /** The scheduler events among the formats. */
  readonly formats: EventFormat[];
  /** Comms by pid, as of the end of the recording. */
  readonly comms: Map<number, Uint8Array>;
  readonly options: TraceDatOptions;
  readonly buffers: TraceBuffer[];
}

/** The data of one ring buffer: the top one or an instance. */
export interface TraceBuffer {
  /** Empty for the top buffer. */
  readonly name: string;
  readonly clock: string | undefined;
  readonly pageBytes: number;
  readonly isCompressed: boolean;
  readonly cpus: readonly CpuData[];
}

/** Where a CPU's pages lie in the file. */
export interface CpuData {
  readonly cpu: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

const MAGIC = [0x17, 0x08, 0x44, ...Array.from('tracing', (character) => character.charCodeAt(0))];

export function hasMagic(head: Uint8Array): boolean {
  return MAGIC.every((byte, at) => head[at] === byte);
}

/** Size of a CPU's entry in version 7's lists, and in version 6's. */
export const CPU_ENTRY_BYTES = { 6: 16, 7: 20 } as const;

/** Checks the number of CPUs against the bytes that describe them. */
export function checkedCpuCount(cursor: ByteCursor, count: number, entryBytes: number): number {
  if (count > MAX_CPUS || count * entryBytes > cursor.remainingBytes) {
    cursor.fail(`it tells of ${count} CPUs, which cannot be`);
  }
  return count;
}
