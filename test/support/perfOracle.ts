import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { schedLatency } from '../../src/analysis/perf/latency.js';
import { latencyText } from '../../src/analysis/perf/latencyText.js';
import { timehist, type TimehistOptions } from '../../src/analysis/perf/timehist.js';
import { TimehistText, type TimehistTextOptions } from '../../src/analysis/perf/timehistText.js';
import { bytesSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';

const FIXTURES = new URL('../fixtures/perf/6.1/', import.meta.url);
/** Recordings that do not belong to the repository: they stand beside it where it is developed. */
const SHARED = new URL('../../../shared/traces/perf/', import.meta.url);

export const hasSharedRecordings = existsSync(SHARED);

export function fixture(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`${name}.gz`, FIXTURES)));
}

export function shared(name: string): Buffer {
  const bytes = readFileSync(new URL(name, SHARED));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

export function sharedPath(name: string): string {
  return new URL(name, SHARED).pathname;
}

export async function importPerfScript(bytes: Uint8Array): Promise<EventStore> {
  return importTrace(bytesSource('perf script', bytes));
}

/** Lines of a report of perf. */
export function lines(bytes: Uint8Array): string[] {
  const all = new TextDecoder().decode(bytes).split('\n');
  if (all.at(-1) === '') all.pop();
  return all;
}

export function timehistLines(store: EventStore, options: TimehistOptions & TimehistTextOptions): string[] {
  const text = new TimehistText(store, options);
  const result = text.header();
  for (const row of timehist(store, options)) result.push(text.line(row));
  return result;
}

/** The options of perf's `-VwnM --state`. */
export const ALL_COLUMNS = {
  cpuVisual: true,
  wakeups: true,
  next: true,
  migrations: true,
  state: true,
} as const;

export function latencyLines(store: EventStore, mergeByComm = false): string[] {
  const report = schedLatency(store, { compat: 'perf-6.1', mergeByComm, unknown: 'as-perf' });
  return latencyText(store, report, 'perf-6.1');
}

/** perf's line as far as a text with tids only can tell it: without thread groups, and so without the padding. */
export function withoutGroups(line: string): string {
  return line
    .replace(/\[(-?\d+)\/-?\d+\]/g, '[$1]')
    .replace(/ +/g, ' ')
    .trimEnd();
}

/** Pairs of lines that differ, ours and perf's: readable when a test fails. */
export function differences(
  got: readonly string[],
  want: readonly string[],
): { ours: string; perf: string }[] {
  const found = [];
  for (let i = 0; i < Math.max(got.length, want.length); i += 1) {
    const ours = got[i] ?? '(no line)';
    const perf = want[i] ?? '(no line)';
    if (ours !== perf) found.push({ ours, perf });
  }
  return found;
}
