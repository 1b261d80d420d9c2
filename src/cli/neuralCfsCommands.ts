import { InvalidArgumentError, Option, type Command } from 'commander';
import { MODEL_NAMES } from '../learning/migrations/models/modelNames.js';
import { wholeOption } from './datasetCommands.js';
import type { NeuralCfsStudyOptions } from './neuralCfsStudy.js';
import type { NeuralCfsTrainOptions } from './neuralCfsTrain.js';
import type {
  NeuralCfsExperimentsOptions,
  NeuralCfsScoresOptions,
  NeuralCfsTransferOptions,
} from './neuralCfs.js';

const EXPERIMENTS = [1, 2, 3] as const;
const SPLITS = ['group', 'recording', 'workload'] as const;
const PATHS = 'migration records (CSV), or folders of them, which are searched';
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
    .addOption(balanceOption())
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
  addStudyCommands(neuralCfs);
  addTrainCommand(neuralCfs);
}

const module = () => import('./neuralCfs.js');

/** A study is a file: the editor opens it, and `show` prints it. */
function addStudyCommands(neuralCfs: Command): void {
  neuralCfs
    .command('study')
    .description(
      'experiments, scores of columns, importance and transfer in one file, which the editor opens',
    )
    .argument('<path...>', PATHS)
    .requiredOption('-o, --output <file>', 'NAME.neural-cfs.json; appears whole or not at all')
    .addOption(
      new Option('--experiment <number...>', '1, 2 or 3 (default: all)').argParser(
        (text: string, before: readonly (1 | 2 | 3)[] | undefined) => [...(before ?? []), experiment(text)],
      ),
    )
    .addOption(
      new Option(
        '--split <by...>',
        'what is never in training and test, beside the split as published (default: group)',
      ).choices(SPLITS),
    )
    .addOption(modelOption('--model <name...>', 'only these models (default: all)'))
    .addOption(balanceOption())
    .addOption(
      new Option('--importance <model>', 'the model whose columns are shuffled')
        .choices([...MODEL_NAMES, 'none'])
        .default('mlp'),
    )
    .addOption(
      new Option('--transfer <model>', 'what is trained on one workload or machine and tested on another')
        .choices([...MODEL_NAMES, 'none'])
        .default('mlp'),
    )
    .addOption(seedOption())
    .option('--force', 'replace the file if it is there')
    .option('--quiet', 'no progress on stderr')
    .action(async (paths: string[], options: NeuralCfsStudyOptions) =>
      (await import('./neuralCfsStudy.js')).neuralCfsStudy(paths, options),
    );
  neuralCfs
    .command('show')
    .description('the tables of a study')
    .argument('<file>', 'NAME.neural-cfs.json')
    .action(async (file: string) => (await import('./neuralCfsStudy.js')).neuralCfsShow(file));
}

/** One model that is kept, to be carried elsewhere. */
function addTrainCommand(neuralCfs: Command): void {
  neuralCfs
    .command('train')
    .description(
      'one model with all that it needs elsewhere: scales, figures, rows that show what it decides',
    )
    .argument('<path...>', PATHS)
    .addOption(new Option('--experiment <number>', '1, 2 or 3').argParser(experiment).makeOptionMandatory())
    .addOption(
      new Option('--model <name>', 'what is trained')
        .choices(['libml', 'mlp', 'logistic', 'tree'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --output <folder>', 'folder of the run; appears whole or not at all')
    .addOption(
      new Option('--split <by>', 'what is never in training and test').choices(SPLITS).default('group'),
    )
    .option('--columns <names>', 'inputs, separated by commas (default: those of the thesis)')
    .addOption(
      new Option(
        '--threshold <kind>',
        'of the score: the best by Matthews correlation on the training rows, or 0.5',
      )
        .choices(['trained', 'half'])
        .default('trained'),
    )
    .addOption(seedOption())
    .option('--force', 'replace a run of that name')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (paths: string[], options: NeuralCfsTrainOptions) =>
      (await import('./neuralCfsTrain.js')).neuralCfsTrain(paths, options),
    );
}

function withRecords(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<path...>', PATHS)
    .addOption(new Option('--experiment <number>', '1, 2 or 3 (default: all)').argParser(experiment))
    .addOption(seedOption())
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr');
}

function seedOption(): Option {
  return wholeOption('--seed <number>', 'of splits, draws and initial weights', 0, MOST_SEED).default(42);
}

function balanceOption(): Option {
  return new Option('--balance <kind>', 'of the rows that are scored')
    .choices(['half', 'natural'])
    .default('half');
}

function modelOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(MODEL_NAMES);
}

function experiment(text: string): 1 | 2 | 3 {
  const found = EXPERIMENTS.find((each) => String(each) === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError('The thesis has experiments 1, 2 and 3.');
}
