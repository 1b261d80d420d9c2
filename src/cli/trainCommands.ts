import type { Command } from 'commander';
import type { TrainCommandOptions } from './train.js';

/** `train`; what it needs is loaded when it runs. */
export function addTrainCommands(program: Command): void {
  program
    .command('train')
    .description('train a model on a data set, as a kernel-oracle.yaml says; Ctrl+C saves and stops')
    .argument('[config]', 'the configuration; with --resume that of the run when left out')
    .option('-o, --output <folder>', 'folder of the run')
    .option('--resume', 'go on with the run that is in that folder')
    .option('--list-models', 'the models that there are, with their settings')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (config: string | undefined, options: TrainCommandOptions) =>
      (await import('./train.js')).trainModel(config, options),
    );
}
