/** Child process that builds one data set: `fork` it, wait for `ready`, send `build`. It ends by itself. */
import { join } from 'node:path';
import { assertUnreachable } from '../base/assert.js';
import { isFailure, messageOf } from '../base/errors.js';
import { buildDataSet, type BuildProgress } from '../dataset/buildDataSet.js';
import type { DataSetMeta } from '../dataset/files/dataSetMeta.js';
import packageJson from '../../package.json' with { type: 'json' };
import {
  readBuilderCommand,
  type BuildCommand,
  type BuilderCommand,
  type BuilderEvent,
  type BuildSummary,
} from './dataSetBuilderMessages.js';
import { SliceThreads } from './sliceThreads.js';

/** More often nobody reads it. */
const PROGRESS_INTERVAL_MS = 100;

const cancellation = new AbortController();
let isStarted = false;

function send(event: BuilderEvent): void {
  // The other end may be gone: then nobody listens, and `disconnect` ends the work.
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}

process.on('message', (value: unknown) => {
  const command = readBuilderCommand(value);
  if (command !== null) obey(command);
  else
    send({ kind: 'failed', code: 'bad-input', message: 'The builder got a message that it does not know.' });
});
process.on('disconnect', () => cancellation.abort());
process.on('SIGTERM', () => cancellation.abort());
// Ctrl+C in a terminal reaches the whole group; the host decides what to do.
process.on('SIGINT', () => undefined);

function obey(command: BuilderCommand): void {
  switch (command.kind) {
    case 'build':
      if (isStarted) return;
      isStarted = true;
      void build(command).finally(() => {
        if (process.connected) process.disconnect();
      });
      return;
    case 'cancel':
      cancellation.abort();
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
      signal: cancellation.signal,
      onProgress: seldom((progress) => send({ kind: 'progress', progress })),
    });
    send({ kind: 'built', summary: summaryOf(meta) });
  } catch (error) {
    const code = isFailure(error) ? error.code : 'unexpected';
    send({ kind: 'failed', code, message: messageOf(error) });
    process.exitCode = 1;
  } finally {
    decoders.close();
  }
}

/** At most ten times a second. */
function seldom(tell: (progress: BuildProgress) => void): (progress: BuildProgress) => void {
  let toldMs = -PROGRESS_INTERVAL_MS;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_INTERVAL_MS) return;
    toldMs = nowMs;
    tell(progress);
  };
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

send({ kind: 'ready' });
