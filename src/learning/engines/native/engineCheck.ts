/** Whether an engine works: a small training, in a process of its own, whose figures must be those of the embedded engine. */
import { fork } from 'node:child_process';
import * as v from 'valibot';
import { Failure } from '../../../base/errors.js';
import { EmbeddedEngine } from '../embedded/embeddedEngine.js';
import type { Engine } from '../engine.js';
import { smallTraining } from './engineTraining.js';

/** Of logits about as large as 3: 3e-6 is usual. Engines round differently, and training makes that larger. */
const MOST_APART = 1e-3;
const MOST_LOSS_LEFT = 0.8;
const PATIENCE_MS = 120_000;
const LAST_WORDS = 1000;

const resultSchema = v.union([
  v.object({
    description: v.string(),
    firstLoss: v.number(),
    lastLoss: v.number(),
    /** Largest difference of a prediction to the embedded engine's. */
    apart: v.number(),
    seconds: v.number(),
  }),
  v.object({ failure: v.string() }),
]);

export type EngineCheck = Extract<v.InferOutput<typeof resultSchema>, { description: string }>;

/** The check itself. Failure `bad-input` when the engine does not learn, or computes something else. */
export async function checkEngine(engine: Engine): Promise<EngineCheck> {
  const embedded = await EmbeddedEngine.create({ threads: 1 });
  try {
    const expected = smallTraining(embedded);
    const begun = performance.now();
    const found = smallTraining(engine);
    const seconds = (performance.now() - begun) / 1000;
    const { firstLoss, lastLoss } = found;
    const apart = found.predictions.reduce((most, value, index) => {
      const difference = Math.abs(value - expected.predictions[index]!);
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0);
    if (!(lastLoss < MOST_LOSS_LEFT * firstLoss)) {
      throw new Failure(
        'bad-input',
        `${engine.description} does not learn: the loss of a small training went from ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)}.`,
      );
    }
    if (apart > MOST_APART) {
      throw new Failure(
        'bad-input',
        `${engine.description} computes something else than the embedded engine: predictions differ by ${apart.toPrecision(3)}.`,
      );
    }
    return { description: engine.description, firstLoss, lastLoss, apart, seconds };
  } finally {
    embedded.dispose();
  }
}

/** What the child process answers to its parent. */
export type EngineCheckAnswer = EngineCheck | { readonly failure: string };

/**
 * Checks an engine in a process of its own, so that a library that crashes ends that one.
 * @param program the built `workers/engineCheck.ts`
 * @param addon of the native engine; `null`: the embedded engine
 * Failures: `bad-input` with what is wrong, `timed-out`, `cancelled`.
 */
export function checkInProcess(
  program: string,
  addon: string | null,
  signal?: AbortSignal,
): Promise<EngineCheck> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Failure('cancelled', 'The check was cancelled.'));
      return;
    }
    const child = fork(program, addon === null ? [] : [addon], {
      // In the editor's desktop application `execPath` is that application; so it is Node.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let lastWords = '';
    let answer: unknown;
    let isLate = false;
    const end = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, PATIENCE_MS);
    signal?.addEventListener('abort', end, { once: true });
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      lastWords = (lastWords + piece).slice(-LAST_WORDS);
    });
    child.on('message', (message) => (answer = message));
    const over = (how: string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(new Failure('cancelled', 'The check was cancelled.'));
      else if (isLate) {
        reject(
          new Failure('timed-out', `The check did not end within ${PATIENCE_MS / 1000} s and was ended.`),
        );
      } else settle(answer, how, lastWords.trim(), resolve, reject);
    };
    child.on('error', (error) => over(error.message));
    child.on('close', (status, signalName) => over(signalName ?? `exit code ${status}`));
  });
}

function settle(
  answer: unknown,
  how: string,
  lastWords: string,
  resolve: (check: EngineCheck) => void,
  reject: (failure: Failure) => void,
): void {
  const parsed = v.safeParse(resultSchema, answer);
  if (parsed.success) {
    if ('failure' in parsed.output) reject(new Failure('bad-input', parsed.output.failure));
    else resolve(parsed.output);
    return;
  }
  const why =
    how === 'SIGILL'
      ? 'it has instructions that this processor lacks'
      : how === 'SIGKILL'
        ? 'it was killed, perhaps because memory ran out'
        : 'it crashed';
  const words = lastWords === '' ? '' : `\n${lastWords}`;
  reject(new Failure('bad-input', `The engine ended the process that checked it (${how}): ${why}.${words}`));
}
