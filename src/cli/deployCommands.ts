import { Argument, Option, type Command } from 'commander';
import { DEPLOYED_MODES, type DeployedMode } from '../protocol/deployment.js';
import type { DeployConsentOptions, DeployOutputOptions, DeployRunOptions } from './deploy.js';
import { addDeployMeasure } from './deployMeasureCommands.js';
import { reaching } from './machineCommands.js';

const MACHINE = ['<machine>', 'as the SSH configuration names it, or user@host:port'] as const;
const RUN = ['<run>', 'folder of a run of "neural-cfs train"'] as const;

const deployModule = () => import('./deploy.js');

/** `deploy`: a trained model in the kernel of a test machine. What it needs is loaded when one of them runs. */
export function addDeployCommands(program: Command): void {
  const deploy = program
    .command('deploy')
    .description('a trained model in the kernel of a test machine: watching can_migrate_task(), or deciding');
  addRun(deploy);
  consenting(reaching(deploy.command('mode')))
    .description('off (nothing hangs on the function), shadow (asked and counted), active (it decides)')
    .argument(...MACHINE)
    .addArgument(new Argument('<mode>').choices(DEPLOYED_MODES))
    .action(async (name: string, mode: DeployedMode, options: DeployConsentOptions) =>
      (await deployModule()).deployMode(name, mode, options),
    );

  printing(reaching(deploy.command('status')))
    .description(
      'what the model says beside what the kernel decides, what it costs, and whether there is trouble',
    )
    .argument(...MACHINE)
    .action(async (name: string, options: DeployOutputOptions) =>
      (await deployModule()).deployStatus(name, options),
    );

  printing(reaching(deploy.command('swap')))
    .description('another model of the same inputs and shape, without unloading; counts begin anew')
    .argument(...MACHINE)
    .argument(...RUN)
    .action(async (name: string, run: string, options: DeployOutputOptions) =>
      (await deployModule()).deploySwap(name, run, options),
    );

  printing(reaching(deploy.command('remove')))
    .description('take it out of the kernel and off the disk; also what an interrupted deployment left')
    .argument(...MACHINE)
    .action(async (name: string, options: DeployOutputOptions) =>
      (await deployModule()).deployRemove(name, options),
    );
  addDeployMeasure(deploy);
}

function addRun(deploy: Command): void {
  consenting(reaching(deploy.command('run')))
    .description('build a model on a machine and load it into its kernel, after showing what will be done')
    .argument(...MACHINE)
    .argument(...RUN)
    .addOption(
      new Option('--as <way>', 'a program of eBPF, which can only watch, or a module')
        .choices(['ebpf', 'module'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--mode <mode>', 'to begin with').choices(DEPLOYED_MODES).default('shadow'))
    .addOption(
      new Option(
        '--bits <number>',
        'of weights in fixed point (default: 16); 32: floats, in a module',
      ).choices(['8', '16', '32']),
    )
    .action(async (name: string, run: string, options: DeployRunOptions) =>
      (await deployModule()).deployRun(name, run, options),
    );
}

function printing(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

function consenting(command: Command): Command {
  return printing(command).option('--yes', 'consent without being asked');
}
