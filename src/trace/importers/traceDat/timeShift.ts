/**
 * The clock of a guest, as its host saw it while both were traced: option TIME_SHIFT of trace.dat. Source:
 * tsync_cpu_offsets_load and timestamp_host_sync of trace-cmd's trace-input.c.
 *
 *     u64 trace id of the host, u32 flags (1: interpolate), u32 CPUs, then for each CPU:
 *     u32 samples, then as many i64 times, i64 offsets, i64 scalings
 *     and after all CPUs, for each: as many i64 fraction bits of the scalings (newer versions)
 */
import { MAX_CPUS } from '../tracepoint/ringBuffer.js';
import type { ByteCursor } from './byteCursor.js';

interface Sample {
  readonly time: bigint;
  readonly offset: bigint;
  readonly scaling: bigint;
  fraction: bigint;
}

export interface CpuTimeShift {
  readonly interpolates: boolean;
  /** In order of time. */
  readonly samples: readonly Sample[];
}

const INTERPOLATE = 1;

/** By CPU; undefined when the option is too short for what it says. */
export function readTimeShift(cursor: ByteCursor): readonly CpuTimeShift[] | undefined {
  if (cursor.remainingBytes < 16) return undefined;
  cursor.skip(8);
  const interpolates = (cursor.u32() & INTERPOLATE) !== 0;
  const cpus = cursor.u32();
  if (cpus > MAX_CPUS) return undefined;
  const byCpu: Sample[][] = [];
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    if (cursor.remainingBytes < 4) return undefined;
    const count = cursor.u32();
    if (count * 24 > cursor.remainingBytes) return undefined;
    const column = () => Array.from({ length: count }, () => cursor.i64());
    const times = column();
    const offsets = column();
    const scalings = column();
    byCpu.push(times.map((time, i) => ({ time, offset: offsets[i]!, scaling: scalings[i]!, fraction: 0n })));
  }
  for (const samples of byCpu) {
    for (const sample of samples) {
      if (cursor.remainingBytes >= 8) sample.fraction = BigInt.asUintN(6, cursor.i64());
    }
  }
  return byCpu.map((samples) => ({ interpolates, samples: inOrder(samples) }));
}

function inOrder(samples: Sample[]): Sample[] {
  samples.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  return samples.filter((sample, i) => i === 0 || sample.time !== samples[i - 1]!.time);
}

/** Time of the host for a time of the guest. */
export function shifted(ticks: bigint, { interpolates, samples }: CpuTimeShift): bigint {
  const { length } = samples;
  if (length === 0) return ticks;
  if (length === 1) return ticks + samples[0]!.offset;
  let from = 0;
  while (from < length - 2 && samples[from + 1]!.time <= ticks) from += 1;
  const before = samples[from]!;
  const after = samples[from + 1]!;
  let offset = before.offset;
  if (interpolates) {
    const span = after.time - before.time;
    offset += ((ticks - before.time) * (after.offset - before.offset) + span / 2n) / span;
  }
  return BigInt.asUintN(64, ((ticks * before.scaling) >> before.fraction) + offset);
}
