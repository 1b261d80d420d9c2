import { Failure } from '../../base/errors.js';
import type { PerfMapSettings, PerfSettings } from './collection.js';
import type { StartCollector } from './collectorRun.js';
import { LinesSink } from './linesSink.js';
import { PerfFileWriter } from './perfFileWriter.js';
import { startStreamed } from './streamedRun.js';

/**
 * What `perf sched record` records (cmd_record in tools/perf/builtin-sched.c) for latency analysis: who ran when, who was
 * woken, made and moved. Those that a kernel lacks are left out; before Linux 4.3 sched_wakeup stands for sched_waking.
 */
export const USUAL_PERF_EVENTS: readonly string[] = [
  'sched:sched_switch',
  'sched:sched_waking',
  'sched:sched_wakeup_new',
  'sched:sched_migrate_task',
  'sched:sched_stat_runtime',
  'sched:sched_process_fork',
];
/** As `perf sched record` has it: 4 MB a CPU with pages of 4 KB. */
export const USUAL_BUFFER_PAGES = 1024;

/** That much must be free on the machine's disk for `perf sched map`. */
const LEAST_FREE_KB = 64 * 1024;
/** perf opens every event on every CPU and names every task of the machine first. */
const LIMITS = { readyMs: 60_000, stopMs: 120_000 };
/** A page of 4 KB a CPU at least, 512 MB at most. */
const MAX_BUFFER_PAGES = 128 * 1024;

/**
 * `perf record` of scheduler events, streamed: the machine's disk is not used. The recording is a perf.data file as
 * `perf sched` reads it. Failures: `wrong-usage`, `write-failed`, those of `startGuarded`.
 */
export const collectPerf: StartCollector<PerfSettings> = async (
  connection,
  context,
  settings,
  rights,
  target,
) => {
  requireUsable(settings);
  const args = ['stream', String(settings.bufferPages), '0', ...settings.events];
  const program = { what: 'Recording with perf', rights, program: 'perf', args };
  return startStreamed(connection, context, program, () => PerfFileWriter.create(target.path), LIMITS);
};

/** The text of `perf sched map`, of a recording that perf makes on the machine's disk meanwhile. */
export function collectPerfMap(leastFreeKb = LEAST_FREE_KB): StartCollector<PerfMapSettings> {
  return async (connection, context, _settings, rights, target) => {
    const args = ['map', String(USUAL_BUFFER_PAGES), String(leastFreeKb), 'sched:sched_switch'];
    const program = { what: 'Recording with perf sched map', rights, program: 'perf', args };
    // "  *A0           996.136612 secs A0 => migration/0:18": a switch is a line with a time.
    const lines = { header: '', isEvent: (line: Buffer) => line.includes(' secs') };
    return startStreamed(connection, context, program, () => LinesSink.create(target.path, lines), LIMITS);
  };
}

function requireUsable({ events, bufferPages }: PerfSettings): void {
  const strange = events.find((event) => !/^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$/.test(event));
  if (strange !== undefined) {
    throw new Failure(
      'wrong-usage',
      `"${strange}" is no tracepoint for perf: it is written GROUP:NAME, such as sched:sched_switch.`,
    );
  }
  if (!events.includes('sched:sched_switch')) {
    throw new Failure(
      'wrong-usage',
      'perf needs the event sched:sched_switch: nothing can be told without it.',
    );
  }
  // perf maps powers of two.
  if (!(bufferPages >= 1 && bufferPages <= MAX_BUFFER_PAGES && Number.isInteger(Math.log2(bufferPages)))) {
    throw new Failure(
      'wrong-usage',
      `${bufferPages} pages is no size of perf's buffer: a power of two from 1 to ${MAX_BUFFER_PAGES} is.`,
    );
  }
}
