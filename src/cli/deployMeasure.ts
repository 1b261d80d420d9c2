import { join } from 'node:path';
import { Failure } from '../base/errors.js';
import type { DeployedMode } from '../protocol/deployment.js';
import { runBenchmarks } from '../remote/benchmarks/runBenchmarks.js';
import type { Machine } from '../remote/machine.js';
import { deploymentStatus } from '../remote/deploy/deployment.js';
import type { MeasuredRepeat } from '../remote/deploy/measure/measured.js';
import { measureDeployed, modesFor, type MeasureProgress } from '../remote/deploy/measure/measureDeployed.js';
import { modeSuite } from '../remote/deploy/measure/modeSuite.js';
import { makeOutputFolder } from '../remote/deploy/measure/outputFolder.js';
import { LATENCY_PROBES, type LatencyProbe } from '../remote/deploy/measure/probes.js';
import { commandOf, findWorkload, WORKLOADS } from '../remote/workloads/catalogue.js';
import type { WorkloadCommand } from '../remote/workloads/workload.js';
import { suiteFor } from './bench.js';
import { measuredLines } from './deployMeasureText.js';
import { Interruption, remoteContext, withMachines, type MachineOptions } from './machines.js';
import { printLines, printable, toJson } from './output.js';
import { StatusLine } from './statusLine.js';

export interface DeployMeasureOptions extends MachineOptions {
  readonly output: string;
  readonly modes?: readonly DeployedMode[];
  readonly probe: LatencyProbe | 'both' | 'none';
  readonly workload: string;
  readonly command?: string;
  readonly seconds: number;
  readonly repeats: number;
  readonly warmUps: number;
  readonly seed: number;
  readonly bufferKb: number;
  readonly benchmarks?: boolean;
  readonly suite?: string;
  readonly only?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Of the built-in suite, where none is named: those that make the balancer work, in minutes. */
const USUAL_BENCHMARKS = ['hackbench-pipe-small', 'hackbench-socket-small'];
export const BENCHMARKS_FILE = 'deployed.bench.json';

/**
 * `deploy measure MACHINE -o FOLDER`. The exit status is 1 when a measured repeat failed, or when it was stopped. The first
 * Ctrl+C ends the repeat that runs and writes what was measured.
 */
export async function deployMeasure(name: string, options: DeployMeasureOptions): Promise<void> {
  const workload = workloadOf(options);
  if (options.probe === 'none' && options.benchmarks !== true) {
    throw new Failure('wrong-usage', 'With --probe none only --benchmarks are measured: add it.');
  }
  const interruption = new Interruption(() => {
    say('Stopping; what was measured is written. Ctrl+C again drops it.');
  });
  const status = new StatusLine(options.quiet === true);
  try {
    await withMachines([name], options, async ([machine]) => {
      interruption.cancel.addEventListener('abort', () => {
        machine!.dispose();
      });
      if (options.probe !== 'none') await latencies(machine!, workload, options, interruption, status);
      if (options.benchmarks === true && !interruption.stop.aborted) {
        await benchmarks(machine!, options, interruption, status);
      }
    });
  } finally {
    status.clear();
    interruption.dispose();
  }
}

async function latencies(
  machine: Machine,
  workload: WorkloadCommand,
  options: DeployMeasureOptions,
  interruption: Interruption,
  status: StatusLine,
): Promise<void> {
  const { modes, probe, seconds, repeats, warmUps, seed, bufferKb, output } = options;
  const request = {
    ...(modes === undefined ? {} : { modes }),
    probes: probe === 'both' || probe === 'none' ? LATENCY_PROBES : [probe],
    ...{ workload, seconds, repeats, warmUps, seed, bufferKbPerCpu: bufferKb, folder: output },
  };
  const measured = await machine.run('Measuring the deployed model', (connection, lost) =>
    measureDeployed(connection, remoteContext(), request, {
      signal: AbortSignal.any([interruption.stop, lost]),
      onProgress: (progress) => {
        status.show(progressText(progress));
      },
      onRepeat: (repeat) => {
        status.clear();
        if (options.quiet !== true) say(repeatText(repeat));
      },
    }),
  );
  status.clear();
  if (measured.state !== 'complete' || measured.repeats.some(({ failure }) => failure !== null)) {
    process.exitCode = 1;
  }
  await printLines(options.json === true ? [toJson(measured)] : measuredLines(measured));
  if (options.quiet !== true) {
    say(`${output}: measured.json, and ${measured.results.map(({ file }) => file).join(', ')}`);
  }
}

async function benchmarks(
  machine: Machine,
  options: DeployMeasureOptions,
  interruption: Interruption,
  status: StatusLine,
): Promise<void> {
  await makeOutputFolder(options.output);
  const { suite, only, repeats, warmUps, seed, output } = options;
  const chosen = await suiteFor({
    ...(suite === undefined
      ? { only: only ?? USUAL_BENCHMARKS }
      : { suite, ...(only === undefined ? {} : { only }) }),
    ...{ repeats, warmUps, seed },
  });
  const context = remoteContext();
  const deployed = await machine.run('Asking for the deployed model', (connection, signal) =>
    deploymentStatus(connection, context, signal),
  );
  const modes = modesFor(deployed, options.modes);
  const resultsPath = join(output, BENCHMARKS_FILE);
  const results = await runBenchmarks(
    { suite: modeSuite(chosen, modes, deployed.stats?.mode ?? 'off'), machines: [machine], resultsPath },
    context,
    {
      onProgress: ({ done, total, step }) => {
        if (step !== null)
          status.show(printable(`${done + 1}/${total}: ${step.benchmark}, ${step.subject} …`));
      },
    },
    AbortSignal.any([interruption.stop, interruption.cancel]),
  );
  status.clear();
  const failed = results.repeats.filter(({ failure }) => failure !== null);
  if (failed.length > 0 || results.state !== 'complete') process.exitCode = 1;
  for (const { benchmark, subject, failure } of failed) say(`${benchmark}, ${subject}: FAILED: ${failure}`);
  say(`${resultsPath}: ${results.repeats.length} runs; compare them: kernel-oracle compare ${resultsPath}`);
}

function workloadOf({ workload, command }: DeployMeasureOptions): WorkloadCommand {
  if (command !== undefined) {
    return { name: 'command', program: { kind: 'shell', text: command }, timeoutMs: 3_600_000 };
  }
  const found = findWorkload(workload);
  if (found !== undefined) return commandOf(found);
  const known = WORKLOADS.map(({ name }) => name).join(', ');
  throw new Failure('wrong-usage', `There is no workload "${printable(workload)}". There are ${known}.`);
}

function progressText({ done, total, mode, probe }: MeasureProgress): string {
  return `${done + 1}/${total}: ${mode} by ${probe} …`;
}

function repeatText({ mode, probe, phase, block, figures, lost, failure }: MeasuredRepeat): string {
  const what = `${mode} by ${probe}, ${phase === 'warm-up' ? 'warm-up' : `repeat ${block + 1}`}`;
  if (figures === null) return `${what}: FAILED: ${failure ?? ''}`;
  const lostText = lost === 0 ? '' : `, ${lost} entries lost`;
  return `${what}: ${figures.n} calls, median ${figures.medianNs} ns, p99 ${figures.p99Ns} ns${lostText}`;
}

function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
