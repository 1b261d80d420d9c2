/** Child process that trains one run: `fork` it, wait for `ready`, send `start`. It ends by itself. */
import { readFile } from 'node:fs/promises';
import { assertUnreachable } from '../base/assert.js';
import { isFailure, messageOf } from '../base/errors.js';
import { parseConfig } from '../learning/trainer/config/config.js';
import { openEngine } from '../learning/trainer/openEngine.js';
import { PauseSwitch } from '../learning/trainer/pauseSwitch.js';
import { train } from '../learning/trainer/train.js';
import type { TrainerCommand, TrainerEvent } from '../protocol/trainerMessages.js';
import { readTrainerCommand } from '../protocol/trainerSchemas.js';
import packageJson from '../../package.json' with { type: 'json' };

type Start = Extract<TrainerCommand, { kind: 'start' }>;

const HEARTBEAT_MS = 1000;

const pause = new PauseSwitch();
const cancellation = new AbortController();
let isStarted = false;

function send(event: TrainerEvent): void {
  // The other end may be gone: then nobody listens, and `disconnect` ends the run.
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}

process.on('message', (value: unknown) => {
  const command = readTrainerCommand(value);
  if (command === null) {
    send({ kind: 'failed', code: 'bad-input', message: 'The trainer got a message that it does not know.' });
    return;
  }
  obey(command);
});
// The editor is gone: what was learnt is saved.
process.on('disconnect', () => cancellation.abort());
process.on('SIGTERM', () => cancellation.abort());
// Ctrl+C in a terminal reaches the whole group; the host decides what to do.
process.on('SIGINT', () => undefined);

function obey(command: TrainerCommand): void {
  switch (command.kind) {
    case 'start':
      if (isStarted) return;
      isStarted = true;
      void work(command).finally(() => {
        if (process.connected) process.disconnect();
      });
      return;
    case 'pause':
      pause.pause();
      return;
    case 'resume':
      pause.resume();
      return;
    case 'cancel':
      cancellation.abort();
      return;
    default:
      assertUnreachable(command, 'command');
  }
}

async function work({ configPath, runFolder, resume }: Start): Promise<void> {
  const heartbeat = setInterval(() => {
    send({ kind: 'heartbeat', residentBytes: process.memoryUsage.rss() });
  }, HEARTBEAT_MS);
  try {
    const config = parseConfig(await readFile(configPath, 'utf8'), configPath);
    const engine = await openEngine(config.engine);
    try {
      const { state, run } = await train(config, runFolder, {
        engine,
        kernelOracleVersion: packageJson.version,
        resume,
        pause,
        signal: cancellation.signal,
        onProgress: (progress) => send({ kind: 'progress', progress }),
        onEpoch: (record) => send({ kind: 'epoch', record }),
      });
      send({ kind: 'ended', state, message: run.message });
    } finally {
      engine.dispose();
    }
  } catch (error) {
    const code = isFailure(error) ? error.code : 'unexpected';
    send({ kind: 'failed', code, message: messageOf(error) });
    process.exitCode = 1;
  } finally {
    clearInterval(heartbeat);
  }
}

send({ kind: 'ready' });
