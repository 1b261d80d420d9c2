import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BenchBootOptions, BenchKernelsOptions, BenchRunOptions } from './bench.js';
import type { CollectOptions, CollectPlanOptions } from './collect.js';
import type { CompareOptions } from './compare.js';
import type { MachineCheckOptions, MachineFetchOptions, MachineListOptions } from './machine.js';

/** The commands that reach test machines. What they need is loaded when one of them runs: the others start faster. */
export function addMachineCommands(program: Command): void {
  addMachine(program);
  addCollect(program);
  addBench(program);
  addCompare(program);
}

const machineModule = () => import('./machine.js');
const collectModule = () => import('./collect.js');
const benchModule = () => import('./bench.js');
const compareModule = () => import('./compare.js');

function addMachine(program: Command): void {
  const machine = program.command('machine').description('test machines over SSH');
  reaching(machine.command('list'))
    .description('the machines that the SSH configuration names')
    .option('--json', 'print one JSON document')
    .action(async (options: MachineListOptions) => (await machineModule()).listMachines(options));

  reaching(machine.command('check'))
    .description('what machines are, allow and have, with a remedy for what is missing')
    .argument('<machine...>', 'as the SSH configuration names it, or user@host:port')
    .option('--install', 'install what is missing, after showing the command')
    .option('--yes', 'consent to that command without being asked')
    .option('--json', 'print one JSON document')
    .action(async (names: string[], options: MachineCheckOptions) =>
      (await machineModule()).checkMachines(names, options),
    );

  reaching(machine.command('fetch'))
    .description('bring a file: verified by SHA-256, whole or not at all, resumed after an interruption')
    .argument('<machine>', 'as the SSH configuration names it, or user@host:port')
    .argument('<path>', 'of the file there')
    .requiredOption('-o, --output <file>', 'file to write')
    .option('--sudo', 'read it as root')
    .option('--replace', 'replace a file of that name')
    .option('--quiet', 'no progress on stderr')
    .action(async (name: string, path: string, options: MachineFetchOptions) =>
      (await machineModule()).fetchFile(name, path, options),
    );
}

function addCollect(program: Command): void {
  const collect = program.command('collect').description('make recordings on test machines');
  reaching(collect.command('run'))
    .description('one recording on each machine: of a workload, or for a time, or until Ctrl+C')
    .argument('<machine...>', 'as the SSH configuration names it, or user@host:port')
    .requiredOption(
      '-o, --output <file>',
      'file to write; {machine} in it stands for the name of the machine',
    )
    .addOption(
      new Option('--with <collector>', 'what records')
        .choices(['tracefs', 'perf', 'perf-map', 'bpftrace'])
        .default('tracefs'),
    )
    .addOption(new Option('--duration <seconds>', 'end after that time').argParser(positive))
    .option('--workload <name>', 'run this workload of the catalogue and end with it')
    .option('--command <text>', 'run this command of yours there (by sh) and end with it')
    .option('--category <name>', 'category of the workload in the .meta.json')
    .addOption(
      new Option('--timeout <seconds>', 'end --command after that time').argParser(positive).default(300),
    )
    .option('--events <event...>', 'tracefs, perf: in place of the usual ones')
    .addOption(new Option('--buffer-kb <number>', 'tracefs: buffer of each CPU').argParser(positive))
    .option('--overwrite', 'tracefs: when the buffer is full lose old events instead of new ones')
    .option('--clock <name>', 'tracefs: trace clock')
    .option('--text', 'tracefs: text instead of trace.dat')
    .option('--program <name>', 'bpftrace: which program')
    .addOption(
      new Option(
        '--migration-cost <ns>',
        'bpftrace: how long a task counts as cache-hot meanwhile; restored then',
      ).argParser(whole(0, 1_000_000_000)),
    )
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (names: string[], options: CollectOptions) =>
      (await collectModule()).collectOn(names, options),
    );

  reaching(collect.command('plan'))
    .description('all recordings of a plan (kernel-oracle.collect.yaml); those that are there are kept')
    .argument('<file>', 'the plan')
    .option('--machine <name...>', 'the machines, when the plan asks for all')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (path: string, options: CollectPlanOptions) =>
      (await collectModule()).collectPlan(path, options),
    );
}

