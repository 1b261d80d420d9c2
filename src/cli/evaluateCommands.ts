import { InvalidArgumentError, Option, type Command } from 'commander';
import type { EvaluateCommandOptions } from './evaluate.js';

/** `evaluate`; what it needs is loaded when it runs. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'what the best weights of a run are worth, beside baselines, with 95 % intervals; kept in the run',
    )
    .argument('<run>', 'folder of the run')
    .option('--on <file...>', 'recordings, or folders of them, in place of the parts of the data set')
    .option('--dataset <folder>', 'where the data set is now, if it was moved')
    .addOption(
      new Option('--max-targets <number>', 'events of a part that are predicted, evenly spread').argParser(
        targets,
      ),
    )
    .option('--no-cost', 'do not measure what predictions cost')
    .option(
      '--as-published',
      'score as the TCN follow-up did, UNK as idle, into as-published.json: to compare, not to believe',
    )
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (run: string, options: EvaluateCommandOptions) =>
      (await import('./evaluate.js')).evaluate(run, options),
    );
}

function targets(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1) return value;
  throw new InvalidArgumentError('It is no whole number from 1 on.');
}
