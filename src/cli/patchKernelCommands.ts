import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PatchKernelCommandOptions } from './patchKernel.js';

/** `patch-kernel`; what it needs is loaded when it runs. */
export function addPatchKernelCommand(program: Command): void {
  program
    .command('patch-kernel')
    .description(
      'put a model of "neural-cfs train" into the source of a kernel, behind an option that is off',
    )
    .argument('<source>', 'folder of the source, Linux 5.14 or later')
    .option('--run <folder>', 'folder of the run whose model is put there')
    .addOption(new Option('--bits <number>', 'of weights in fixed point (default: 16)').choices(['8', '16']))
    .option('--revert', 'take out what was put there')
    .option(
      '--configure <from>',
      'switch the option on in the configuration keep, running, defconfig, or a file',
    )
    .option('--float', 'configure it for floats, with the FPU, in place of fixed point')
    .option('--build', 'build packages where dpkg is, else the image; takes long')
    .addOption(new Option('-j, --jobs <number>', 'of make (default: as many as CPUs)').argParser(jobs))
    .option('--image', 'build the image and modules, no packages')
    .option('--yes', 'consent to configuring and building without being asked')
    .option('--json', 'print one JSON document')
    .action(async (source: string, options: PatchKernelCommandOptions) =>
      (await import('./patchKernel.js')).patchKernelSource(source, options),
    );
}

function jobs(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1024) throw new InvalidArgumentError('1 to 1024.');
  return value;
}
