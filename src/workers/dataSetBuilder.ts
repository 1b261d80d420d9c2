/** Child process that builds one data set: `fork` it, wait for `ready`, send `build`. It ends by itself. */
import { join } from 'node:path';
import { assertUnreachable } from '../base/assert.js';
import { buildDataSet } from '../dataset/buildDataSet.js';
import type { DataSetMeta } from '../dataset/files/dataSetMeta.js';
import packageJson from '../../package.json' with { type: 'json' };
import { ChildEnd } from './childEnd.js';
import {
  readBuilderCommand,
  type BuildCommand,
  type BuilderCommand,
  type BuilderEvent,
  type BuildSummary,
} from './dataSetBuilderMessages.js';
import { seldom } from './seldom.js';
import { SliceThreads } from './sliceThreads.js';

const parent = new ChildEnd<BuilderCommand, BuilderEvent>({
  read: readBuilderCommand,
  unknownText: 'The builder got a message that it does not know.',
  obey,
});

function obey(command: BuilderCommand): void {
  switch (command.kind) {
    case 'build':
      parent.start(() => build(command));
      return;
    case 'cancel':
      parent.cancel();
      return;
    default:
      assertUnreachable(command, 'command');
  }
}

async function build({ paths, output, options, replace }: BuildCommand): Promise<void> {
  const decoders = new SliceThreads(join(__dirname, 'sliceWorker.cjs'));
  try {
    const meta = await buildDataSet({
      paths,
      output,
      options,
      replace,
      kernelOracleVersion: packageJson.version,
      now: () => new Date(),
      decoders,
      signal: parent.signal,
      onProgress: seldom((progress) => parent.send({ kind: 'progress', progress })),
    });
    parent.send({ kind: 'built', summary: summaryOf(meta) });
  } finally {
    decoders.close();
  }
}

function summaryOf(meta: DataSetMeta): BuildSummary {
  const { parts, recordings, vocabulary, heldOut, warnings, leftOut } = meta;
  const rows = {
    train: parts.train.rows,
    validation: parts.validation.rows,
    seen: parts.seen.rows,
    unseen: parts.unseen.rows,
  };
  return {
    recordings: recordings.length,
    categories: new Set(recordings.map(({ category }) => category)).size,
    rows: Object.values(rows).reduce((sum, each) => sum + each, 0),
    tasks: vocabulary.tasks.length,
    parts: rows,
    heldOut,
    warnings,
    leftOut: leftOut.length,
  };
}

parent.send({ kind: 'ready' });
