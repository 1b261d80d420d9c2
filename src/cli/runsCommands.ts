import { Option, type Command } from 'commander';
import { RUN_EXPORTS } from '../learning/export/exportKinds.js';
import type { ExportRunCommandOptions, RunsOptions } from './runs.js';

/** The commands on runs of training. What they need is loaded when one of them runs. */
export function addRunsCommands(program: Command): void {
  const runs = program.command('runs').description('runs of training: find, look at, compare, export');
  runs
    .command('list')
    .description('the runs in a folder and below it, the newest first')
    .argument('[folder]', 'where to look', '.')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, options: RunsOptions) => (await runsModule()).listRuns(folder, options));
  runs
    .command('show')
    .description('what a run is, its configuration, and its metrics beside those of the baselines')
    .argument('<run>', 'folder of the run')
    .option('--json', 'print one JSON document, with the epochs')
    .action(async (folder: string, options: RunsOptions) => (await runsModule()).showRun(folder, options));
  runs
    .command('compare')
    .description(
      'in what runs differ: settings, best epoch, metrics; of evaluated ones each difference with interval and p',
    )
    .argument('<a>', 'folder of a run, which the others are measured against')
    .argument('<b...>', 'folders of other ones')
    .option('--json', 'print one JSON document')
    .action(async (a: string, others: readonly string[], options: RunsOptions) =>
      (await import('./compareRuns.js')).compareRuns([a, ...others], options),
    );
  runs
    .command('export')
    .description('the best weights of a run for other programs, with vocabulary and standardisation')
    .argument('<run>', 'folder of the run')
    .addOption(new Option('--to <format>', 'what to write').choices(RUN_EXPORTS).makeOptionMandatory())
    .requiredOption('-o, --output <path>', 'file to write, with tfjs a folder; appears whole or not at all')
    .option('--dataset <folder>', 'where the data set is now, if it was moved')
    .option('--force', 'replace what an earlier export wrote')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, options: ExportRunCommandOptions) =>
      (await runsModule()).exportRunFiles(folder, options),
    );
}

const runsModule = () => import('./runs.js');
