import { Option, type Command } from 'commander';
import { PART_NAMES } from '../dataset/sequences.js';
import { wholeOption } from './datasetCommands.js';
import type { PredictCommandOptions } from './predict.js';

/** `predict`; what it needs is loaded when it runs. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description(
      'tell a trained model one event after the other: how often it is right, and how long it takes',
    )
    .argument('<run>', 'folder of the run')
    .argument('[file...]', 'recordings, or folders of them; without one it is a part of the data set')
    .addOption(new Option('--part <part>', 'of the data set').choices(PART_NAMES).default('seen'))
    .addOption(wholeOption('--cpu <number>', 'only what comes on this CPU counts', 0, 65535))
    .addOption(
      wholeOption('--limit <number>', 'predictions at most (default: 100000)', 1, 4e9).default(
        100_000,
        '100000',
      ),
    )
    .option('--events', 'print each event with what was predicted before it came')
    .addOption(wholeOption('--guesses <number>', 'with --events: the likeliest tasks', 1, 20).default(3))
    .option('--dataset <folder>', 'where the data set is now, if it was moved')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (run: string, files: string[], options: PredictCommandOptions) =>
      (await import('./predict.js')).predict(run, files, options),
    );
}
