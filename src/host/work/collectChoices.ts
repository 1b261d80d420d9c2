import { isAbsolute, join } from 'node:path';
import type { CollectionRequest, CollectorSettings } from '../../remote/collect/collection.js';
import type { Check, Need } from '../../remote/preflight/check.js';
import { obstacles } from '../../remote/preflight/check.js';
import { commandOf, WORKLOADS, type CatalogueWorkload } from '../../remote/workloads/catalogue.js';
import { extensionOf, fileNamePart } from '../../remote/workloads/cells.js';
import type { WorkloadCommand } from '../../remote/workloads/workload.js';
import { collectorSettings } from '../../remote/workloads/defaultSettings.js';

/** A collector as it is offered. */
export interface CollectorChoice {
  readonly label: string;
  readonly detail: string;
  readonly need: Need;
  readonly settings: CollectorSettings;
}

/** The best first: Enter takes it. */
export const COLLECTORS: readonly CollectorChoice[] = [
  {
    label: 'tracefs',
    detail: 'Scheduler events of all CPUs through ftrace, streamed into a trace.dat file; nothing to install',
    need: 'tracefs',
    settings: collectorSettings('tracefs'),
  },
  {
    label: 'tracefs as text',
    detail: 'The same as readable text; larger and slower',
    need: 'tracefs',
    settings: collectorSettings('tracefs', { format: 'text' }),
  },
  {
    label: 'perf sched record',
    detail: 'Scheduler tracepoints through perf, for perf’s own reports as well',
    need: 'perf',
    settings: collectorSettings('perf'),
  },
  {
    label: 'perf sched map',
    detail: 'Which task ran where, as perf’s text',
    need: 'perf',
    settings: collectorSettings('perf-map'),
  },
  {
    label: 'bpftrace can_migrate_task',
    detail: 'Decisions of the load balancer, one record a call; the kernel has to allow fentry or kprobes',
    need: 'bpftrace',
    settings: collectorSettings('bpftrace'),
  },
  {
    label: 'bpftrace can_migrate_task, migration cost 10 ms',
    detail:
      'The same with tasks that stay cache-hot for longer: ten times as many forced migrations; restored then',
    need: 'bpftrace',
    settings: collectorSettings('bpftrace', { migrationCostNs: 10_000_000 }),
  },
];

/** The ending of its recordings, with the full stop; one that the trace editor knows. */
export function endingOf({ settings }: CollectorChoice): string {
  return `.${extensionOf(settings)}`;
}

/** Why a collector cannot work on a machine as far as its checks tell; undefined: nothing speaks against it. */
export function objectionTo(
  choice: CollectorChoice,
  checks: readonly Check[] | undefined,
): string | undefined {
  const [first] = obstacles(checks ?? [], choice.need);
  return first === undefined ? undefined : `${first.title}: ${first.detail}`;
}

/** When a collection ends: with a workload, after a time, or when it is stopped. */
export interface EndChoice {
  readonly label: string;
  readonly detail: string;
  readonly durationMs: number | null;
  readonly workload: WorkloadCommand | null;
  readonly category: string;
}

const IDLE = 'none';

/** Ends after a time, whatever runs on the machine. */
export function endAfter(durationMs: number, text = `${durationMs / 1000} s`): EndChoice {
  return {
    label: `For ${text}`,
    detail: 'Whatever runs on the machine',
    durationMs,
    workload: null,
    category: IDLE,
  };
}

/** The shortest useful one first: Enter takes it. */
export const TIME_ENDS: readonly EndChoice[] = [
  endAfter(10_000),
  endAfter(1000),
  endAfter(60_000, '1 min'),
  endAfter(600_000, '10 min'),
  {
    label: 'Until I stop it',
    detail: 'The panel and the status bar have the button',
    durationMs: null,
    workload: null,
    category: IDLE,
  },
];

export const WORKLOAD_ENDS: readonly EndChoice[] = WORKLOADS.map((workload) => endWith(workload));

function endWith(workload: CatalogueWorkload): EndChoice {
  return {
    label: workload.name,
    detail: workload.description,
    durationMs: null,
    workload: commandOf(workload),
    category: workload.category,
  };
}

/** A command of the user's own, as text for `sh`. */
export function endWithCommand(text: string, timeoutMs: number): EndChoice {
  return {
    label: text,
    detail: '',
    durationMs: null,
    workload: { name: 'own-command', program: { kind: 'shell', text }, timeoutMs },
    category: 'own',
  };
}

/** Whether the text is a time; `90 s`, `5 min`, `0.5s`, `90`. Undefined when it is none. */
export function durationIn(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(s|min|h)?$/.exec(text.trim());
  if (match === null) return undefined;
  const ms = Number(match[1]) * { s: 1000, min: 60_000, h: 3_600_000 }[(match[2] ?? 's') as 's'];
  return ms >= 100 && ms <= 24 * 3_600_000 ? ms : undefined;
}

/** `2026-11-21 11.45.03` without what file systems dislike: `20261121-114503`, local time. */
export function timeStamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return (
    `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}` +
    `-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`
  );
}

/** Where a recording is proposed to go: `recordings/root@lab-20261121-114503.trace.dat`, below the workspace. */
export function proposedPath(
  machines: readonly string[],
  collector: CollectorChoice,
  end: EndChoice,
  now: Date,
): string {
  const stamp = timeStamp(now);
  if (machines.length > 1) return `recordings/${stamp}`;
  const workload = end.workload === null ? '' : `-${fileNamePart(end.workload.name)}`;
  return `recordings/${fileNamePart(machines[0] ?? '')}${workload}-${stamp}${endingOf(collector)}`;
}

/**
 * The files of a collection, by machine. For one machine the path is the file, else a folder with a file a machine.
 * @param root what relative paths are relative to
 */
export function pathsOf(
  machines: readonly string[],
  path: string,
  root: string,
  collector: CollectorChoice,
): Map<string, string> {
  const extension = endingOf(collector);
  const whole = isAbsolute(path) ? path : join(root, path);
  if (machines.length === 1) {
    return new Map([[machines[0]!, whole.endsWith(extension) ? whole : whole + extension]]);
  }
  return new Map(machines.map((machine) => [machine, join(whole, fileNamePart(machine) + extension)]));
}

export function requestFor(collector: CollectorChoice, end: EndChoice, path: string): CollectionRequest {
  return {
    settings: collector.settings,
    workload: end.workload,
    durationMs: end.durationMs,
    category: end.category,
    run: 1,
    path,
  };
}

/** `tracefs, 7 events, for 10 s`. */
export function describeCollection(collector: CollectorChoice, end: EndChoice): string {
  const { settings } = collector;
  const events = 'events' in settings ? `, ${settings.events.length} events` : '';
  const until =
    end.workload !== null
      ? `while ${end.label} runs`
      : end.label.charAt(0).toLowerCase() + end.label.slice(1);
  return `${collector.label}${events}, ${until}`;
}
