import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CollectOptions, CollectPlanOptions } from './collect.js';
import type { MachineCheckOptions, MachineFetchOptions, MachineListOptions } from './machine.js';

/** The commands that reach test machines. What they need is loaded when one of them runs: the others start faster. */
export function addMachineCommands(program: Command): void {
  addMachine(program);
  addCollect(program);
}

const machineModule = () => import('./machine.js');
const collectModule = () => import('./collect.js');

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

/** What all commands that reach a machine share. */
export function reaching(command: Command): Command {
  return command.option('--ssh-config <file>', "in place of ~/.ssh/config and the system's configuration");
}

function positive(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is no number above 0.');
}
