import { setTimeout as wait } from 'node:timers/promises';
import { Failure, messageOf } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import { outputOf } from '../runCommand.js';
import { shellProgramWith } from '../shellCommand.js';
import { entryOf, parseGrubConfig, parseLoaderEntry, type BootEntry, type BootMethod } from './kernels.js';
import { machineState } from './machineState.js';
import type { MachineState } from './results.js';
import type { BenchmarkMachine } from './runBenchmarks.js';

/** What a machine can boot, and how it would be told. */
export interface InstalledKernels {
  /** `uname -r` */
  readonly running: string;
  readonly entries: readonly BootEntry[];
  /** Null: kernels cannot be chosen from here; `why` says why. */
  readonly method: BootMethod | null;
  readonly why: string;
}

/** A machine that can be left while it is down. */
export interface BootableMachine extends BenchmarkMachine {
  disconnect(): void;
}

export interface BootOptions {
  /** Asked once before each boot; false: nothing is done. */
  readonly consent: (question: string) => Promise<boolean>;
  /** Until it answers again; firmware of servers takes its time. */
  readonly returnLimitMs?: number;
  readonly retryMs?: number;
  readonly prefersKexec?: boolean;
}

const RETURN_LIMIT_MS = 15 * 60_000;
const RETRY_MS = 5000;
const BYTES_PER_FILE = 512 * 1024;

/** Failures: those of `outputOf`, and no root rights: the configuration of a boot loader is root's to read. */
export async function installedKernels(
  connection: Connection,
  { programs }: RemoteContext,
  prefersKexec = false,
  signal?: AbortSignal,
): Promise<InstalledKernels> {
  const rights = await rootRights(connection, signal);
  const text = await outputOf(
    connection,
    'Listing kernels',
    shellProgramWith(rights, programs.text('kernels'), [String(BYTES_PER_FILE)]),
    signal === undefined ? {} : { signal },
  );
  return parseInstalled(text, prefersKexec);
}

/** What `kernels.sh` prints: parts, each behind a line `== KIND NAME`. */
export function parseInstalled(text: string, prefersKexec: boolean): InstalledKernels {
  const parts = text
    .split(/\n== /)
    .slice(1)
    .map((part) => {
      const [head = '', ...body] = part.split('\n');
      const [kind = '', ...name] = head.split(' ');
      return { kind, name: name.join(' ').trim(), body: body.join('\n') };
    });
  const named = (kind: string) => parts.filter((part) => part.kind === kind);
  const tools = new Set(named('tool').map(({ name }) => name));
  const loader = named('entry').flatMap(({ name, body }) => parseLoaderEntry(name, body) ?? []);
  const grub = named('grub').flatMap(({ body }) => parseGrubConfig(body));
  // Entries may be left from another boot loader: grub knows them only where its configuration says so.
  const readsEntries = named('grub').some(({ body }) => /^\s*blscfg\b/m.test(body));
  const entries = loader.length > 0 && (readsEntries || grub.length === 0) ? loader : grub;
  const command = tools.has('grub2-reboot')
    ? 'grub2-reboot'
    : tools.has('grub-reboot')
      ? 'grub-reboot'
      : null;
  const canKexec = tools.has('kexec') && tools.has('systemctl') && named('kexec-disabled')[0]?.name !== '1';
  const grubMethod =
    command === null || named('grub').length === 0 ? null : ({ kind: 'grub', command } as const);
  const kexecMethod = canKexec ? ({ kind: 'kexec' } as const) : null;
  const method = prefersKexec ? (kexecMethod ?? grubMethod) : (grubMethod ?? kexecMethod);
  return {
    running: named('running')[0]?.name ?? '',
    entries,
    method,
    why:
      entries.length === 0
        ? 'No entry of a boot loader was found that boots Linux.'
        : method === null
          ? 'Neither grub-reboot (with a grub.cfg) nor kexec with systemd can be used there.'
          : '',
  };
}