function addBench(program: Command): void {
  const bench = program.command('bench').description('repeated benchmarks on test machines');
  addBenchRun(bench);
  bench
    .command('list')
    .description('the benchmarks of a suite, and what each runs')
    .option('--suite <file>', 'a kernel-oracle.bench.yaml in place of the built-in suite')
    .option('--json', 'print one JSON document')
    .action(async (options: { suite?: string; json?: boolean }) =>
      (await benchModule()).listBenchmarks(options),
    );

  reaching(bench.command('kernels'))
    .description('the kernels that a machine can boot; the one that runs is marked')
    .argument('<machine>', 'as the SSH configuration names it, or user@host:port')
    .option('--kexec', 'whether they could be booted by kexec, where both it and grub are there')
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: BenchKernelsOptions) =>
      (await benchModule()).listKernels(name, options),
    );

  booting(reaching(bench.command('boot')))
    .description('boot a kernel, for that boot only, and wait until it runs')
    .argument('<machine>', 'as the SSH configuration names it, or user@host:port')
    .argument('<release>', 'as uname -r prints it')
    .action(async (name: string, release: string, options: BenchBootOptions) =>
      (await benchModule()).bootOnce(name, release, options),
    );
}

function addBenchRun(bench: Command): void {
  const number = (flags: string, description: string, least: number, most: number) =>
    new Option(flags, description).argParser(whole(least, most));
  booting(reaching(bench.command('run')))
    .description('measure a suite on each machine, in random order; every repeat is kept in the results')
    .argument('<machine...>', 'as the SSH configuration names it, or user@host:port')
    .requiredOption('-o, --output <file>', 'results to write (*.bench.json), whole after each run')
    .option('--suite <file>', 'a kernel-oracle.bench.yaml in place of the built-in suite')
    .option('--only <benchmark...>', 'these benchmarks of the suite (bench list tells their names)')
    .addOption(number('--repeats <number>', 'measured runs of each benchmark', 1, 10_000))
    .addOption(number('--warm-ups <number>', 'runs before these, kept apart', 0, 1000))
    .addOption(number('--seed <number>', 'of the order of runs', 0, MAX_SEED))
    .option('--kernel <release...>', 'reboot the machine into each of these kernels and measure under each')
    .addOption(number('--rounds <number>', 'with --kernel: how often each kernel is booted', 1, 1000))
    .option('--resume', 'go on with the results that are there: what was measured is not measured again')
    .option('--json', 'print one JSON document when done')
    .option('--quiet', 'no progress on stderr')
    .action(async (names: string[], options: BenchRunOptions) =>
      (await benchModule()).runBench(names, options),
    );
}

function addCompare(program: Command): void {
  program
    .command('compare')
    .description(
      'sets of benchmark results against the first one: ratios, intervals, a test of each difference',
    )
    .argument('<results...>', 'results files; FILE#SUBJECT is one machine, kernel or variant of a file')
    .option('--all', 'all metrics, not only those on which verdicts rest')
    .addOption(
      new Option(
        '--table <metric>',
        'means, sets as rows: runtime, latency or the name of a metric',
      ).conflicts(['json', 'csv', 'all']),
    )
    .addOption(new Option('--csv', 'all figures as CSV').conflicts('json'))
    .option('--json', 'print one JSON document')
    .option('-o, --output <file>', 'write to a file instead; appears whole or not at all')
    .addOption(
      new Option('--seed <number>', 'of resampling and of sampled tests')
        .argParser(whole(0, MAX_SEED))
        .default(1),
    )
    .addOption(
      new Option('--resamples <number>', 'of the bootstrap').argParser(whole(100, 1_000_000)).default(10_000),
    )
    .action(async (operands: string[], options: CompareOptions) =>
      (await compareModule()).compare(operands, options),
    );
}

/** What commands that may reboot a machine share. */
function booting(command: Command): Command {
  return command
    .option('--kexec', 'boot by kexec where both it and grub can choose a kernel')
    .option('--yes', 'consent to reboots without being asked');
}

const MAX_SEED = 4_294_967_295;

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is no whole number from ${least} to ${most}.`);
  };
}

/** What all commands that reach a machine share. */
export function reaching(command: Command): Command {
  return command.option('--ssh-config <file>', "in place of ~/.ssh/config and the system's configuration");
}

function positive(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is no number above 0.');
}
