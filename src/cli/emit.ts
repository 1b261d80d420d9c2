import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNeuralCfsRun } from '../learning/migrations/runs/runFolder.js';
import { isEnough } from '../libml/emit/agreement.js';
import { DIFFERING_FILE, shareText } from '../libml/emit/buildTexts.js';
import type { EmitTarget } from '../libml/emit/carriedModel.js';
import { emitRun, type Emitted } from '../libml/emit/emitRun.js';
import { wrapped } from './evaluationText.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface EmitCommandOptions {
  readonly target: EmitTarget;
  readonly output: string;
  readonly bits?: '8' | '16' | '32';
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Targets that a program `control` builds and loads. */
const IN_KERNEL: ReadonlySet<EmitTarget> = new Set<EmitTarget>(['ebpf', 'module']);
const BITS = { '8': 8, '16': 16, '32': 32 } as const;

/** `emit RUN --target T -o DIR`: a trained model as sources. That it decides otherwise than in float32 is said, and no failure. */
export async function emit(folder: string, options: EmitCommandOptions): Promise<void> {
  const { target, output, bits, force = false, json = false } = options;
  const emitted = await interruptible(async (signal) =>
    emitRun(await readNeuralCfsRun(folder), {
      ...{ target, output, replace: force, signal },
      bits: bits === undefined ? undefined : BITS[bits],
      name: basename(resolve(folder)),
      library: fileURLToPath(new URL('../media/libml', import.meta.url)),
      kernelOracleVersion: packageJson.version,
    }),
  );
  warn(emitted, output);
  await printLines(json ? [toJson(emitted)] : emittedLines(emitted, output));
}

function* emittedLines(emitted: Emitted, output: string): Generator<string> {
  const { form, bits, modelBytes, stateBytes, withFloat, asTrained } = emitted;
  const kind = form === 'tree' ? 'a tree' : form === 'float' ? 'float32' : `fixed point, ${bits!} bits`;
  yield `${printable(output)}: ${kind}, ${modelBytes} bytes of model, ${stateBytes} of state`;
  if (withFloat !== null) yield `as float32   on ${shareText(withFloat)} recorded calls`;
  yield `as trained   on ${shareText(asTrained)} sample calls`;
  yield IN_KERNEL.has(emitted.target)
    ? `cd ${printable(output)} && sh control needs   (what else control does: README.txt)`
    : `make -C ${printable(output)} check`;
}

function warn({ withFloat, asTrained }: Emitted, output: string): void {
  const say = (text: string) => process.stderr.write(`${[...wrapped(text)].join('\n')}\n`);
  if (withFloat !== null && !isEnough(withFloat)) {
    say(
      `WARNING: fixed point decides as float32 on ${shareText(withFloat)} recorded calls only, fewer than 99.9 %. ${printable(output)}/${DIFFERING_FILE} has the others.`,
    );
  }
  if (withFloat === null && !isEnough(asTrained)) {
    say(`WARNING: it decides as it did where it was trained on ${shareText(asTrained)} sample calls only.`);
  }
}
