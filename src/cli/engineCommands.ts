import { Argument, Option, type Command } from 'commander';
import {
  ENGINE_CHOICES,
  SOURCE_CHOICES,
  type EngineChoice,
  type EngineInstallOptions,
} from './engineChoices.js';

/** The commands on engines: what models compute with. What they need is loaded when one of them runs. */
export function addEngineCommands(program: Command): void {
  const engine = program.command('engine').description('what models compute with');
  engine
    .command('list')
    .description('both engines: what they are, where, and whether they can be used here')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => (await engineModule()).listEngines(options));
  engine
    .command('install')
    .description('install the native engine (TensorFlow), and check it')
    .addOption(
      new Option(
        '--from <source>',
        'download: @tensorflow/tfjs-node with its own download; wheel: a tensorflow-cpu wheel, which pip fetches when no path is given; path: a folder that has one of them',
      )
        .choices(SOURCE_CHOICES)
        .default('download'),
    )
    .option('--path <path>', 'the wheel, or the folder')
    .option('--folder <folder>', 'where to install it (default: where all commands look for it)')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .action(async (options: EngineInstallOptions) => (await engineModule()).installEngine(options));
  engine
    .command('check')
    .description('a small training, in a process of its own, compared with the embedded engine')
    .addArgument(
      new Argument('[name]', 'the engine (default: native where it is installed)').choices(ENGINE_CHOICES),
    )
    .option('--folder <folder>', 'where the native engine is')
    .option('--json', 'print one JSON document')
    .action(
      async (
        name: EngineChoice | undefined,
        options: { readonly folder?: string; readonly json?: boolean },
      ) => (await engineModule()).checkEngineHere(name, options),
    );
}

const engineModule = () => import('./engine.js');
