/**
 * The options of trace.dat: facts about the recording, and in version 7 where its parts lie. Ids and layouts:
 * trace-cmd.dat.v7.5, handle_options of trace-cmd's trace-input.c.
 */
import { ByteCursor } from './byteCursor.js';
import { bytesAccess } from '../../../base/randomAccess.js';
import { readTimeShift, type CpuTimeShift } from './timeShift.js';

export const OPTION = {
  DONE: 0,
  DATE: 1,
  CPU_STAT: 2,
  BUFFER: 3,
  TRACE_CLOCK: 4,
  UNAME: 5,
  OFFSET: 7,
  CPU_COUNT: 8,
  VERSION: 9,
  TIME_SHIFT: 12,
  TSC_TO_NSEC: 14,
  HEADERS: 16,
  FTRACE_EVENTS: 17,
  EVENT_FORMATS: 18,
  COMMS: 21,
  BUFFER_TEXT: 22,
} as const;

/** What the kernel counted of a buffer, summed over its CPUs. */
export interface BufferStatistics {
  /** Events overwritten before anybody read them. */
  overruns: number;
  /** Events that found no room. */
  dropped: number;
}

/** Facts of the options. */
export class TraceDatOptions {
  uname: string | undefined;
  tool: string | undefined;
  /** The clock of `trace_clock`, the one in brackets. */
  clock: string | undefined;
  cpuCount: number | undefined;
  /** To add to every time, in ns: `--date`, `--ts-offset`. */
  offsetNs = 0n;
  /** ns = ticks * multiplier >> shift. */
  tscToNs: { readonly multiplier: bigint; readonly shift: bigint } | undefined;
  /** How a guest's clock relates to its host's, by CPU. */
  timeShifts: readonly CpuTimeShift[] | undefined;
  /** Offsets of the sections, by option id. */
  readonly sections = new Map<number, number>();
  /** Contents of the BUFFER options. */
  readonly buffers: Uint8Array[] = [];
  /** Buffers whose content is text: of latency tracers. */
  textBuffers = 0;
  /** By buffer name. */
  readonly statistics = new Map<string, BufferStatistics>();
  /** Of which buffer the next CPU_STAT option speaks. */
  #statisticsOf = '';

  /** Takes in one option. Those of other kinds or of a length that cannot be are passed over. */
  add(id: number, data: Uint8Array, isLittleEndian: boolean): void {
    const cursor = new ByteCursor(bytesAccess('an option', data), isLittleEndian);
    switch (id) {
      case OPTION.DATE:
        this.offsetNs += integerOf(textOf(data)) * 1000n;
        return;
      case OPTION.OFFSET:
        this.offsetNs += integerOf(textOf(data));
        return;
      case OPTION.CPU_STAT:
        this.#addStatistics(textOf(data));
        return;
      case OPTION.TRACE_CLOCK:
        this.clock = currentClock(textOf(data)) ?? this.clock;
        return;
      case OPTION.UNAME:
        this.uname = textOf(data);
        return;
      case OPTION.VERSION:
        this.tool = textOf(data);
        return;
      case OPTION.CPU_COUNT:
        if (data.length >= 4) this.cpuCount = cursor.u32();
        return;
      case OPTION.TIME_SHIFT:
        this.timeShifts = readTimeShift(cursor);
        return;
      case OPTION.TSC_TO_NSEC:
        if (data.length < 16) return;
        this.tscToNs = { multiplier: BigInt(cursor.u32()), shift: BigInt(cursor.u32() & 63) };
        if (this.tscToNs.multiplier === 0n) this.tscToNs = undefined;
        return;
      case OPTION.BUFFER:
        // Copied: what a cursor gives out only lasts until its next read.
        this.buffers.push(data.slice());
        return;
      case OPTION.BUFFER_TEXT:
        this.textBuffers += 1;
        return;
      case OPTION.HEADERS:
      case OPTION.FTRACE_EVENTS:
      case OPTION.EVENT_FORMATS:
      case OPTION.COMMS:
        if (data.length >= 8) this.sections.set(id, cursor.size());
        return;
    }
  }

  /** `\nBuffer: name\n\n`, then for each CPU of it the text of `per_cpu/cpuN/stats`. */
  #addStatistics(text: string): void {
    const buffer = /^\s*Buffer: (.*)$/m.exec(text)?.[1];
    if (buffer !== undefined) this.#statisticsOf = buffer.trim();
    const sums = this.statistics.get(this.#statisticsOf) ?? { overruns: 0, dropped: 0 };
    for (const [, name, value] of text.matchAll(/^(overrun|commit overrun|dropped events): (\d{1,15})$/gm)) {
      if (name === 'overrun') sums.overruns += Number(value);
      else sums.dropped += Number(value);
    }
    this.statistics.set(this.#statisticsOf, sums);
  }
}

/** The clock in brackets: `[local] global counter …`. */
export function currentClock(text: string): string | undefined {
  return /\[([^\]]+)\]/.exec(text)?.[1];
}

function textOf(data: Uint8Array): string {
  const end = data.indexOf(0);
  return new TextDecoder().decode(end < 0 ? data : data.subarray(0, end)).trim();
}

/** As C's strtoll with base 0. */
function integerOf(text: string): bigint {
  const match = /^([-+]?)(0x[0-9a-f]{1,16}|\d{1,19})/i.exec(text);
  if (match === null) return 0n;
  const [, sign, digits = '0'] = match;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}
