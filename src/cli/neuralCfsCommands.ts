import { InvalidArgumentError, Option, type Command } from 'commander';
import { wholeOption } from './datasetCommands.js';
import type {
  NeuralCfsExperimentsOptions,
  NeuralCfsScoresOptions,
  NeuralCfsTransferOptions,
} from './neuralCfs.js';

const EXPERIMENTS = [1, 2, 3] as const;
const SPLITS = ['group', 'recording', 'workload'] as const;
const MODELS = ['mlp', 'libml', 'constant', 'rule', 'logistic', 'tree', 'boosting'] as const;
const MOST_SEED = 4_294_967_295;

/** `neural-cfs`: the experiments of the thesis on learned load balancing; what they need is loaded when one of them runs. */
export function addNeuralCfsCommands(program: Command): void {
  const neuralCfs = program
    .command('neural-cfs')
    .description('the experiments of the NeuralCFS thesis on recordings of can_migrate_task()');
  withRecords(
    neuralCfs.command('experiments'),
    'experiments 1 to 3, as published and at natural prevalence without leaks, beside baselines and the thesis’s figures',
  )
    .addOption(
      new Option(
        '--split <by...>',
        'what is never in training and test, beside the split as published (default: group)',
      ).choices(SPLITS),
    )
    .addOption(modelOption('--model <name...>', 'only these models (default: all)'))
    .action(async (paths: string[], options: NeuralCfsExperimentsOptions) =>
      (await module()).neuralCfsExperiments(paths, options),
    );
  withRecords(
    neuralCfs.command('scores'),
    'how much each column tells of the label, by workload, and the best of each: tables 5.4, 5.6 and 5.7 of the thesis',
  )
    .addOption(
      new Option('--balance <kind>', 'of the rows that are scored')
        .choices(['half', 'natural'])
        .default('half'),
    )
    .addOption(
      modelOption('--importance <model>', 'train this model and shuffle column by column of the test, too'),
    )
    .action(async (paths: string[], options: NeuralCfsScoresOptions) =>
      (await module()).neuralCfsScores(paths, options),
    );
  withRecords(
    neuralCfs.command('transfer'),
    'training on one workload and testing on another, as a matrix; or one machine and another',
  )
    .addOption(
      new Option('--by <kind>', 'what is trained and tested on')
        .choices(['workload', 'machine'])
        .default('workload'),
    )
    .addOption(modelOption('--model <name>', 'what is trained').default('mlp'))
    .action(async (paths: string[], options: NeuralCfsTransferOptions) =>
      (await module()).neuralCfsTransfer(paths, options),
    );
}

const module = () => import('./neuralCfs.js');

function withRecords(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<path...>', 'migration records (CSV), or folders of them, which are searched')
    .addOption(new Option('--experiment <number>', '1, 2 or 3 (default: all)').argParser(experiment))
    .addOption(
      wholeOption('--seed <number>', 'of splits, draws and initial weights', 0, MOST_SEED).default(42),
    )
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr');
}

function modelOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(MODELS);
}

function experiment(text: string): 1 | 2 | 3 {
  const found = EXPERIMENTS.find((each) => String(each) === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError('The thesis has experiments 1, 2 and 3.');
}
