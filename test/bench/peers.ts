import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The tools whose formats we read, and recordings of theirs to measure them on. */

export function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Elapsed ms of a command whose output goes nowhere. */
export function timeCommand(command: string, args: readonly string[]): number {
  const started = performance.now();
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  return performance.now() - started;
}

/** Messages from task to task; each loop makes some 100 events. */
const workload = (loops: number) => [
  'perf',
  'bench',
  'sched',
  'messaging',
  '-p',
  '-g',
  '4',
  '-l',
  String(loops),
];
const USUAL_LOOPS = 4000;

/** Records with perf sched; undefined when this machine does not allow it. */
export function recordWithPerf(directory: string, loops = USUAL_LOOPS): string | undefined {
  const path = join(directory, 'bench.perf.data');
  const command = ['sched', 'record', '-q', '-m', '4096', '-o', path, '--', ...workload(loops)];
  const result = spawnSync('perf', command);
  return result.status === 0 ? path : undefined;
}

/** A recording beside the checkout, for machines whose kernel lets nobody record with trace-cmd. */
const TRACE_DAT_BESIDE = '../shared/traces/trace-dat/lisa_sched_load.dat';

/** Records the sched events with trace-cmd; failing that, one that lies beside; undefined when there is none. */
export function traceDat(directory: string): string | undefined {
  const path = join(directory, 'bench.trace.dat');
  const events = ['sched_switch', 'sched_wakeup', 'sched_waking', 'sched_migrate_task'];
  const flags = events.flatMap((event) => ['-e', `sched:${event}`]);
  const result = spawnSync(
    'trace-cmd',
    ['record', '-b', '40000', '-o', path, ...flags, ...workload(USUAL_LOOPS)],
    {
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  );
  if (result.status === 0) return path;
  return existsSync(TRACE_DAT_BESIDE) ? TRACE_DAT_BESIDE : undefined;
}

/** The python that has torch. */
export function pythonWithTorch(): string | undefined {
  const candidates = ['.cache/torch/bin/python', 'python3'];
  return candidates.find(
    (python) =>
      (python === 'python3' || existsSync(python)) &&
      spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
}
