import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import { readNeuralCfsRun } from '../learning/migrations/runs/runFolder.js';
import { isEnough } from '../libml/emit/agreement.js';
import { shareText } from '../libml/emit/buildTexts.js';
import {
  BUILD_PROGRAM,
  PATCH_FILE,
  patchKernel,
  unpatchKernel,
  type PatchedKernel,
} from '../libml/patched/patchKernel.js';
import type { PatchedModel } from '../libml/patched/patchedFiles.js';
import { wrapped } from './evaluationText.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import { TerminalPrompter } from './terminalPrompter.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface PatchKernelCommandOptions {
  readonly run?: string;
  readonly bits?: '8' | '16';
  readonly revert?: boolean;
  readonly configure?: string;
  readonly float?: boolean;
  readonly build?: boolean;
  readonly jobs?: number;
  readonly image?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `patch-kernel SOURCE --run RUN`: writes sources; configures and builds when asked to, after saying what that will do. */
export async function patchKernelSource(source: string, options: PatchKernelCommandOptions): Promise<void> {
  requireSound(options);
  await interruptible(async (signal) => {
    if (options.revert === true) {
      const version = await unpatchKernel(source, signal);
      await printLines(
        options.json === true
          ? [toJson({ version })]
          : [`${printable(source)}: Linux ${printable(version)} as it was before`],
      );
      return;
    }
    const patched = await patchWith(source, options, signal);
    if (options.json !== true) await printLines(patchedLines(source, patched));
    const steps = buildSteps(source, patched, options);
    if (steps.length > 0 && (await consent(source, steps, options))) {
      for (const { args } of steps) await runProgram(join(resolve(source), BUILD_PROGRAM), args, signal);
    }
    if (options.json === true) await printLines([toJson(patched)]);
  });
}

function requireSound({
  run,
  revert,
  configure,
  float,
  build,
  image,
  bits,
}: PatchKernelCommandOptions): void {
  const others = [run, configure, float, build, image, bits].some((each) => each !== undefined);
  if (revert === true && others) throw new Failure('wrong-usage', '--revert stands alone.');
  if (revert !== true && run === undefined) {
    throw new Failure('wrong-usage', 'Name the run whose model is put there, --run FOLDER, or --revert.');
  }
  if (float === true && configure === undefined) {
    throw new Failure(
      'wrong-usage',
      '--float is of the configuration: give --configure, too (keep keeps .config).',
    );
  }
  if (image === true && build !== true) throw new Failure('wrong-usage', '--image needs --build.');
}

async function patchWith(
  source: string,
  { run: folder, bits, float }: PatchKernelCommandOptions,
  signal: AbortSignal,
): Promise<PatchedKernel> {
  const run = await readNeuralCfsRun(folder!);
  if (float === true && run.model.body.kind === 'tree') {
    throw new Failure('wrong-usage', 'A tree asks about whole numbers and has no floats. Leave --float out.');
  }
  return patchKernel(source, run, {
    ...{ name: basename(resolve(folder!)), signal, kernelOracleVersion: packageJson.version },
    bits: bits === undefined ? undefined : bits === '8' ? 8 : 16,
    library: fileURLToPath(new URL('../media/libml', import.meta.url)),
  });
}

function* patchedLines(source: string, patched: PatchedKernel): Generator<string> {
  const { version, edited, added, changed, models } = patched;
  yield `${printable(source)}: Linux ${printable(version)}, ${changed === 0 ? 'all was there already' : `${changed} files written or removed`}`;
  yield `edited   ${edited.join(', ')}`;
  yield `added    ${added.length} files in kernel/sched/ml`;
  for (const model of models) yield `${model.form.padEnd(11)}  ${modelText(model)}`;
  yield `patch    ${printable(join(source, PATCH_FILE))}`;
  yield 'The option ML_FORCE_MIGRATIONS is off unless --configure switches it on.';
}

/** Two places for a model are in the kernel, so that another one can take over; state is on each CPU. */
function modelText({ bits, modelBytes, stateBytes, withFloat, asTrained }: PatchedModel): string {
  const kind = bits === null ? 'a tree' : bits === 32 ? 'float32' : `${bits} bits`;
  const decides =
    withFloat !== null
      ? `as float32 on ${shareText(withFloat)} recorded calls${isEnough(withFloat) ? '' : ': FEWER than 99.9 %'}`
      : `as trained on ${shareText(asTrained)} sample calls`;
  return `${kind}: ${modelBytes} bytes of model, ${stateBytes} of state on each CPU; ${decides}`;
}

interface BuildStep {
  readonly text: string;
  readonly args: readonly string[];
}

const CONFIGURATIONS: Readonly<Record<string, string>> = {
  keep: 'the .config that is there',
  running: "the running kernel's configuration",
  defconfig: 'the default configuration',
};

function buildSteps(
  source: string,
  { version }: PatchedKernel,
  { configure, float, build, jobs, image }: PatchKernelCommandOptions,
): BuildStep[] {
  const steps: BuildStep[] = [];
  if (configure !== undefined) {
    const form = float === true ? 'float' : 'fixed-point';
    const from = CONFIGURATIONS[configure] === undefined ? resolve(configure) : configure;
    steps.push({
      text: `Writes ${join(source, '.config')} from ${CONFIGURATIONS[configure] ?? configure} with ML_FORCE_MIGRATIONS=y, ${form} (the one there is kept as .config.before-ml).`,
      args: ['configure', from, form],
    });
  }
  if (build === true) {
    const what = image === true ? 'image' : 'any';
    const result =
      image === true ? 'the image and modules' : 'packages, where dpkg is, else the image and modules';
    steps.push({
      text: `Compiles Linux ${version} in ${source}: ${result}. A distribution's configuration takes some hours and 20 GB, a small one minutes. Installs nothing.`,
      args: ['build', jobs === undefined ? 'all' : String(jobs), what],
    });
  }
  return steps;
}

async function consent(
  source: string,
  steps: readonly BuildStep[],
  { yes }: PatchKernelCommandOptions,
): Promise<boolean> {
  if (yes === true) return true;
  const texts = steps.flatMap(({ text }) => [...wrapped(text)]);
  const question = [`In ${printable(source)} this will be done:`, ...texts.map(printable), ''].join('\n');
  if (await asked(question)) return true;
  process.stderr.write('Neither configured nor built.\n');
  return false;
}

async function asked(question: string): Promise<boolean> {
  try {
    return await new TerminalPrompter().consent(question);
  } catch (error) {
    if (!isFailure(error, 'authentication-failed')) throw error;
    throw new Failure('wrong-usage', `${question}There is no terminal to ask on: consent by --yes.`, {
      cause: error,
    });
  }
}

/** What it prints goes to stderr, as progress does. Failure `bad-input`: it ended with another status than 0. */
async function runProgram(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn('sh', [program, ...args], { stdio: ['ignore', 2, 2], detached: true });
  const stop = () => {
    // With make and what it runs.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (signal.aborted) throw new Failure('cancelled', 'Stopped; what was compiled so far is kept by make.');
    if (status === 0) return;
    throw new Failure(
      'bad-input',
      `${program} ${args.join(' ')} ended with status ${status ?? 'of a signal'}. What it printed says why; the source stays patched, and it can be run again as it stands here.`,
    );
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('bad-input', `${program} cannot be run: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
