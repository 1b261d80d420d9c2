/** Child process that trains a model of calls, or carries one over: `fork` it, wait for `ready`, send a command. It ends by itself. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { assertUnreachable } from '../base/assert.js';
import { throwIfCancelled } from '../base/cancellation.js';
import { readMigrationSet } from '../dataset/migrations/readMigrationSet.js';
import { classifierKinds } from '../learning/migrations/models/classifierKinds.js';
import {
  readNeuralCfsRun,
  requireRunFree,
  writeNeuralCfsRun,
} from '../learning/migrations/runs/runFolder.js';
import { trainRun } from '../learning/migrations/runs/trainRun.js';
import { carriedForms } from '../libml/emit/carriedForms.js';
import { emitRun } from '../libml/emit/emitRun.js';
import packageJson from '../../package.json' with { type: 'json' };
import { ChildEnd } from './childEnd.js';
import {
  readRunTrainerCommand,
  type RunTrainerCommand,
  type RunTrainerEvent,
  type RunTrainerWork,
} from './neuralCfsTrainerMessages.js';
import { seldom } from './seldom.js';

const parent = new ChildEnd<RunTrainerCommand, RunTrainerEvent>({
  read: readRunTrainerCommand,
  unknownText: 'The process that trains models of calls got a message that it does not know.',
  obey: (command) => {
    if (command.kind === 'cancel') parent.cancel();
    else parent.start(() => work(command));
  },
});

const show = seldom((text: string) => parent.send({ kind: 'progress', text }));

function work(command: RunTrainerWork): Promise<void> {
  switch (command.kind) {
    case 'train':
      return train(command);
    case 'carry':
      return carry(command);
    case 'emit':
      return emit(command);
    default:
      return assertUnreachable(command, 'command');
  }
}

type Of<Kind> = Extract<RunTrainerWork, { kind: Kind }>;

async function train({ settings, output }: Of<'train'>): Promise<void> {
  const { signal } = parent;
  const { paths, experiment, model, split, columns, threshold, seed } = settings;
  const [kind] = classifierKinds([model]);
  // Known before an hour is spent.
  await requireRunFree({ path: output, replace: false });
  const set = await readMigrationSet(paths, {
    signal,
    onProgress: ({ path, done, total }) => show(`reading ${basename(path)} (${done + 1} of ${total})`),
  });
  // Lets go of the process for a moment: that it should end is told by a message.
  await setImmediate();
  throwIfCancelled(signal);
  const run = await trainRun(set, experiment, {
    ...{ kind: kind!, split, threshold, seed, signal, onProgress: show },
    columns: columns ?? undefined,
    kernelOracleVersion: packageJson.version,
    now: () => new Date(),
  });
  const info = await writeNeuralCfsRun(run, { path: output, replace: false, signal });
  parent.send({
    kind: 'trained',
    title: info.model.title,
    inputs: info.scaling.map(({ name }) => name),
    training: info.training.rows,
    test: info.test.rows,
    trainingSeconds: info.model.trainingSeconds,
    warnings: [...info.warnings],
  });
}

async function carry({ run }: Of<'carry'>): Promise<void> {
  const carried = carriedForms(await readNeuralCfsRun(run), show);
  parent.send({ kind: 'carried', carried });
}

async function emit({ run, target, bits, output, library }: Of<'emit'>): Promise<void> {
  const { signal } = parent;
  show('choosing scales');
  const { modelBytes, stateBytes, withFloat, asTrained, files } = await emitRun(await readNeuralCfsRun(run), {
    ...{ target, output, library, signal, replace: true },
    bits: bits ?? undefined,
    name: basename(run),
    kernelOracleVersion: packageJson.version,
  });
  parent.send({ kind: 'emitted', modelBytes, stateBytes, withFloat, asTrained, files: [...files] });
}

parent.send({ kind: 'ready' });
