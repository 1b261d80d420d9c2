import { isFailure, messageOf } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import { startGuarded, type GuardedEnd, type GuardedRun, type GuardStatus } from '../guard/guardedRun.js';
import { printableText } from '../printableText.js';
import type { RemotePrograms } from '../remotePrograms.js';
import { rootRights } from '../rootRights.js';
import type { Rights } from '../shellCommand.js';
import { machineState } from './machineState.js';
import { metricValues, readMeasurement } from './measurement.js';
import type { RepeatRecord } from './results.js';
import { changesNothing, type Benchmark, type BenchmarkProgram, type Variant } from './suite.js';

/** What of a run becomes part of its record; the rest says which run it was. */
export type RunOutcome = Pick<
  RepeatRecord,
  'failure' | 'exitCode' | 'values' | 'timer' | 'before' | 'after' | 'remarks'
>;

export interface RunRequest {
  readonly benchmark: Benchmark;
  readonly variant: Variant;
  /** `uname -r` as it must be; null: whatever runs there. */
  readonly kernel: string | null;
}

/** Of the output the first and the last part are kept: figures stand at the end, what was run at the beginning. */
const KEPT_OUTPUT = 512 * 1024;
/** A variant's settings are made, or put back, within that. */
const SETTINGS_MS = 120_000;
/** So long the guard may tidy up after a run that is measured. */
const TIDYING_MS = 60_000;

/**
 * Runs a benchmark once. What goes wrong with it is part of the outcome. It rejects only when the connection was lost or
 * the work cancelled; then the guard on the machine undoes what there is to undo.
 */
export async function runOnce(
  connection: Connection,
  programs: RemotePrograms,
  request: RunRequest,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const remarks: string[] = [];
  let outcome: RunOutcome = failed('The run did not begin.');
  try {
    const settings = await applyVariant(connection, programs, request.variant, signal);
    try {
      outcome = await measure(connection, programs, request, signal);
    } finally {
      remarks.push(...(await settings.takeBack()));
    }
  } catch (error) {
    if (signal.aborted || isFailure(error, 'cancelled') || isFailure(error, 'connection-lost')) throw error;
    outcome = { ...outcome, failure: printableText(messageOf(error), 2000) };
  }
  return { ...outcome, remarks: [...outcome.remarks, ...remarks] };
}

export function failed(why: string): RunOutcome {
  return {
    failure: printableText(why, 2000),
    exitCode: null,
    values: {},
    timer: null,
    before: null,
    after: null,
    remarks: [],
  };
}

async function measure(
  connection: Connection,
  programs: RemotePrograms,
  { benchmark, kernel }: RunRequest,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const before = await machineState(connection, programs, signal);
  if (kernel !== null && before.kernel !== kernel) {
    return { ...failed(`The kernel is ${before.kernel}; these repeats are of ${kernel}.`), before };
  }
  const rights: Rights = benchmark.asRoot ? await rootRights(connection, signal) : 'own';
  const run = await startGuarded(connection, programs, {
    what: `The benchmark ${benchmark.name}`,
    rights,
    ...guardedProgram(benchmark.program),
  });
  const statuses: GuardStatus[] = [];
  run.onStatus((status) => {
    statuses.push(status);
  });
  const [ended, output] = await follow(run, benchmark.timeLimitMs, signal);
  const after = await machineState(connection, programs, signal);
  return { ...judge(benchmark, run, statuses, ended, output), before, after };
}

/**
 * Reads the output until the end; the time limit drops the run, and so does a cancellation. What is measured is not
 * dropped when tidying up takes long after it.
 */
async function follow(
  run: GuardedRun,
  timeLimitMs: number,
  signal: AbortSignal,
): Promise<[GuardedEnd & { readonly isTimedOut: boolean }, string]> {
  let isTimedOut = false;
  let timer = setTimeout(() => {
    isTimedOut = true;
    run.abort();
  }, timeLimitMs);
  run.onStatus(({ kind }) => {
    if (kind !== 'measured' || isTimedOut) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      run.abort();
    }, TIDYING_MS);
  });
  const cancel = () => {
    run.abort();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  try {
    const [ended, output] = await Promise.all([run.ended, readEnds(run.output)]);
    signal.throwIfAborted();
    return [{ ...ended, isTimedOut }, output];
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** The first and the last part of what is printed; all is read, so that the machine never waits. */
async function readEnds(stream: AsyncIterable<unknown>): Promise<string> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue;
      const room = KEPT_OUTPUT / 2 - head.length;
      if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
      if (chunk.length > room) {
        tail = Buffer.concat([tail, chunk.subarray(Math.max(0, room))]).subarray(-KEPT_OUTPUT / 2);
      }
    }
  } catch {
    // It was cut short; how the run ended tells why.
  }
  return `${head.toString('utf8')}${tail.toString('utf8')}`;
}

