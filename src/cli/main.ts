import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isFailure, messageOf } from '../base/errors.js';
import { FORMATS } from '../trace/formats.js';
import { addAuditCommands } from './auditCommands.js';
import { addDatasetCommands } from './datasetCommands.js';
import { addDeployCommands } from './deployCommands.js';
import { addEmitCommand } from './emitCommands.js';
import { addEngineCommands } from './engineCommands.js';
import { addEvaluateCommand } from './evaluateCommands.js';
import { addMachineCommands } from './machineCommands.js';
import { addForecastCommand } from './forecastCommands.js';
import { EXPORT_FORMAT_NAMES, exportFile, type ExportOptions } from './export.js';
import { info, type InfoOptions } from './info.js';
import { addLatencyCommands } from './latencyCommands.js';
import { latency, timehist, type LatencyOptions, type TimehistOptions } from './perfTables.js';
import { addNeuralCfsCommands } from './neuralCfsCommands.js';
import { addPatchKernelCommand } from './patchKernelCommands.js';
import { addPredictCommand } from './predictCommands.js';
import { addRunsCommands } from './runsCommands.js';
import { stats, type StatsOptions } from './stats.js';
import { addTrainCommands } from './trainCommands.js';
import packageJson from '../../package.json' with { type: 'json' };

const COMPAT_MODES = ['perf-6.1', 'perf-newer'];

function buildProgram(): Command {
  const program = new Command('kernel-oracle')
    .description('Linux scheduler trace analysis without an editor.')
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError('(kernel-oracle --help lists the commands)')
    .enablePositionalOptions();

  input(program.command('info'), 'what a recording is and holds')
    .option('--json', 'print one JSON document')
    .action((files: string[], options: InfoOptions) => info(files, options));

  input(program.command('timehist'), 'one row a scheduled-out slice, as perf sched timehist prints them')
    .addOption(compatOption())
    .option('-V, --cpu-visual', 'add a visual of the CPUs')
    .option('-w, --wakeups', 'show wakeup events')
    .option('-M, --migrations', 'show migration events')
    .option('-n, --next', 'show the next task')
    .option('--state', 'show the state in which the task was switched out')
    .option('--json', 'print one JSON document')
    .action((files: string[], options: TimehistOptions) => timehist(files, options));

  input(
    program.command('latency'),
    'per task: run time, switches, delays, as perf sched latency -p prints them',
  )
    .addOption(compatOption())
    .option('--merge-by-comm', 'one row a name instead of one a pid (perf sched latency without -p)')
    .option('--json', 'print one JSON document')
    .action((files: string[], options: LatencyOptions) => latency(files, options));

  input(program.command('stats'), 'per task and per CPU: run time, wakeup latency, preemption wait, depth')
    .option('--filter <text>', 'only tasks whose name contains this, or whose pid is this', '')
    .option('--json', 'print one JSON document')
    .action((files: string[], options: StatsOptions) => stats(files, options));

  input(program.command('export'), 'convert a recording')
    .addOption(
      new Option('--to <format>', 'what to write').choices(EXPORT_FORMAT_NAMES).makeOptionMandatory(),
    )
    .requiredOption('-o, --output <file>', 'file to write; appears whole or not at all')
    .option(
      '--from <time>',
      'leave out what comes before: seconds as in the recording, or since its start: +0.5s',
    )
    .option('--until <time>', 'leave out events at this time and later')
    .addOption(new Option('--cpu <number>', 'only what was recorded on this CPU').argParser(cpuNumber))
    .action((files: string[], options: ExportOptions) => exportFile(files, options));

  addMachineCommands(program);
  addLatencyCommands(program);
  addDatasetCommands(program);
  addTrainCommands(program);
  addEngineCommands(program);
  addRunsCommands(program);
  addEvaluateCommand(program);
  addAuditCommands(program);
  addForecastCommand(program);
  addPredictCommand(program);
  addNeuralCfsCommands(program);
  addEmitCommand(program);
  addDeployCommands(program);
  addPatchKernelCommand(program);
  return program;
}

/** What all commands that read a trace share. */
function input(command: Command, description: string): Command {
  return command
    .description(description)
    .argument(
      '<file...>',
      'trace file, or the files or the folder of one recording; gzip, zstd and xz are decompressed on the fly',
    )
    .addOption(new Option('--format <name>', 'skip detection').choices(FORMATS.map(({ name }) => name)))
    .option('--quiet', 'no progress on stderr');
}

function cpuNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no CPU number.');
}

function compatOption(): Option {
  return new Option('--compat <perf>', 'whose semantics to follow').choices(COMPAT_MODES).default('perf-6.1');
}

/** Runs one command; the result is the exit status. */
async function main(): Promise<number> {
  try {
    await buildProgram().parseAsync();
    return 0;
  } catch (error) {
    // Commander has printed its message already; help and version come this way, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isFailure(error)) {
      process.stderr.write(`kernel-oracle: ${error.message}\n`);
      return error.code === 'wrong-usage' ? 2 : 1;
    }
    process.stderr.write(`kernel-oracle: unexpected failure, please report it: ${messageOf(error)}\n`);
    if (process.env['KERNEL_ORACLE_DEBUG'] !== undefined && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ''}\n`);
    }
    return 1;
  }
}

// `kernel-oracle … | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const status = await main();
process.exitCode ??= status;
