import { readFile } from 'node:fs/promises';
import { Failure, messageOf } from '../base/errors.js';
import {
  bootKernel,
  describeKernels,
  installedKernels,
  type BootableMachine,
} from '../remote/benchmarks/bootKernel.js';
import { BUILT_IN_BENCHMARKS, builtInSuite } from '../remote/benchmarks/catalogue.js';
import { isRelease } from '../remote/benchmarks/kernels.js';
import type { RepeatRecord } from '../remote/benchmarks/results.js';
import { runBenchmarks, type BenchmarkProgress } from '../remote/benchmarks/runBenchmarks.js';
import { describeProgram, type Suite } from '../remote/benchmarks/suite.js';
import { parseSuite } from '../remote/benchmarks/suiteFile.js';
import type { RemoteContext } from '../remote/remoteContext.js';
import { amount } from './compare.js';
import { printLines, printable, table, toJson } from './output.js';

/** What the command line gives the commands about machines. */
export interface BenchEnvironment<M extends BootableMachine = BootableMachine> {
  readonly context: RemoteContext;
  /** By the name that the user gave. */
  readonly machine: (name: string) => M;
  readonly consent: (question: string) => Promise<boolean>;
  /** Aborted by Ctrl-C: what is running is stopped and undone. */
  readonly signal: AbortSignal;
}

export interface BenchOptions {
  /** `kernel-oracle.bench.yaml`; without one the built-in suite. */
  readonly suite?: string;
  /** Names of benchmarks, others are left out. */
  readonly only?: readonly string[];
  readonly output: string;
  readonly repeats?: number;
  readonly warmUps?: number;
  readonly seed?: number;
  /** Releases to boot one after the other. */
  readonly kernels?: readonly string[];
  readonly rounds?: number;
  readonly kexec?: boolean;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `bench run MACHINE… -o FILE`: measures a suite; the file holds every repeat as soon as it is there. */
export async function bench<M extends BootableMachine>(
  names: readonly string[],
  options: BenchOptions,
  environment: BenchEnvironment<M>,
): Promise<void> {
  const suite = await suiteFor(options);
  const { context, signal } = environment;
  const kernels = options.kernels ?? [];
  const wrong = kernels.find((kernel) => !isRelease(kernel));
  if (wrong !== undefined) {
    throw new Failure('wrong-usage', `"${printable(wrong)}" is no kernel release, as uname -r prints it.`);
  }
  const say =
    options.quiet === true ? () => undefined : (line: string) => process.stderr.write(`${printable(line)}\n`);
  const results = await runBenchmarks(
    {
      suite,
      machines: names.map((name) => environment.machine(name)),
      kernels,
      rounds: options.rounds ?? 1,
      boot: (machine, kernel, stop) =>
        bootKernel(
          machine,
          kernel,
          context,
          { consent: environment.consent, prefersKexec: options.kexec === true },
          stop,
        ),
      resultsPath: options.output,
      resumes: options.resume === true,
    },
    context,
    {
      onProgress: (progress) => {
        say(progressLine(progress));
      },
      onRepeat: (repeat) => {
        say(repeatLine(repeat, suite));
      },
    },
    signal,
  );
  const failures = results.repeats.filter(({ failure }) => failure !== null).length;
  if (options.json === true) {
    await printLines([
      toJson({ path: options.output, state: results.state, repeats: results.repeats.length, failures }),
    ]);
    return;
  }
  const goOn = results.state === 'stopped' ? ' It was stopped; the same command with --resume goes on.' : '';
  await printLines([`${options.output}: ${results.repeats.length} repeats, ${failures} failed.${goOn}`]);
}

/** The suite that the options ask for. Failures: `file-not-found`, `bad-input`, `wrong-usage`. */
export async function suiteFor(
  options: Pick<BenchOptions, 'suite' | 'only' | 'repeats' | 'warmUps' | 'seed'>,
): Promise<Suite> {
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

function progressLine({ machine, done, total, step }: BenchmarkProgress): string {
  if (step === null) return `${machine}: all ${total} runs are done.`;
  const phase = step.phase === 'warm-up' ? ' (warm-up)' : '';
  return `${machine}: ${done + 1} of ${total}, ${step.benchmark}${phase}`;
}

function repeatLine({ benchmark, subject, failure, values }: RepeatRecord, suite: Suite): string {
  if (failure !== null) return `  failed: ${failure}`;
  const { primary, metrics } = suite.benchmarks.find(({ name }) => name === benchmark)!;
  const unit = metrics.find(({ name }) => name === primary)?.unit ?? '';
  return `  ${subject}: ${primary} ${amount(values[primary] ?? null)} ${unit}`;
}

/** `bench list [--suite FILE]`: what would be measured. */
export async function benchList(options: Pick<BenchOptions, 'suite' | 'json'>): Promise<void> {
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
        { title: 'what is run', align: 'left', cell: ({ program }) => describeProgram(program) },
      ],
      benchmarks,
    ),
  );
}

/** `bench kernels MACHINE`: what it can boot; the one that runs is marked. */
export async function benchKernels<M extends BootableMachine>(
  name: string,
  options: Pick<BenchOptions, 'json' | 'kexec'>,
  { context, machine, signal }: BenchEnvironment<M>,
): Promise<void> {
  const kernels = await machine(name).run(
    'Listing kernels',
    (connection, stop) => installedKernels(connection, context, options.kexec === true, stop),
    signal,
  );
  if (options.json === true) {
    await printLines([toJson(kernels)]);
    return;
  }
  await printLines(describeKernels(kernels).map(printable));
  if (kernels.method === null) await printLines([`None of them can be chosen from here: ${kernels.why}`]);
}