function guardedProgram(program: BenchmarkProgram): { program: string; args: readonly string[] } {
  switch (program.kind) {
    case 'command':
      return { program: 'benchmark', args: ['command', ...program.argv] };
    case 'shell':
      return { program: 'benchmark', args: ['shell', program.text] };
    case 'zstd': {
      const { level, threads, mebibytes, times } = program;
      return { program: 'benchmark', args: ['zstd', ...[level, threads, mebibytes, times].map(String)] };
    }
    case 'workload':
      return { program: program.name, args: program.args };
  }
}

function judge(
  benchmark: Benchmark,
  run: GuardedRun,
  statuses: readonly GuardStatus[],
  ended: GuardedEnd & { readonly isTimedOut: boolean },
  output: string,
): Omit<RunOutcome, 'before' | 'after'> {
  const measured = statuses.find(({ kind }) => kind === 'measured');
  const overheads = statuses.filter(({ kind }) => kind === 'overhead');
  const measurement = measured === undefined ? null : readMeasurement(measured, overheads);
  const found = metricValues(benchmark.metrics, output, measurement);
  const missing = benchmark.metrics.map(({ name }) => name).filter((name) => !found.has(name));
  const why = statuses.find(({ kind }) => kind === 'failed')?.values.get('why');
  const failure = ended.isTimedOut
    ? `It took longer than its limit of ${benchmark.timeLimitMs / 1000} s and was ended${saidLast(output)}`
    : (why ?? endFailure(ended, `${output}\n${run.complaints}`) ?? missingFailure(benchmark, missing));
  return {
    failure: failure === null ? null : printableText(failure, 2000),
    exitCode: ended.code,
    values: failure === null ? Object.fromEntries(found) : {},
    timer: measurement?.timer ?? null,
    remarks: [
      ...(measurement?.remarks ?? []),
      ...(failure === null && missing.length > 0 ? [`Not in its output: ${missing.join(', ')}.`] : []),
      ...ended.leftBehind.map((each) => printableText(`Left behind on the machine: ${each}`, 2000)),
    ],
  };
}

function endFailure({ code, signal }: GuardedEnd, said: string): string | null {
  if (code === 0) return null;
  const how = signal === null ? `ended with status ${code ?? 'unknown'}` : `was killed by SIG${signal}`;
  return `It ${how}${saidLast(said)}`;
}

/** `.`, or the last line that it printed: `: no space left`. */
function saidLast(said: string): string {
  const last = printableText(said, said.length)
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
  return last === undefined ? '.' : `: ${last.slice(0, 500)}`;
}

function missingFailure({ primary }: Benchmark, missing: readonly string[]): string | null {
  return missing.includes(primary)
    ? `Its output does not tell ${primary}, on which the verdict rests.`
    : null;
}

interface AppliedVariant {
  /** What could not be taken back, in words. */
  takeBack(): Promise<readonly string[]>;
}

/** Makes a variant's settings by a guarded program that holds them until it is stopped, or until we are gone. */
async function applyVariant(
  connection: Connection,
  programs: RemotePrograms,
  variant: Variant,
  signal: AbortSignal,
): Promise<AppliedVariant> {
  if (changesNothing(variant)) return { takeBack: () => Promise.resolve([]) };
  const run = await startGuarded(connection, programs, {
    what: `Setting the variant ${variant.name}`,
    rights: await rootRights(connection, signal),
    program: 'benchmark-settings',
    args: [
      variant.setup,
      variant.teardown,
      ...Object.entries(variant.sysctl).map(([name, value]) => `${name}=${value}`),
    ],
  });
  run.output.resume();
  const takeBack = async () => {
    run.stop();
    const limit = setTimeout(() => {
      run.abort();
    }, SETTINGS_MS);
    const { leftBehind } = await run.ended.finally(() => {
      clearTimeout(limit);
    });
    return leftBehind.map((each) =>
      printableText(`The variant ${variant.name} is not taken back: ${each}`, 2000),
    );
  };
  try {
    await run.untilStatus('ready', SETTINGS_MS);
  } catch (error) {
    run.abort();
    await run.ended;
    throw error;
  }
  return { takeBack };
}
