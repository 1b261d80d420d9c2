import { Failure } from '../../base/errors.js';
import type { TracefsSettings } from './collection.js';
import type { StartCollector } from './collectorRun.js';
import { LinesSink } from './linesSink.js';
import { RawPagesSink } from './rawPagesSink.js';
import { startStreamed } from './streamedRun.js';

/** What latency analysis needs. */
export const USUAL_TRACEFS_EVENTS: readonly string[] = [
  'sched_switch',
  'sched_wakeup',
  'sched_wakeup_new',
  'sched_waking',
  'sched_migrate_task',
];

/** Named by a user they are wanted, but a kernel without them can be recorded all the same (CONFIG_SCHEDSTATS). */
const OPTIONAL_EVENTS: ReadonlySet<string> = new Set(['sched:sched_stat_runtime']);

/**
 * Overwriting, the kernel tells in the pages where events were lost and how many; of those that it drops when a buffer is
 * full, it only counts how many there were on each CPU.
 */
export const USUAL_TRACEFS_SETTINGS: TracefsSettings = {
  collector: 'tracefs',
  events: USUAL_TRACEFS_EVENTS,
  filters: {},
  bufferKbPerCpu: 16 * 1024,
  overwrite: true,
  clock: 'mono',
  format: 'trace.dat',
};

/** The kernel counts the sub-buffers of a buffer in 32 bits; a terabyte a CPU is a mistake. */
const MAX_BUFFER_KB = 1024 * 1024 * 1024;
/** Buffers of many CPUs are filled with zeros first. What still waits in them is sent at the end. */
const LIMITS = { readyMs: 60_000, stopMs: 120_000 };

/**
 * Records events through an instance of tracefs of its own, streamed from the machine while it records.
 * Failures: `wrong-usage`, `write-failed`, those of `startGuarded`.
 */
export const collectTracefs: StartCollector<TracefsSettings> = async (
  connection,
  context,
  settings,
  rights,
  target,
) => {
  const args = argumentsOf(settings);
  const program = { what: 'Recording with tracefs', rights, program: 'tracefs', args };
  const makeSink =
    settings.format === 'text'
      ? () => LinesSink.create(target.path, { header: '# tracer: nop', isEvent: isEventLine })
      : () => RawPagesSink.create(target);
  return startStreamed(connection, context, program, makeSink, LIMITS);
};

const HASH = 0x23;

/** No comment, no `CPU:1 [LOST 5 EVENTS]`. */
function isEventLine(line: Buffer): boolean {
  return line.length > 0 && line[0] !== HASH && line.toString('latin1', 0, 4) !== 'CPU:';
}

/** The arguments of `media/remote/tracefs.sh`. */
export function argumentsOf(settings: TracefsSettings): string[] {
  const { bufferKbPerCpu, clock, overwrite, format } = settings;
  if (!Number.isInteger(bufferKbPerCpu) || bufferKbPerCpu < 4 || bufferKbPerCpu > MAX_BUFFER_KB) {
    throw wrong(`${bufferKbPerCpu} KiB a CPU is no size of a buffer: it takes 4 to ${MAX_BUFFER_KB}`);
  }
  if (!/^[a-z0-9_-]{1,32}$/.test(clock)) throw wrong(`"${clock}" is no name of a trace clock`);
  if (settings.events.length === 0) throw wrong('no event is named');
  const filters = new Map(
    Object.entries(settings.filters).map(([event, filter]) => [fullName(event), filter]),
  );
  const events = [...new Set(settings.events.map(fullName))];
  const args = [String(bufferKbPerCpu), overwrite ? '1' : '0', clock, format === 'text' ? 'text' : 'pages'];
  for (const event of events) {
    const filter = filters.get(event) ?? '';
    if (/[\n\0]/.test(filter)) throw wrong(`the filter of ${event} has more than one line`);
    args.push(OPTIONAL_EVENTS.has(event) ? 'optional' : 'needed', event, filter);
  }
  const stray = [...filters.keys()].find((event) => !events.includes(event));
  if (stray !== undefined) throw wrong(`there is a filter for ${stray}, which is not recorded`);
  return args;
}

function fullName(event: string): string {
  if (!/^(?:[A-Za-z0-9_-]+:)?[A-Za-z0-9_-]+$/.test(event)) {
    throw wrong(
      `"${event}" is no event: write sched_switch, or GROUP:NAME for one that is not of the scheduler`,
    );
  }
  return event.includes(':') ? event : `sched:${event}`;
}

function wrong(why: string): Failure {
  return new Failure('wrong-usage', `Recording with tracefs cannot start: ${why}.`);
}
