import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import { CONFIG_FILE_NAME } from './config/config.js';

const nullableNumber = v.nullable(v.number());

export const runSchema = v.object({
  format: v.literal('kernel-oracle-run'),
  version: v.literal(1),
  kernelOracleVersion: v.string(),
  state: v.picklist(['queued', 'running', 'paused', 'finished', 'cancelled', 'failed']),
  /** Why it failed, or ended before its last epoch. */
  message: v.nullable(v.string()),
  model: v.string(),
  task: v.picklist(['next-task', 'inter-arrival']),
  engine: v.object({ name: v.string(), description: v.string() }),
  /** `sha256` of what it holds; empty for a run that waits, or failed, before its data set was opened. */
  dataset: v.object({ path: v.string(), sha256: v.string() }),
  /** Of the process that trains; `startTicks` tells it from a later one with its number. */
  process: v.nullable(v.object({ pid: v.number(), startTicks: v.nullable(v.string()) })),
  /** ISO 8601, UTC. */
  started: v.string(),
  updated: v.string(),
  ended: v.nullable(v.string()),
  parameters: v.number(),
  epoch: v.number(),
  epochs: v.number(),
  step: v.number(),
  best: v.nullable(
    v.object({ epoch: v.number(), loss: v.number(), accuracy: nullableNumber, mae: nullableNumber }),
  ),
});

export type RunInfo = v.InferOutput<typeof runSchema>;
/** `interrupted`: it says that it runs, and its process is gone. */
export type RunState = RunInfo['state'] | 'interrupted';

const MAX_RUN_BYTES = 1024 * 1024;

/** Paths of a run's files. */
export function runPaths(folder: string) {
  return {
    config: join(folder, CONFIG_FILE_NAME),
    run: join(folder, 'run.json'),
    log: join(folder, 'training.log'),
    history: join(folder, 'history.jsonl'),
    metrics: join(folder, 'metrics.json'),
    checkpoints: join(folder, 'checkpoints'),
    best: join(folder, 'checkpoints', 'best'),
    latest: join(folder, 'checkpoints', 'latest'),
  };
}

/** `run.json` of a folder; `null` when there is none. Failures: `read-failed`, `bad-input`. */
export async function readRun(folder: string): Promise<RunInfo | null> {
  const { run: path } = runPaths(folder);
  let text: string;
  try {
    if ((await stat(path)).size > MAX_RUN_BYTES) throw new Failure('bad-input', `${path} is no run.json.`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const parsed = v.safeParse(runSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure(
    'bad-input',
    `${path} is not as KernelOracle writes it: ${v.getDotPath(issue) ?? ''} ${issue.message}.`,
  );
}

/** Replaces `run.json`, whole or not at all. Failure `write-failed`. */
export async function writeRun(folder: string, run: RunInfo): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(runPaths(folder).run, [`${JSON.stringify(run, null, 2)}\n`]);
}

/** What a run is now, with what its process tells. */
export function stateOf(run: RunInfo): RunState {
  if (run.state !== 'running' && run.state !== 'paused') return run.state;
  return isAlive(run.process) ? run.state : 'interrupted';
}

export function thisProcess(): NonNullable<RunInfo['process']> {
  return { pid: process.pid, startTicks: startTicksOf(process.pid) };
}

function isAlive(owner: RunInfo['process']): boolean {
  if (owner === null) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // Of another user: it is there, but may not be signalled.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.startTicks === startTicksOf(owner.pid);
}

/** When a process started, field 22 of /proc/PID/stat (proc(5)), in ticks since boot; `null` where there is no such file. */
function startTicksOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in brackets, may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Makes the names in a folder durable, as far as the file system does that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync();
  } catch {
    // Some file systems cannot sync a folder; what is in it is synced.
  } finally {
    await handle.close();
  }
}
