import { Failure } from '../../base/errors.js';
import type { BpftraceSettings } from './collection.js';
import type { StartCollector } from './collectorRun.js';
import { LinesSink, type LineClasses, type LinesOptions } from './linesSink.js';
import { startStreamed } from './streamedRun.js';

const DIGIT_0 = 0x30;
const DIGIT_1 = 0x31;
const DIGIT_9 = 0x39;

interface BpftraceProgram {
  /** Files in `media/remote/bpftrace/`, without `.bt`: the best first. */
  readonly variants: readonly string[];
  /** The kernel function it probes: why it cannot be probed is looked up. Empty: none. */
  readonly kernelFunction: string;
  /** How its CSV begins, and what is counted in it. */
  readonly lines: Omit<LinesOptions, 'isEvent'>;
}

/** Of `can_migrate_task`, by the end of a line: its columns `forced`, where the kernel tells it, and `migration`. */
const DECISIONS: LineClasses = {
  names: ['forced', 'allowed', 'refused'],
  nameOf: (line, header) => {
    const isAllowed = line.at(-1) === DIGIT_1;
    if (!isAllowed) return 'refused';
    return line.at(-3) === DIGIT_1 && header.endsWith(',forced,migration') ? 'forced' : 'allowed';
  },
};

export const BPFTRACE_PROGRAMS: Readonly<Record<string, BpftraceProgram>> = {
  /** Decisions of the load balancer: migration records. */
  can_migrate_task: {
    variants: ['can_migrate_task.kfunc', 'can_migrate_task.kprobe'],
    kernelFunction: 'can_migrate_task',
    // bpftrace drops what waits in its buffers when it is stopped, and does not tell. The kernel counts the calls, too.
    lines: { header: 'pid,ts,cpu,', classes: DECISIONS, total: '@calls' },
  },
  /** Context switches, where nothing but tracepoints is allowed. */
  sched_switch: { variants: ['sched_switch'], kernelFunction: '', lines: { header: 'timestamp,task_name,' } },
};

/** bpftrace compiles and attaches for 3 to 6 s on a small machine, far longer on a busy one, once for each variant. */
const LIMITS = { readyMs: 180_000, stopMs: 60_000 };

/**
 * A program of bpftrace that prints CSV. Failures: `not-found` (no such program), `remote-failed` (the kernel forbids what
 * it needs: `ready` rejects with the reasons), `write-failed`, those of `startGuarded`.
 */
export const collectBpftrace: StartCollector<BpftraceSettings> = async (
  connection,
  context,
  settings,
  rights,
  target,
) => {
  const chosen = Object.hasOwn(BPFTRACE_PROGRAMS, settings.program)
    ? BPFTRACE_PROGRAMS[settings.program]
    : undefined;
  if (chosen === undefined) {
    throw new Failure(
      'not-found',
      `There is no program "${settings.program}" for bpftrace. There are: ${Object.keys(BPFTRACE_PROGRAMS).join(', ')}.`,
    );
  }
  const texts = chosen.variants.flatMap((name) => [name, context.programs.file(`bpftrace/${name}.bt`)]);
  const program = {
    what: `Recording with bpftrace (${settings.program})`,
    rights,
    program: 'bpftrace',
    args: [chosen.kernelFunction, String(settings.migrationCostNs ?? ''), ...texts],
  };
  const lines = { ...chosen.lines, isEvent: beginsWithDigit };
  return startStreamed(connection, context, program, () => LinesSink.create(target.path, lines), LIMITS);
};

function beginsWithDigit(line: Buffer): boolean {
  const first = line[0];
  return first !== undefined && first >= DIGIT_0 && first <= DIGIT_9;
}
