/** Child process that trains one run: `fork` it, wait for `ready`, send `start`. It ends by itself. */
import { readFile } from 'node:fs/promises';
import { assertUnreachable } from '../base/assert.js';
import { parseConfig } from '../learning/trainer/config/config.js';
import { openEngine } from '../learning/trainer/openEngine.js';
import { PauseSwitch } from '../learning/trainer/pauseSwitch.js';
import { train } from '../learning/trainer/train.js';
import type { TrainerCommand, TrainerEvent } from '../protocol/trainerMessages.js';
import { readTrainerCommand } from '../protocol/trainerSchemas.js';
import { ChildEnd } from './childEnd.js';
import packageJson from '../../package.json' with { type: 'json' };

type Start = Extract<TrainerCommand, { kind: 'start' }>;

const HEARTBEAT_MS = 1000;

const pause = new PauseSwitch();
const parent = new ChildEnd<TrainerCommand, TrainerEvent>({
  read: readTrainerCommand,
  unknownText: 'The trainer got a message that it does not know.',
  obey,
});

function obey(command: TrainerCommand): void {
  switch (command.kind) {
    case 'start':
      parent.start(() => work(command));
      return;
    case 'pause':
      pause.pause();
      return;
    case 'resume':
      pause.resume();
      return;
    case 'cancel':
      parent.cancel();
      return;
    default:
      assertUnreachable(command, 'command');
  }
}

async function work({ configPath, runFolder, resume }: Start): Promise<void> {
  const heartbeat = setInterval(() => {
    parent.send({ kind: 'heartbeat', residentBytes: process.memoryUsage.rss() });
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
        signal: parent.signal,
        onProgress: (progress) => parent.send({ kind: 'progress', progress }),
        onEpoch: (record) => parent.send({ kind: 'epoch', record }),
      });
      parent.send({ kind: 'ended', state, message: run.message });
    } finally {
      engine.dispose();
    }
  } finally {
    clearInterval(heartbeat);
  }
}

parent.send({ kind: 'ready' });
