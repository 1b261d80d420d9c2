import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXPORTS } from '../dataset/files/exportKinds.js';
import { SPLITS } from '../dataset/splits.js';
import type { DatasetBuildOptions, DatasetExportOptions, DatasetInfoOptions } from './dataset.js';

/** The commands on data sets. What they need is loaded when one of them runs. */
export function addDatasetCommands(program: Command): void {
  const dataset = program.command('dataset').description('data sets for training, made of recordings');
  addBuild(dataset);
  dataset
    .command('info')
    .description('what a data set is made of, and what to mind')
    .argument('<folder>', 'the data set')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, options: DatasetInfoOptions) =>
      (await datasetModule()).datasetInfo(folder, options),
    );
  dataset
    .command('export')
    .description('the parts of a data set in another form')
    .argument('<folder>', 'the data set')
    .addOption(new Option('--to <format>', 'what to write').choices(EXPORTS).makeOptionMandatory())
    .requiredOption('-o, --output <folder>', 'folder to write; appears whole or not at all')
    .addOption(wholeOption('--window <events>', 'npz: events of a window', 1, 65536).default(64))
    .addOption(wholeOption('--stride <events>', 'npz: from one window to the next', 1, 65536).default(4))
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (folder: string, options: DatasetExportOptions) =>
      (await datasetModule()).exportDataset(folder, options),
    );
}

const datasetModule = () => import('./dataset.js');

function addBuild(dataset: Command): void {
  dataset
    .command('build')
    .description('training, validation and test parts of recordings, each with where it came from')
    .argument('<path...>', 'recordings, or folders of recordings, which are searched')
    .requiredOption('-o, --output <folder>', 'folder to write; appears whole or not at all')
    .option(
      '--hold-out <category>',
      'category for the unseen test; random: one of three or more; none (default: random if possible)',
    )
    .addOption(wholeOption('--seed <number>', 'of what is drawn (default: 42)', 0, 4_294_967_295))
    .addOption(
      new Option('--vocabulary <kind>', 'tasks by normalised name, or by PID (default: comm)').choices([
        'comm',
        'pid',
      ]),
    )
    .addOption(new Option('--per-cpu', 'a sequence for each CPU').conflicts('merged'))
    .option('--merged', 'the switches of all CPUs in one sequence (default)')
    .addOption(
      new Option(
        '--split <way>',
        'whole recordings as drawn, or the last runs for the test; or each recording cut by time (default: recording)',
      ).choices(SPLITS),
    )
    .addOption(shareOption('--seen-share <share>', 'of the seen test (default: 0.2)'))
    .addOption(shareOption('--validation-share <share>', 'of validation (default: 0.1)'))
    .addOption(shareOption('--gap <share>', 'of a recording, between parts cut from it (default: 0.01)'))
    .addOption(
      wholeOption(
        '--min-count <rows>',
        'tasks that occur less often in training are UNK (default: 1)',
        1,
        1e9,
      ),
    )
    .option('--category <name>', 'of all recordings, in place of what they say')
    .option('--replace', 'replace a data set of that name')
    .option('--json', 'print the description as one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (paths: string[], options: DatasetBuildOptions) =>
      (await datasetModule()).buildDataset(paths, options),
    );
}

/** An option that is a whole number. */
export function wholeOption(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is no whole number from ${least} to ${most}.`);
  });
}

function shareOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (/^(?:0|0?\.\d+|1(?:\.0+)?|0\.\d+)$/.test(text) && value < 1) return value;
    throw new InvalidArgumentError('It is no share from 0 to below 1.');
  });
}
