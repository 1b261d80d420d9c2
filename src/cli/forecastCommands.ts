import { Option, type Command } from 'commander';
import { PART_NAMES } from '../dataset/sequences.js';
import { wholeOption } from './datasetCommands.js';
import type { ForecastOptions } from './forecast.js';

/** `forecast`; what it needs is loaded when it runs. */
export function addForecastCommand(program: Command): void {
  program
    .command('forecast')
    .description(
      'let a trained model run free from a moment of a recording, each event fed back as if it had come',
    )
    .argument('<run>', 'folder of the run')
    .argument('[file]', 'recording to begin in; without one it is a part of the data set')
    .addOption(wholeOption('--cpu <number>', 'of the recording, where models are of single CPUs', 0, 65535))
    .option(
      '--at <time>',
      'the last event at this time or before is the last one that the model is told: seconds as in the recording, or since its first switch: +0.5s',
    )
    .addOption(new Option('--part <part>', 'of the data set').choices(PART_NAMES).default('seen'))
    .addOption(wholeOption('--row <number>', 'of the part: the last event that the model is told', 0, 4e9))
    .addOption(wholeOption('--steps <number>', 'events to forecast', 1, 100_000).default(1000))
    .addOption(wholeOption('--samples <number>', 'free runs', 1, 1000).default(20))
    .addOption(wholeOption('--seed <number>', 'of what is drawn', 0, 4_294_967_295).default(1))
    .addOption(wholeOption('--observed <number>', 'events before to print beside', 0, 100_000).default(200))
    .option('--likeliest', 'take the likeliest task, or the median time, of each step; draw nothing of it')
    .option('--dataset <folder>', 'where the data set is now, if it was moved')
    .option('-o, --output <file>', 'write all as CSV; appears whole or not at all')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (run: string, file: string | undefined, options: ForecastOptions) =>
      (await import('./forecast.js')).forecast(run, file, options),
    );
}
