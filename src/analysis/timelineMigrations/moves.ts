/** Tasks that go, or may go, from one CPU to another, in order of time. */
export interface Moves {
  readonly length: number;
  /** Ascending, ns after a base of their own. */
  readonly timeNs: Float64Array;
  readonly pid: Uint32Array;
  readonly fromCpu: Uint16Array;
  readonly toCpu: Uint16Array;
}

/** Who goes whence and where: only what agrees in this can be the same migration. */
export function routeOf(moves: Moves, index: number): number {
  // 22 bits of a pid and 14 of each CPU are exact in a number.
  return (moves.pid[index]! * 16384 + moves.fromCpu[index]!) * 16384 + moves.toCpu[index]!;
}

/** Indexes by route, in order of time. */
export function byRoute(moves: Moves): Map<number, number[]> {
  const routes = new Map<number, number[]>();
  for (let index = 0; index < moves.length; index += 1) {
    const route = routeOf(moves, index);
    const list = routes.get(route);
    if (list === undefined) routes.set(route, [index]);
    else list.push(index);
  }
  return routes;
}

/** A straight line from one clock to another: `time + offsetNs + drift · (time − pivotNs)`. */
export interface ClockLine {
  readonly offsetNs: number;
  /** Seconds a second. */
  readonly drift: number;
  readonly pivotNs: number;
}

export function timeOn({ offsetNs, drift, pivotNs }: ClockLine, timeNs: number): number {
  return timeNs + offsetNs + drift * (timeNs - pivotNs);
}

/** So much later than the call's end a move still follows from it: interrupts and probes come in between. */
export const LATEST_NS = 5e6;
/** So much earlier a move may seem to be, by the clocks' inexactness. */
const EARLIEST_NS = 2e5;

export interface Matching {
  /** By call: the move that follows it, or −1. */
  readonly moveOf: Int32Array;
  readonly count: number;
}

/**
 * Which move follows which call, with the calls' times laid on the moves' clock by `line`. A move follows from the last call
 * before it with its route: an earlier one allowed what was then passed over.
 *
 * @param calls times are those of the calls' ends
 */
export function matchMoves(calls: Moves, moves: Moves, line: ClockLine): Matching {
  const moveOf = new Int32Array(calls.length).fill(-1);
  const routes = byRoute(calls);
  const reached = new Map<number, number>();
  let count = 0;
  for (let move = 0; move < moves.length; move += 1) {
    const route = routeOf(moves, move);
    const list = routes.get(route);
    if (list === undefined) continue;
    const atNs = moves.timeNs[move]!;
    let next = reached.get(route) ?? 0;
    while (next < list.length && timeOn(line, calls.timeNs[list[next]!]!) <= atNs + EARLIEST_NS) next += 1;
    reached.set(route, next);
    const call = next === 0 ? undefined : list[next - 1];
    if (call === undefined || moveOf[call] !== -1) continue;
    if (atNs - timeOn(line, calls.timeNs[call]!) > LATEST_NS) continue;
    moveOf[call] = move;
    count += 1;
  }
  return { moveOf, count };
}
