/**
 * Features: what perf tells of the machine and the recording, behind the data of a file or as records of a pipe.
 * Source: the write_* functions of tools/perf/util/header.c. The host's name (feature 3) is not kept.
 */
import type { TraceMetadata } from '../../model/traceMetadata.js';
import { BytesReader } from './bytesReader.js';

export const TRACING_DATA = 1;
/** The recording is a folder: its records are in other files. */
export const DIR_FORMAT = 24;
export const COMPRESSED_FEATURE = 27;

const OSRELEASE = 4;
const VERSION = 5;
const ARCH = 6;
const NRCPUS = 7;
const CPUDESC = 8;
const CMDLINE = 11;
const SAMPLE_TIME = 21;

/** Texts that are kept, under our names. */
const TEXTS: ReadonlyMap<number, string> = new Map([
  [OSRELEASE, 'kernel'],
  [VERSION, 'perf version'],
  [ARCH, 'architecture'],
  [CPUDESC, 'CPU model'],
]);

/** Features that are read for their facts; none of them is long. */
export const FACT_FEATURES: readonly number[] = [...TEXTS.keys(), NRCPUS, CMDLINE, SAMPLE_TIME];
export const MAX_FACT_BYTES = 65536;

/** clockid_t of include/uapi/linux/time.h. */
const CLOCKS: Readonly<Record<number, string>> = {
  0: 'realtime',
  1: 'monotonic',
  4: 'monotonic_raw',
  7: 'boottime',
  11: 'tai',
};

/** More CPUs than any kernel supports: damage. */
const MAX_CPUS = 8192;
/** A command line of this many words is cut. */
const MAX_WORDS = 1000;

/** Keeps the facts of a feature; what is damaged is left out. */
export function readFact(
  feature: number,
  bytes: Uint8Array,
  isLittle: boolean,
  metadata: TraceMetadata,
): void {
  const reader = new BytesReader(bytes, isLittle);
  const { properties } = metadata;
  const name = TEXTS.get(feature);
  if (name !== undefined) {
    const text = reader.perfString();
    if (reader.isComplete && text !== '') properties.set(name, text);
    return;
  }
  switch (feature) {
    case NRCPUS: {
      const available = reader.u32();
      const online = reader.u32();
      if (!reader.isComplete || online === 0 || online > MAX_CPUS || available > MAX_CPUS) return;
      properties.set('CPUs online', String(online));
      properties.set('CPUs available', String(available));
      metadata.cpuCount = online;
      return;
    }
    case CMDLINE: {
      const count = Math.min(reader.u32(), MAX_WORDS);
      const words: string[] = [];
      for (let i = 0; i < count && reader.isComplete; i += 1) words.push(reader.perfString());
      if (reader.isComplete && words.length > 0) properties.set('command', words.join(' '));
      return;
    }
    case SAMPLE_TIME: {
      const first = reader.u64();
      const last = reader.u64();
      if (!reader.isComplete || last === 0n || last < first) return;
      properties.set('sample time', `${secondsText(first)} s to ${secondsText(last)} s`);
      return;
    }
    default:
  }
}

/** In plain words, from the attributes. */
export function clockText(clockId: number | undefined): string {
  if (clockId === undefined) return "perf's own (sched_clock)";
  return CLOCKS[clockId] ?? `clock number ${clockId}`;
}

/** The size that the uncompressed data of a compressed record have at most, as perf tells it; undefined: damaged. */
export function decompressedLimit(bytes: Uint8Array, isLittle: boolean): number | undefined {
  const reader = new BytesReader(bytes, isLittle);
  // version, type, level, ratio
  reader.take(16);
  const limit = reader.u32();
  return reader.isComplete ? limit : undefined;
}

function secondsText(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}
