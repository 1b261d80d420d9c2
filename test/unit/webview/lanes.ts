import type { LaneId, LaneSegments, ThreadName, TraceSummary } from '../../../src/protocol/traceMessages.js';

/** A segment in a test: start, end, value, state, and what a summarising one has besides. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly value?: number;
  readonly state?: number;
  readonly fill?: number;
  readonly count?: number;
}

export function laneOf(lane: LaneId, pieces: readonly Piece[]): LaneSegments {
  return {
    lane,
    startNs: Float64Array.from(pieces, (piece) => piece.start),
    endNs: Float64Array.from(pieces, (piece) => piece.end),
    value: Uint32Array.from(pieces, (piece) => piece.value ?? 0),
    state: Uint8Array.from(pieces, (piece) => piece.state ?? 1),
    fill: Float32Array.from(pieces, (piece) => piece.fill ?? 1),
    count: Uint32Array.from(pieces, (piece) => piece.count ?? 1),
  };
}

export function threadName(thread: number, comm: string): ThreadName {
  return { thread, pid: 100 + thread, tgid: null, comm, formerComms: [] };
}

export const summary: TraceSummary = {
  name: 'test.ftrace',
  sources: [],
  format: 'tracefs-text',
  formatLabel: 'tracefs text',
  baseNs: '7123000000000',
  startNs: 0,
  endNs: 1_000_000,
  events: 1000,
  eventCounts: { sched_switch: 600, sched_wakeup: 400 },
  cpus: [0, 1],
  threads: 3,
  losses: [],
  lostEvents: 0,
  overwrittenEvents: 0,
  remarks: [],
  hasWakeups: true,
  hasPrevStates: true,
  hasTextLines: true,
  latencyFrom: 'sched_wakeup',
  complete: true,
  doneBytes: 1000,
  totalBytes: 1000,
};

export const hostileName = '</script><img src=x onerror=alert(1)>';
