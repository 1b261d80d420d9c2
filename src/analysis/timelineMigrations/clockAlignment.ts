import { voteOnClocks } from './clockVote.js';
import { matchMoves, timeOn, type ClockLine, type Matching, type Moves } from './moves.js';

/** A trace and migration records made together, each with times of its own clock. */
export interface AlignmentInput {
  /** Calls of `can_migrate_task` that allowed a migration; times are those of their ends. */
  readonly calls: Moves;
  /** The trace's sched_migrate_task events. */
  readonly moves: Moves;
  /** What the trace covers, on the moves' clock. */
  readonly traceNs: { readonly startNs: number; readonly endNs: number };
  /** The offset where both are said to have the same clock; null when that is not known. */
  readonly sameClockOffsetNs: number | null;
}

export interface ClockAlignment {
  readonly verdict: 'checked' | 'unchecked' | 'unaligned';
  readonly line: ClockLine;
  /** Whether `line` was found by the moves; else it is what the clocks are said to be. */
  readonly isVoted: boolean;
  /** Calls that fall into the trace by `line`. */
  readonly calls: number;
  readonly matching: Matching;
  /** Median from the end of a call to its move, ns; null without matches. */
  readonly delayNs: number | null;
}

/** So few matches may be chance. */
const LEAST_MATCHES = 5;
/** So many calls, none of which is followed by a move, say that the clocks are not the same. */
const TELLING_CALLS = 20;
/** True matches exceed those with shifted clocks by this factor at least. */
const LEAST_EXCESS = 3;
/** Shares of the calls that must match for clocks that are known, and for such that are only found by matching. */
const LEAST_SHARE = 0.1;
const LEAST_VOTED_SHARE = 0.2;
/** Shifts by which nothing matches but by chance, ns. */
const CONTROL_SHIFTS_NS = [-97e6, -41e6, 41e6, 97e6];

/**
 * Lays the clock of migration records on that of a trace and says how far that can be trusted. Clocks that are said to be the
 * same are checked; others, and such that the check contradicts, are found by the moves that follow the calls.
 */
export function alignClocks(input: AlignmentInput): ClockAlignment {
  const { calls, moves, sameClockOffsetNs } = input;
  let said: ClockAlignment | undefined;
  if (sameClockOffsetNs !== null) {
    const line = { offsetNs: sameClockOffsetNs, drift: 0, pivotNs: 0 };
    said = judged(input, line, false);
    const isContradicted = said.calls >= TELLING_CALLS && moves.length > 0;
    if (said.verdict === 'checked') return said;
    if (!isContradicted) return { ...said, verdict: 'unchecked' };
  }
  const voted = calls.length === 0 || moves.length === 0 ? null : voteOnClocks(calls, moves);
  const found = voted === null ? undefined : judged(input, voted, true);
  if (found?.verdict === 'checked') return found;
  return said ?? found ?? judged(input, { offsetNs: 0, drift: 0, pivotNs: 0 }, true);
}

function judged(
  { calls, moves, traceNs }: AlignmentInput,
  line: ClockLine,
  isVoted: boolean,
): ClockAlignment {
  const matching = matchMoves(calls, moves, line);
  let inTrace = 0;
  for (const timeNs of calls.timeNs) {
    const onTrace = timeOn(line, timeNs);
    if (onTrace >= traceNs.startNs && onTrace <= traceNs.endNs) inTrace += 1;
  }
  const { count } = matching;
  const isEnough = count >= LEAST_MATCHES && count >= (isVoted ? LEAST_VOTED_SHARE : LEAST_SHARE) * inTrace;
  const verdict = isEnough && count >= LEAST_EXCESS * byChance(calls, moves, line) ? 'checked' : 'unaligned';
  return {
    verdict,
    line,
    isVoted,
    calls: inTrace,
    matching,
    delayNs: medianDelay(calls, moves, line, matching),
  };
}

/** Matches when the clocks are wrong on purpose, mean. */
function byChance(calls: Moves, moves: Moves, line: ClockLine): number {
  let sum = 0;
  for (const shift of CONTROL_SHIFTS_NS) {
    sum += matchMoves(calls, moves, { ...line, offsetNs: line.offsetNs + shift }).count;
  }
  return sum / CONTROL_SHIFTS_NS.length;
}

function medianDelay(calls: Moves, moves: Moves, line: ClockLine, { moveOf }: Matching): number | null {
  const delays: number[] = [];
  moveOf.forEach((move, call) => {
    if (move >= 0) delays.push(moves.timeNs[move]! - timeOn(line, calls.timeNs[call]!));
  });
  if (delays.length === 0) return null;
  return Math.round(delays.sort((a, b) => a - b)[delays.length >> 1]!);
}
