import { fork } from 'node:child_process';
import { embeddedEngineNodeOptions } from '../../learning/engines/embedded/nodeOptions.js';
import type { TrainerCommand, TrainerEvent } from '../../protocol/trainerMessages.js';
import { readTrainerEvent } from '../../protocol/trainerSchemas.js';
import { becomeNice } from '../niceProcess.js';

/** How a process came to its end. */
export interface TrainerExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote as it died: where V8 says that it ran out of memory. */
  readonly lastWords: string;
  /** It could not be started at all. */
  readonly startError: Error | null;
}

/** A process that trains one run. */
export interface TrainerProcess {
  /** One that is gone hears nothing; its exit says so. */
  send(command: TrainerCommand): void;
  /** It saves what was learnt, and ends. */
  disconnect(): void;
  /** At once, with nothing saved. */
  kill(): void;
}

export interface TrainerListener {
  /** `null`: what came is no event. */
  onEvent(event: TrainerEvent | null): void;
  /** Once; nothing comes after it. */
  onExit(exit: TrainerExit): void;
}

export type StartTrainer = (listener: TrainerListener) => TrainerProcess;

/** The reason stands above a stack trace. */
const LAST_WORDS_CHARACTERS = 64 * 1024;

export interface TrainerOptions {
  /** dist/trainer.cjs */
  readonly program: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Starts processes from a program. They are niced: on a busy machine the editor stays quick, and where nothing else wants
 * the CPUs it costs nothing.
 */
export function trainerStarter({ program, environment = {} }: TrainerOptions): StartTrainer {
  return (listener) => {
    const child = fork(program, [], {
      // In the editor's desktop application `execPath` is that application; so it is Node.
      env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [...embeddedEngineNodeOptions(process.versions.node)],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    if (child.pid !== undefined) becomeNice(child.pid);
    let lastWords = '';
    let isOver = false;
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      lastWords = (lastWords + piece).slice(-LAST_WORDS_CHARACTERS);
    });
    const end = (exit: Omit<TrainerExit, 'lastWords'>) => {
      if (isOver) return;
      isOver = true;
      listener.onExit({ ...exit, lastWords });
    };
    child.on('message', (value: unknown) => listener.onEvent(readTrainerEvent(value)));
    // `close` and not `exit`: by then all that it wrote was read.
    child.on('close', (status, signal) => end({ status, signal, startError: null }));
    child.on('error', (error) => {
      // Also when a message cannot be sent; then it is there still, and will exit.
      if (child.pid === undefined) end({ status: null, signal: null, startError: error });
    });
    return {
      send: (command) => {
        if (child.connected) child.send(command, () => undefined);
      },
      disconnect: () => {
        if (child.connected) child.disconnect();
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
}
