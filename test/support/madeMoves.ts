/** Calls of the load balancer and the moves that follow them, on two clocks, for tests of their alignment. */
import type { Moves } from '../../src/analysis/timelineMigrations/moves.js';
import { randomNumbers } from './randomNumbers.js';

export interface MadeClocks {
  readonly seed: number;
  /** Calls that allowed a migration. */
  readonly calls: number;
  readonly spanNs: number;
  /** Moves' clock less calls' clock at the beginning, and how much faster it runs. */
  readonly offsetNs: number;
  readonly driftPpm: number;
  /** Share of the calls that no move in the trace follows. */
  readonly missing: number;
  /** Moves that no call allowed, as at wakeups. */
  readonly others: number;
  readonly tasks: number;
}

export interface MadeMoves {
  readonly calls: Moves;
  readonly moves: Moves;
  /** How many calls are followed by a move. */
  readonly followed: number;
}

interface Move {
  readonly timeNs: number;
  readonly pid: number;
  readonly fromCpu: number;
  readonly toCpu: number;
}

const CPUS = 8;

export function madeMoves(made: MadeClocks): MadeMoves {
  const whole = randomNumbers(made.seed);
  const random = () => whole(2 ** 31) / 2 ** 31;
  const someMove = (): Move => {
    const fromCpu = whole(CPUS);
    const toCpu = (fromCpu + 1 + whole(CPUS - 1)) % CPUS;
    return { timeNs: random() * made.spanNs, pid: 1000 + whole(made.tasks), fromCpu, toCpu };
  };
  const onTrace = (timeNs: number) => timeNs + made.offsetNs + made.driftPpm * 1e-6 * timeNs;
  const calls = Array.from({ length: made.calls }, someMove);
  const others = Array.from({ length: made.others }, someMove);
  const followed = calls.filter(() => random() >= made.missing);
  // 4 µs at least, seldom some 100: the probe's own end comes in between.
  const delayNs = () => 4000 - 30_000 * Math.log(1 - random());
  const moves = [
    ...followed.map((call) => ({ ...call, timeNs: onTrace(call.timeNs) + delayNs() })),
    ...others.map((other) => ({ ...other, timeNs: onTrace(other.timeNs) })),
  ];
  return { calls: inOrder(calls), moves: inOrder(moves), followed: followed.length };
}

export function inOrder(moves: readonly Move[]): Moves {
  const sorted = [...moves].sort((a, b) => a.timeNs - b.timeNs);
  return {
    length: sorted.length,
    timeNs: Float64Array.from(sorted, ({ timeNs }) => Math.round(timeNs)),
    pid: Uint32Array.from(sorted, ({ pid }) => pid),
    fromCpu: Uint16Array.from(sorted, ({ fromCpu }) => fromCpu),
    toCpu: Uint16Array.from(sorted, ({ toCpu }) => toCpu),
  };
}
