import type { Command } from 'commander';
import type { AuditCommandOptions } from './audit.js';

/** `audit`; what it needs is loaded when it runs. */
export function addAuditCommands(program: Command): void {
  program
    .command('audit')
    .description('what makes the figures of a run, a data set or a publication mean less than they seem')
    .argument('<path>', 'folder of a run or of a data set, or a file of claims (YAML)')
    .option('--dataset <folder>', 'of a run: where its data set is now, if it was moved')
    .option('--strict', 'exit status 1 when a check failed')
    .option('--json', 'print one JSON document')
    .action(async (path: string, options: AuditCommandOptions) =>
      (await import('./audit.js')).audit(path, options),
    );
}
