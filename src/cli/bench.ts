import { readFile } from 'node:fs/promises';
import { Failure, messageOf } from '../base/errors.js';
import { bootKernel, describeKernels, installedKernels } from '../remote/benchmarks/bootKernel.js';
import { BUILT_IN_BENCHMARKS, builtInSuite } from '../remote/benchmarks/catalogue.js';
import { isRelease } from '../remote/benchmarks/kernels.js';
import type { BenchmarkResults, RepeatRecord } from '../remote/benchmarks/results.js';
import {
  runBenchmarks,
  type BenchmarkListener,
  type BenchmarkProgress,
} from '../remote/benchmarks/runBenchmarks.js';
import type { Step } from '../remote/benchmarks/schedule.js';
import { describeProgram, type Suite } from '../remote/benchmarks/suite.js';
import { parseSuite } from '../remote/benchmarks/suiteFile.js';
import type { Machine } from '../remote/machine.js';
import type { RemoteContext } from '../remote/remoteContext.js';
import { amount } from './compare.js';
import { Interruption, remoteContext, withMachines, type MachineOptions } from './machines.js';
import { printLines, printable, table, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import { TerminalPrompter } from './terminalPrompter.js';

export interface SuiteOptions {
  /** `kernel-oracle.bench.yaml`; without one the built-in suite. */
  readonly suite?: string;
  /** Names of benchmarks, others are left out. */
  readonly only?: readonly string[];
  readonly repeats?: number;
  readonly warmUps?: number;
  readonly seed?: number;
}

export interface BootChoice {
  readonly kexec?: boolean;
  /** Consent to reboots without being asked. */
  readonly yes?: boolean;
}

export interface BenchRunOptions extends SuiteOptions, BootChoice, MachineOptions {
  readonly output: string;
  /** Releases to boot one after the other. */
  readonly kernel?: readonly string[];
  readonly rounds?: number;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * `bench run MACHINE… -o FILE`: measures a suite; the file holds every repeat as soon as it is there. The exit status is 1
 * when a measured repeat failed, or when it was stopped.
 */
export async function runBench(names: readonly string[], options: BenchRunOptions): Promise<void> {
  const suite = await suiteFor(options);
  const kernels = options.kernel ?? [];
  kernels.forEach(checkRelease);
  checkNames(names);
  const context = remoteContext();
  const status = new StatusLine(options.quiet === true);
  const interruption = new Interruption(() => {
    status.clear();
    complain('Stopping; the runs that are done are kept. Ctrl+C again drops the connections at once.');
  });
  try {
    const results = await withMachines(names, options, (machines) => {
      interruption.cancel.addEventListener('abort', () => {
        for (const machine of machines) machine.dispose();
      });
      const boot = bootingWith(context, options);
      const request = { suite, machines, kernels, rounds: options.rounds ?? 1, boot };
      return runBenchmarks(
        { ...request, resultsPath: options.output, resumes: options.resume === true },
        context,
        options.quiet === true ? {} : benchListener(suite, names.length, status),
        AbortSignal.any([interruption.stop, interruption.cancel]),
      );
    });
    status.clear();
    await report(results, options);
  } finally {
    status.clear();
    interruption.dispose();
  }
}

/** What came of it. A run that was stopped is not done: a script must not go on as if it were. */
async function report(results: BenchmarkResults, { output, json }: BenchRunOptions): Promise<void> {
  const measured = results.repeats.filter(({ phase }) => phase === 'measured');
  const failed = measured.filter(({ failure }) => failure !== null).length;
  if (failed > 0 || results.state !== 'complete') process.exitCode = 1;
  if (json === true) {
    const warmUps = results.repeats.length - measured.length;
    const { state } = results;
    await printLines([toJson({ path: output, state, measured: measured.length, failed, warmUps })]);
    return;
  }
  const failures = failed === 0 ? '' : `, ${failed} of them failed`;
  const goOn = results.state === 'complete' ? '' : ' It was stopped; the same command with --resume goes on.';
  await printLines([`${output}: ${counted(measured.length, 'measured run')}${failures}.${goOn}`]);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice === undefined) return;
  throw new Failure('wrong-usage', `${printable(twice)} is named twice: its runs would disturb each other.`);
}

function checkRelease(kernel: string): void {
  if (isRelease(kernel)) return;
  throw new Failure('wrong-usage', `"${printable(kernel)}" is no kernel release, as uname -r prints it.`);
}

type Boot = (machine: Machine, kernel: string, signal?: AbortSignal) => Promise<void>;

function bootingWith(context: RemoteContext, { kexec, yes }: BootChoice): Boot {
  let asked: Promise<unknown> = Promise.resolve();
  // Several machines may want to ask at once, and there is one terminal.
  const consent = (question: string): Promise<boolean> => {
    if (yes === true) return Promise.resolve(true);
    const answer = asked.then(() => askOnTerminal(question));
    asked = answer.catch(() => undefined);
    return answer;
  };
  return (machine, kernel, signal) =>
    bootKernel(machine, kernel, context, { consent, prefersKexec: kexec === true }, signal);
}

async function askOnTerminal(question: string): Promise<boolean> {
  try {
    return await new TerminalPrompter().consent(question);
  } catch (error) {
    throw new Failure('cancelled', `There is no terminal to ask on: ${question} Consent with --yes.`, {
      cause: error,
    });
  }
}

/** The suite that the options ask for. Failures: `file-not-found`, `bad-input`, `wrong-usage`. */
export async function suiteFor(options: SuiteOptions): Promise<Suite> {
  const suite = options.suite === undefined ? builtInSuite() : await readSuite(options.suite);
  const { only = [] } = options;
  const unknown = only.find((name) => !suite.benchmarks.some((each) => each.name === name));
  if (unknown !== undefined) {
    const known = suite.benchmarks.map(({ name }) => name).join(', ');
    throw new Failure('wrong-usage', `The suite has no benchmark "${printable(unknown)}". It has ${known}.`);
  }
  return {
    ...suite,
    benchmarks:
      only.length === 0 ? suite.benchmarks : suite.benchmarks.filter(({ name }) => only.includes(name)),
    repeats: options.repeats ?? suite.repeats,
    warmUps: options.warmUps ?? suite.warmUps,
    seed: options.seed ?? suite.seed,
  };
}

async function readSuite(path: string): Promise<Suite> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Failure('file-not-found', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseSuite(text, path);
}

/** A line a run, once it is done. Of several machines the lines mingle, so that each names its machine. */
function benchListener(suite: Suite, machines: number, status: StatusLine): BenchmarkListener {
  const progress = new Map<string, BenchmarkProgress>();
  const say = (line: string) => {
    status.clear();
    complain(line);
  };
  return {
    onProgress: (each) => {
      if (each.step === null && each.total === 0) say(`${each.machine}: nothing is left to measure.`);
      progress.set(each.machine, each);
      status.show([...progress.values()].flatMap(runningText).join('  '));
    },
    onRepeat: (repeat) => {
      const current = [...progress.values()].find(({ step }) => step !== null && isOf(step, repeat));
      const where = machines === 1 || current === undefined ? '' : `${current.machine} `;
      const count = current === undefined ? '' : `${current.done + 1}/${current.total} `;
      say(`${where}${count}${repeatText(repeat, suite)}`);
    },
  };
}

function runningText({ machine, done, total, step }: BenchmarkProgress): string[] {
  return step === null ? [] : [printable(`${machine} ${done + 1}/${total}: ${step.benchmark} …`)];
}

function isOf(step: Step, { subject, benchmark, phase, block }: RepeatRecord): boolean {
  return (
    step.subject === subject && step.benchmark === benchmark && step.phase === phase && step.block === block
  );
}

function repeatText({ benchmark, subject, phase, failure, values }: RepeatRecord, suite: Suite): string {
  const what = `${benchmark}, ${subject}${phase === 'warm-up' ? ' (warm-up)' : ''}`;
  if (failure !== null) return `${what}: FAILED: ${failure}`;
  const { primary, metrics } = suite.benchmarks.find(({ name }) => name === benchmark)!;
  const { title, unit } = metrics.find(({ name }) => name === primary)!;
  const value = amount(values[primary] ?? null);
  return `${what}: ${title} ${unit.startsWith('1/') ? value + unit.slice(1) : `${value} ${unit}`}`.trimEnd();
}

/** `bench list [--suite FILE]`: what would be measured. */
export async function listBenchmarks(options: {
  readonly suite?: string;
  readonly json?: boolean;
}): Promise<void> {
  const benchmarks =
    options.suite === undefined ? BUILT_IN_BENCHMARKS : (await readSuite(options.suite)).benchmarks;
  if (options.json === true) {
    const plain = benchmarks.map(({ name, title, program, primary, metrics }) => ({
      name,
      title,
      command: describeProgram(program),
      primary,
      metrics: metrics.map((metric) => ({ name: metric.name, unit: metric.unit, better: metric.better })),
    }));
    await printLines([toJson(plain)]);
    return;
  }
  await printLines(
    table(
      [
        { title: 'benchmark', align: 'left', cell: ({ name }) => name },
        { title: 'verdict rests on', align: 'left', cell: ({ primary }) => primary },
        {
          title: 'what is run',
          align: 'left',
          // A program of ours has a name that tells little.
          cell: ({ title, program }) => (program.kind === 'workload' ? title : describeProgram(program)),
        },
      ],
      benchmarks,
    ),
  );
}

export interface BenchKernelsOptions extends MachineOptions {
  readonly json?: boolean;
  readonly kexec?: boolean;
}

/** `bench kernels MACHINE`: what it can boot; the one that runs is marked. */
export async function listKernels(name: string, options: BenchKernelsOptions): Promise<void> {
  const kernels = await onMachine(name, options, (machine, signal) =>
    machine.run(
      'Listing kernels',
      (connection, stop) => installedKernels(connection, remoteContext(), options.kexec === true, stop),
      signal,
    ),
  );
  if (options.json === true) {
    await printLines([toJson(kernels)]);
    return;
  }
  await printLines(describeKernels(kernels).map(printable));
  if (!kernels.entries.some(({ release }) => release === kernels.running)) {
    await printLines([`${printable(name)} runs ${printable(kernels.running)}.`]);
  }
  if (kernels.method === null) {
    await printLines([`No kernel can be chosen from here: ${kernels.why}`]);
  }
}

export interface BenchBootOptions extends BootChoice, MachineOptions {}

/** `bench boot MACHINE RELEASE`: boots a kernel, for that boot only, and waits until it runs. */
export async function bootOnce(name: string, release: string, options: BenchBootOptions): Promise<void> {
  checkRelease(release);
  await onMachine(name, options, (machine, signal) =>
    bootingWith(remoteContext(), options)(machine, release, signal),
  );
  await printLines([`${printable(name)} runs ${release}.`]);
}

async function onMachine<T>(
  name: string,
  options: MachineOptions,
  work: (machine: Machine, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = new Interruption(() => undefined);
  try {
    return await withMachines([name], options, ([machine]) => work(machine!, interruption.stop));
  } finally {
    interruption.dispose();
  }
}

function complain(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
