import { once } from 'node:events';
import type { Connection } from '../connection.js';
import { Failure } from '../../base/errors.js';
import { shellProgram } from '../shellCommand.js';
import type { ClockFacts } from './facts.js';

/** One question and its answer, on our clock, and what the machine's said in between. */
export interface ClockReading {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly machineMs: number;
  /** 1 where its `date` knows no fractions: it is then cut off, not rounded. */
  readonly machineResolutionMs: number;
}

/**
 * The difference by the quickest answer: the machine read its clock at some moment between question and answer, so that
 * half the time in between is how far off it can be (Cristian, "Probabilistic clock synchronization", 1989).
 */
export function clockDifference(readings: readonly ClockReading[]): ClockFacts | null {
  let best: ClockFacts | null = null;
  for (const { askedMs, answeredMs, machineMs, machineResolutionMs } of readings) {
    const roundTripMs = answeredMs - askedMs;
    if (roundTripMs < 0) continue;
    // Our own clock is read in whole milliseconds.
    const uncertaintyMs = (roundTripMs + 1 + machineResolutionMs) / 2;
    if (best !== null && best.uncertaintyMs <= uncertaintyMs) continue;
    best = {
      differenceMs: machineMs + machineResolutionMs / 2 - (askedMs + answeredMs) / 2,
      uncertaintyMs,
    };
  }
  return best;
}

/** `1700000000.123456789`, or `1700000000.%N` where `date` knows no nanoseconds. Undefined for anything else. */
export function parseClockLine(
  line: string,
): Pick<ClockReading, 'machineMs' | 'machineResolutionMs'> | undefined {
  const match = /^(\d{1,11})(?:\.(?:(\d{9})|%?N)?)?$/.exec(line);
  if (match === null) return undefined;
  const seconds = Number(match[1]);
  if (match[2] === undefined) return { machineMs: seconds * 1000, machineResolutionMs: 1000 };
  return { machineMs: seconds * 1000 + Number(match[2]) / 1e6, machineResolutionMs: 0 };
}

const ROUNDS = 5;
const TIMEOUT_MS = 10_000;

/** Compares the clocks by asking a few times. Null when the machine gives no time. */
export async function measureClock(
  connection: Connection,
  nowMs: () => number,
  signal?: AbortSignal,
): Promise<ClockFacts | null> {
  const timer = AbortSignal.timeout(TIMEOUT_MS);
  const stop = signal === undefined ? timer : AbortSignal.any([timer, signal]);
  const process = await connection.start(
    shellProgram('while read -r ko_line; do date -u +%s.%N; done'),
    stop,
  );
  process.stdin.on('error', () => undefined);
  process.stderr.resume();
  const readings: ClockReading[] = [];
  const ended = process.exit.then(() => {
    throw new Error('It ended without an answer.');
  });
  ended.catch(() => undefined);
  try {
    process.stdout.setEncoding('latin1');
    for (let round = 0; round < ROUNDS; round += 1) {
      const askedMs = nowMs();
      process.stdin.write('\n');
      const answer = once(process.stdout, 'data', { signal: stop }) as Promise<[string]>;
      const [text] = await Promise.race([answer, ended]);
      const reading = parseClockLine(text.trim());
      if (reading !== undefined) readings.push({ askedMs, answeredMs: nowMs(), ...reading });
    }
  } catch (error) {
    if (signal?.aborted === true) {
      throw new Failure('cancelled', `Comparing the clock of ${connection.destination} was cancelled.`, {
        cause: error,
      });
    }
    // It did not answer in time, or ended: what was read so far is all there is.
  } finally {
    process.close();
  }
  return clockDifference(readings);
}
