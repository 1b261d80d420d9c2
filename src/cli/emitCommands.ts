import { Option, type Command } from 'commander';
import type { EmitCommandOptions } from './emit.js';

/** `emit`; what it needs is loaded when it runs. */
export function addEmitCommand(program: Command): void {
  program
    .command('emit')
    .description('a model of "neural-cfs train" as C sources that need nothing else, with a self-test')
    .argument('<run>', 'folder of the run')
    .addOption(
      new Option('--target <kind>', 'weights of float32, or fixed point; for a kernel: eBPF, or a module')
        .choices(['c', 'c-fixed', 'ebpf', 'module'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --output <folder>', 'folder to write; appears whole or not at all')
    .addOption(
      new Option(
        '--bits <number>',
        'of weights in fixed point (default: 16); 32: floats, in a module',
      ).choices(['8', '16', '32']),
    )
    .option('--force', 'replace what was emitted there before')
    .option('--json', 'print one JSON document')
    .action(async (folder: string, options: EmitCommandOptions) =>
      (await import('./emit.js')).emit(folder, options),
    );
}
