import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEPLOYED_MODES, type DeployedMode } from '../protocol/deployment.js';
import type { DeployMeasureOptions } from './deployMeasure.js';
import { reaching } from './machineCommands.js';

const MAX_SEED = 4_294_967_295;

/** `deploy measure`. What it needs is loaded when it runs. @param deploy the command `deploy` */
export function addDeployMeasure(deploy: Command): void {
  const number = (flags: string, description: string, least: number, most: number) =>
    new Option(flags, description).argParser(whole(least, most));
  reaching(deploy.command('measure'))
    .description(
      'what the deployed model costs: can_migrate_task() timed with it off, in its shadow and active, in turns',
    )
    .argument('<machine>', 'as the SSH configuration names it, or user@host:port')
    .requiredOption('-o, --output <folder>', 'folder to write: files of latencies and measured.json')
    .addOption(
      new Option(
        '--modes <list>',
        'of off, shadow, active, with commas (default: all that it can be in)',
      ).argParser(modesOf),
    )
    .addOption(
      new Option('--probe <name>', 'what times the function')
        .choices(['function_graph', 'fentry', 'both', 'none'])
        .default('both'),
    )
    .option('--workload <name>', 'load: a workload of the catalogue', 'hackbench_pipe_small')
    .option('--command <text>', 'load: this command of yours there (by sh)')
    .addOption(number('--seconds <number>', 'of load in each repeat', 1, 3600).default(10))
    .addOption(number('--repeats <number>', 'measured repeats of each mode', 1, 1000).default(5))
    .addOption(number('--warm-ups <number>', 'repeats before these, kept apart', 0, 100).default(1))
    .addOption(number('--seed <number>', 'of the order and of the intervals', 0, MAX_SEED).default(1))
    .addOption(
      number(
        '--buffer-kb <number>',
        'function_graph: buffer of each CPU, 100 bytes a call',
        64,
        1_048_576,
      ).default(4096),
    )
    .option('--benchmarks', 'measure benchmarks, too, in each mode: deployed.bench.json')
    .option('--suite <file>', 'with --benchmarks: a kernel-oracle.bench.yaml; its variants are left out')
    .option('--only <benchmark...>', 'with --benchmarks: these benchmarks of the suite')
    .option('--json', 'print measured.json')
    .option('--quiet', 'no progress on stderr')
    .action(async (name: string, options: DeployMeasureOptions) =>
      (await import('./deployMeasure.js')).deployMeasure(name, options),
    );
}

function modesOf(text: string): DeployedMode[] {
  const modes = text.split(',').map((each) => DEPLOYED_MODES.find((mode) => mode === each.trim()));
  const known = modes.flatMap((mode) => mode ?? []);
  if (known.length === modes.length) return [...new Set(known)];
  throw new InvalidArgumentError(`It is no list of ${DEPLOYED_MODES.join(', ')}.`);
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is no whole number from ${least} to ${most}.`);
  };
}
