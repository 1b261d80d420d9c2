import { readFile } from 'node:fs/promises';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import type {
  CollectionProgress,
  CollectionRequest,
  CollectionResult,
  CollectorSettings,
} from '../remote/collect/collection.js';
import { collect } from '../remote/collect/collect.js';
import { fileNamePart } from '../remote/workloads/cells.js';
import { commandOf, findWorkload, WORKLOADS } from '../remote/workloads/catalogue.js';
import { collectorSettings } from '../remote/workloads/defaultSettings.js';
import { parsePlan, summaryPathOf } from '../remote/workloads/plan.js';
import { writePlanSummary, type PlanSummary } from '../remote/workloads/planSummary.js';
import { runPlan, type PlanListener } from '../remote/workloads/runPlan.js';
import type { WorkloadCommand } from '../remote/workloads/workload.js';
import { Interruption, remoteContext, withMachines, type MachineOptions } from './machines.js';
import { integer, printable, printLines, table, toJson } from './output.js';
import { StatusLine } from './statusLine.js';

export interface CollectOptions extends MachineOptions {
  readonly with: CollectorSettings['collector'];
  readonly output: string;
  readonly duration?: number;
  readonly workload?: string;
  readonly command?: string;
  readonly category?: string;
  readonly timeout: number;
  readonly events?: readonly string[];
  readonly bufferKb?: number;
  readonly overwrite?: boolean;
  readonly clock?: string;
  readonly text?: boolean;
  readonly program?: string;
  readonly migrationCost?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Makes one recording on each of the machines, at the same time. */
export async function collectOn(names: readonly string[], options: CollectOptions): Promise<void> {
  if (names.length > 1 && !options.output.includes('{machine}')) {
    throw new Failure(
      'wrong-usage',
      'With several machines -o must hold {machine}, so that each has a file of its own.',
    );
  }
  const settings = collectorSettings(options.with, settingsOf(options));
  const workload = workloadOf(options);
  const interruption = new Interruption(say);
  const status = new StatusLine(options.quiet === true);
  try {
    const ends = await withMachines(names, options, (machines) => {
      const shown = new Map<string, CollectionProgress>();
      return Promise.allSettled(
        machines.map((machine) => {
          const request: CollectionRequest = {
            settings,
            workload,
            durationMs: options.duration === undefined ? null : options.duration * 1000,
            category: options.category ?? categoryOf(options) ?? 'unnamed',
            run: 1,
            path: options.output.replaceAll('{machine}', fileNamePart(machine.name)),
          };
          return machine.run(
            `Collecting ${request.path}`,
            (connection) =>
              collect(connection, remoteContext(), request, {
                onProgress: (progress) => {
                  status.show(progressText(shown.set(machine.name, progress)));
                },
                stop: interruption.stop,
                cancel: interruption.cancel,
              }),
            interruption.cancel,
          );
        }),
      );
    });
    status.clear();
    const results = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    await printLines(options.json === true ? [toJson(results)] : results.flatMap(resultLines));
    throwFailures(ends);
  } finally {
    status.clear();
    interruption.dispose();
  }
}

/** What failed on one machine keeps nothing from the others; it is told when all have ended. */
function throwFailures(ends: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
  const [first, ...more] = reasons;
  if (first === undefined) return;
  if (!isFailure(first) || more.length === 0) throw first;
  throw new Failure(first.code, reasons.map(messageOf).join('\n'), { cause: first });
}

/** What was said of the collector, by the names that a plan has for it. */
function settingsOf(options: CollectOptions) {
  const { events, bufferKb, overwrite, clock, text, program, migrationCost } = options;
  const said = {
    events,
    bufferKbPerCpu: bufferKb,
    overwrite,
    clock,
    format: text === true ? 'text' : undefined,
    program,
    migrationCostNs: migrationCost,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function categoryOf({ workload }: CollectOptions): string | undefined {
  return workload === undefined ? undefined : findWorkload(workload)?.category;
}

function workloadOf({ workload, command, timeout }: CollectOptions): WorkloadCommand | null {
  if (workload !== undefined && command !== undefined) {
    throw new Failure('wrong-usage', 'Give --workload or --command, not both.');
  }
  if (command !== undefined) {
    return { name: 'command', program: { kind: 'shell', text: command }, timeoutMs: timeout * 1000 };
  }
  if (workload === undefined) return null;
  const found = findWorkload(workload);
  if (found !== undefined) return commandOf(found);
  const names = WORKLOADS.map(({ name }) => name).join(', ');
  throw new Failure('wrong-usage', `There is no workload ${workload}. There are: ${names}.`);
}

function progressText(machines: ReadonlyMap<string, CollectionProgress>): string {
  return [...machines]
    .map(([name, { phase, counters }]) => {
      const { events, lostEvents, classes, receivedBytes, elapsedMs } = counters;
      const counts = [
        events === null ? '' : `${events} events`,
        ...(classes ?? []).map((each) => `${each.events} ${each.name}`),
        lostEvents === null || lostEvents === 0 ? '' : `${lostEvents} lost`,
        `${(receivedBytes / 1e6).toFixed(1)} MB`,
      ];
      return `${name}: ${phase} ${(elapsedMs / 1000).toFixed(0)} s, ${counts.filter((each) => each !== '').join(', ')}`;
    })
    .join('  ');
}

function resultLines({ path, metaPath, sizeBytes, counters, remarks }: CollectionResult): string[] {
  const events = counters.events === null ? '' : `, ${counters.events} events`;
  const classes = (counters.classes ?? []).map((each) => `, ${each.events} ${each.name}`).join('');
  const lost = counters.lostEvents === null ? '' : `, ${counters.lostEvents} lost`;
  return [
    `${path}: ${sizeBytes} bytes${events}${classes}${lost} (${metaPath})`,
    ...remarks.map((remark) => `  ${printable(remark)}`),
  ];
}

export interface CollectPlanOptions extends MachineOptions {
  readonly machine?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Makes all recordings of a plan. The exit status is 1 when one of them did not come about. */
export async function collectPlan(path: string, options: CollectPlanOptions): Promise<void> {
  const plan = parsePlan(await readText(path), path);
  const names = plan.machines === 'all' ? (options.machine ?? []) : plan.machines;
  if (names.length === 0) {
    throw new Failure('wrong-usage', `${path} asks for all machines: name them with --machine.`);
  }
  const interruption = new Interruption(say);
  const status = new StatusLine(options.quiet === true);
  try {
    const summary = await withMachines(names, options, (machines) =>
      runPlan(plan, machines, remoteContext(), planListener(status), interruption, collect),
    );
    status.clear();
    await writePlanSummary(summaryPathOf(path), summary);
    await printLines(options.json === true ? [toJson(summary)] : summaryTable(summary));
    const { recorded, kept } = summary.counts;
    if (recorded + kept < summary.cells.length) process.exitCode = 1;
  } finally {
    status.clear();
    interruption.dispose();
  }
}

function summaryTable({ cells }: PlanSummary): Iterable<string> {
  return table(
    [
      { title: 'machine', align: 'left', cell: ({ machine }) => machine },
      { title: 'workload', align: 'left', cell: ({ workload }) => workload },
      { title: 'collector', align: 'left', cell: ({ collector }) => collector },
      { title: 'run', align: 'right', cell: ({ run }) => String(run) },
      { title: 'status', align: 'left', cell: ({ status }) => status },
      { title: 'events', align: 'right', cell: ({ events }) => integer(events) },
      { title: 'lost', align: 'right', cell: ({ lostEvents }) => integer(lostEvents) },
      { title: 'recording, or why not', align: 'left', cell: ({ reason, path }) => reason ?? path },
    ],
    cells,
  );
}

function planListener(status: StatusLine): PlanListener {
  const states: string[] = [];
  return {
    onCells: (cells) => {
      states.push(...cells.map(({ state }) => state));
    },
    onCell: (index, { cell, state, progress }) => {
      states[index] = state;
      const ended = states.filter((each) => each === 'ended').length;
      const counts = progress === null ? '' : `, ${(progress.counters.receivedBytes / 1e6).toFixed(1)} MB`;
      status.show(
        `${ended} of ${states.length} done; ${cell.machine}: ${cell.workload.command.name} run ${cell.run}${counts}`,
      );
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Failure('file-not-found', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
