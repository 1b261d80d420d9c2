/** Steps that touch the kernel of a machine: what a lost connection may mean then, and whether it is content afterwards. */
import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure, messageOf, type FailureCode } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import { statusFrom, type ToldStatus } from './deployedStatus.js';
import { callProgram } from './machineProgram.js';

/** What work on a deployed model needs besides the connection. */
export interface DeployContext extends RemoteContext {
  /** How a kernel is watched after a change; unless given a second apart, and more often the more the model may do. */
  readonly watch?: { readonly looks: number; readonly intervalMs: number };
}

const LOST: readonly FailureCode[] = ['connection-lost', 'timed-out'];
/** Counts that are not told within that time are not told at all: a kernel that hangs. */
const STATUS_LIMIT_MS = 45_000;

/** What is there, asked now; `wait`: behind a change that is under way, which may be one whose connection was lost. */
export async function askStatus(
  connection: Connection,
  context: DeployContext,
  signal?: AbortSignal,
  when: 'now' | 'wait' = 'now',
): Promise<ToldStatus> {
  try {
    return await told(connection, context, signal, when);
  } catch (error) {
    throw crashOf(connection, 'it was asked for its model', error) ?? error;
  }
}

async function told(
  connection: Connection,
  context: DeployContext,
  signal?: AbortSignal,
  when: 'now' | 'wait' = 'now',
): Promise<ToldStatus> {
  const call = { what: 'Asking for the deployed model', args: ['status', when] as const };
  const timeoutMs = STATUS_LIMIT_MS + (when === 'wait' ? 60_000 : 0);
  const facts = await callProgram(connection, context, { ...call, timeoutMs, signal });
  return statusFrom(facts, connection.destination);
}

/**
 * Does something to the kernel. A failure that comes of a machine that does not answer any more says what was being done, and
 * that it may have crashed.
 * @param doing completes "The connection was lost while …": `the model was being loaded`
 */
export async function onKernel<T>(connection: Connection, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error, 'cancelled')) {
      const after =
        'What was begun there goes on to its end; the status of the deployed model tells what came of it.';
      throw new Failure('cancelled', `${messageOf(error)} ${after}`, { cause: error });
    }
    throw crashOf(connection, doing, error) ?? error;
  }
}

/** What a machine that does not answer any more may mean; undefined: it is another failure. */
function crashOf({ destination }: Connection, doing: string, error: unknown): Failure | undefined {
  const code = LOST.find((each) => isFailure(error, each));
  if (code === undefined) return undefined;
  const how = code === 'timed-out' ? 'did not answer any more' : 'was lost';
  return new Failure(
    code,
    `${destination} ${how} while ${doing}: its kernel may have crashed. ` +
      'When it answers again, the status of the deployed model says whether it was started anew, and what its kernel left ' +
      `in its logs; removing takes away what is there. (${messageOf(error)})`,
    { cause: error },
  );
}

export interface WatchOptions {
  /** How often it is asked, a second apart. */
  readonly looks: number;
  /** What was done: `Since the model was loaded`. */
  readonly since: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the machine for some seconds whether its kernel is content, each time by a new process there. When it is not, the model
 * is switched off, and that is a failure.
 * Failures: `remote-failed` (complaints in the kernel's log; started anew; the model is gone or switched itself off),
 * `connection-lost`, `timed-out`.
 */
export async function watchKernel(
  connection: Connection,
  context: DeployContext,
  before: ToldStatus,
  { looks, since, signal }: WatchOptions,
): Promise<ToldStatus> {
  let last = before;
  for (let look = 0; look < (context.watch?.looks ?? looks); look += 1) {
    await wait(context.watch?.intervalMs ?? 1000, undefined, signal === undefined ? {} : { signal }).catch(
      () => {
        throw new Failure(
          'cancelled',
          `Watching ${connection.destination} was cancelled; the model stays in its kernel.`,
        );
      },
    );
    last = await onKernel(connection, 'its kernel was watched', () => told(connection, context, signal));
    const why = whyNotContent(before, last);
    if (why !== undefined) {
      const off = await switchOff(connection, context);
      throw new Failure('remote-failed', `${since}, the kernel of ${connection.destination} ${why} ${off}`);
    }
  }
  return last;
}

/** Completes "Since …, the kernel of HOST …"; undefined: it is content. */
export function whyNotContent(before: ToldStatus, now: ToldStatus): string | undefined {
  if (now.status.bootId !== before.status.bootId) {
    const left = now.status.trouble[0];
    return `was started anew: it has crashed, or somebody rebooted it. ${left === undefined ? 'It left nothing in its logs.' : `It left: ${left}`}`;
  }
  const [known, found] = [before.complaints, now.complaints];
  if (found.count > known.count) {
    const lines = found.lines.slice(known.lines.length).slice(0, 3);
    return `complained: ${lines.join(' / ') || `${found.count - known.count} more lines in its log`}.`;
  }
  const fresh = now.status.trouble.find((line) => !before.status.trouble.includes(line));
  if (fresh !== undefined) return `is in trouble: ${fresh}`;
  if (now.status.state !== 'running') return 'has no model in it any more.';
  return now.status.stats?.selfTest === 'failed'
    ? 'switched the model off: its self-test failed.'
    : undefined;
}

async function switchOff(connection: Connection, context: DeployContext): Promise<string> {
  try {
    await callProgram(connection, context, { what: 'Switching it off', args: ['mode', 'off'] });
    return 'It was switched off.';
  } catch (error) {
    return `Switching it off failed, too: ${messageOf(error)}`;
  }
}
