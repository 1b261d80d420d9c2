import type { RecordsOnTimeline } from '../../protocol/timelineMigrations.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { alignClocks, type ClockAlignment } from './clockAlignment.js';
import { timeOn, type Moves } from './moves.js';
import { recordCalls, type RecordCalls } from './recordCalls.js';
import { alignmentText, apartText, countsText } from './recordsText.js';

/** What the records are laid on. */
export interface TraceGround {
  readonly moves: Moves;
  /** Absolute time of the moves' offset 0. */
  readonly baseNs: bigint;
  readonly startNs: number;
  readonly endNs: number;
  /** The clock as the trace or its description names it; null: not told. */
  readonly clock: string | null;
}

/** Records with their places on the timeline. */
export interface LaidRecords {
  readonly name: string;
  readonly calls: RecordCalls;
  readonly alignment: ClockAlignment;
  /** Time of each of `calls.rows` on the trace's clock, ns after its base. */
  readonly timeNs: Float64Array;
  /** By place in `calls.rows`: the move that follows, or −1. */
  readonly moveOf: Int32Array;
}

export interface Laying {
  readonly told: RecordsOnTimeline;
  /** Null: they are not drawn; `told` says why. */
  readonly laid: LaidRecords | null;
}

/** The clock of migration records, as tracers and perf call it. */
const MONOTONIC = new Set(['mono', 'monotonic']);

/** Lays migration records on a trace, as far as their times can be trusted. */
export function layRecords(
  name: string,
  origin: RecordsOnTimeline['origin'],
  store: MigrationRecordStore,
  trace: TraceGround,
): Laying {
  const calls = recordCalls(store);
  if (calls === null) {
    const text = `${name}: not drawn: its columns do not tell src_cpu and dst_cpu, so it has no place on the lanes.`;
    const told = {
      name,
      origin,
      calls: store.length,
      allowed: 0,
      forced: null,
      isDrawn: false,
      clock: null,
      text,
    };
    return { told, laid: null };
  }
  const isSame = trace.clock !== null && MONOTONIC.has(trace.clock);
  const traceNs = { startNs: trace.startNs, endNs: trace.endNs };
  const alignment = alignClocks({
    calls: calls.allowed,
    moves: trace.moves,
    traceNs,
    sameClockOffsetNs: isSame ? Number(calls.baseNs - trace.baseNs) : null,
  });
  const timeNs = calls.startNs.map((startNs) => Math.round(timeOn(alignment.line, startNs)));
  const records = { startNs: timeNs[0] ?? 0, endNs: timeNs.at(-1) ?? 0 };
  const isApart = records.endNs < trace.startNs || records.startNs > trace.endNs;
  const isKnown = alignment.verdict !== 'unaligned';
  const figures = countsOf(calls);
  const how =
    isApart && isSame && !alignment.isVoted
      ? apartText(records, traceNs)
      : alignmentText(alignment, trace.moves.length);
  const told: RecordsOnTimeline = {
    name,
    origin,
    ...figures,
    isDrawn: isKnown && !isApart,
    clock: clockOf(alignment, calls.baseNs - trace.baseNs),
    text: `${name}: ${countsText(figures)} ${how}`,
  };
  if (!told.isDrawn) return { told, laid: null };
  return { told, laid: { name, calls, alignment, timeNs, moveOf: movesByRow(calls, alignment) } };
}

function countsOf({ rows, facts, allowed }: RecordCalls) {
  let forced = 0;
  for (const row of rows) if (facts.isForced(row)) forced += 1;
  return { calls: rows.length, allowed: allowed.length, forced: facts.tellsForced ? forced : null };
}

function clockOf(
  { verdict, line, calls, matching, delayNs }: ClockAlignment,
  betweenBasesNs: bigint,
): NonNullable<RecordsOnTimeline['clock']> {
  // The line is between offsets; what is told is between the clocks themselves.
  return {
    verdict,
    offsetNs: String(BigInt(Math.round(line.offsetNs)) - betweenBasesNs),
    driftPpm: line.drift * 1e6,
    calls,
    matches: matching.count,
    delayNs,
  };
}

function movesByRow({ rows, allowedAt }: RecordCalls, { matching }: ClockAlignment): Int32Array {
  const moveOf = new Int32Array(rows.length).fill(-1);
  matching.moveOf.forEach((move, call) => {
    moveOf[allowedAt[call]!] = move;
  });
  return moveOf;
}