/** The arguments of `boot-once.sh` for an entry. */
export function bootArguments(method: BootMethod, entry: BootEntry): string[] {
  return method.kind === 'grub'
    ? [method.command, entry.grubId]
    : ['kexec', entry.kernelPath ?? '', entry.initrdPath ?? '', entry.commandLine];
}

/**
 * Boots a kernel for once and returns when it runs: chosen for the next boot only, so that a machine that does not come up
 * with it comes up as before when it is reset. Nothing happens when it runs already.
 * Failures: `not-found` (no such kernel), `remote-failed` (cannot be chosen; another one came up), `cancelled` (no consent),
 * `timed-out` (the machine did not come back).
 */
export async function bootKernel(
  machine: BootableMachine,
  release: string,
  context: RemoteContext,
  options: BootOptions,
  signal?: AbortSignal,
): Promise<void> {
  const before = await machine.run(
    'Reading its state',
    (connection) => machineState(connection, context.programs, signal),
    signal,
  );
  if (before.kernel === release) return;
  const choose = async (connection: Connection) => {
    const kernels = await installedKernels(connection, context, options.prefersKexec, signal);
    if (kernels.method === null) throw new Failure('remote-failed', `${machine.name}: ${kernels.why}`);
    return bootArguments(kernels.method, entryOf(kernels.entries, release, machine.name));
  };
  const args = await machine.run('Listing kernels', choose, signal);
  const question = `${machine.name} runs ${before.kernel}. Reboot it now into ${release}, for this boot only? Whoever else works there is thrown out.`;
  if (!(await options.consent(question))) {
    throw new Failure('cancelled', `${machine.name} was not rebooted into ${release}: there was no consent.`);
  }
  await machine.run(`Booting ${release}`, (connection) => order(connection, context, args, signal), signal);
  machine.disconnect();
  await untilBack(machine, release, before.bootId, context, options, signal);
}

async function order(
  connection: Connection,
  { programs }: RemoteContext,
  args: readonly string[],
  signal: AbortSignal | undefined,
) {
  const rights = await rootRights(connection, signal);
  const answer = await outputOf(
    connection,
    'Choosing the kernel',
    shellProgramWith(rights, programs.text('boot-once'), args),
    signal === undefined ? {} : { signal },
  );
  if (answer.trim().split('\n').at(-1) !== 'booting') {
    throw new Failure('remote-failed', `${connection.destination} did not take the order to reboot.`);
  }
}

/** Tries until it answers with another boot id; then the kernel must be the one that was asked for. */
async function untilBack(
  machine: BootableMachine,
  release: string,
  oldBootId: string,
  { programs }: RemoteContext,
  { returnLimitMs = RETURN_LIMIT_MS, retryMs = RETRY_MS }: BootOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = Date.now() + returnLimitMs;
  let last = 'it did not answer';
  while (Date.now() < until) {
    await wait(retryMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
      throw new Failure(
        'cancelled',
        `Waiting for ${machine.name} was cancelled; it boots ${release} meanwhile.`,
      );
    });
    let state: MachineState;
    try {
      state = await machine.run(
        `Waiting for ${release}`,
        (connection) => machineState(connection, programs, signal),
        signal,
      );
    } catch (error) {
      // On its way down or up a machine refuses in many ways: commands are killed, logins turned away.
      last = messageOf(error);
      continue;
    }
    if (state.bootId === oldBootId) {
      last = 'it has not gone down yet';
      machine.disconnect();
      continue;
    }
    if (state.kernel === release) return;
    throw new Failure(
      'remote-failed',
      `${machine.name} came back with the kernel ${state.kernel} instead of ${release}. See what its boot loader says.`,
    );
  }
  throw new Failure(
    'timed-out',
    `${machine.name} did not come back with ${release} within ${returnLimitMs / 1000} s (${last}). ` +
      'A reset boots what it booted before: the choice was for once.',
  );
}

/** What a machine can boot, a line each: for a list to choose from. */
export function describeKernels({ running, entries }: InstalledKernels): string[] {
  return entries.map(({ title, release }) => {
    const mark = release === running ? '* ' : '  ';
    return `${mark}${release ?? '(release unknown)'}  ${title}`;
  });
}
