import { StringDecoder } from 'node:string_decoder';
import { Failure } from '../../base/errors.js';
import type { Connection, RemoteExit } from '../connection.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import { quoteWord, shellProgramWith, type Rights } from '../shellCommand.js';
import type { Check } from './check.js';
import type { PackageFamily } from './distribution.js';
import { runPreflight, type PreflightReport } from './preflight.js';

/** What brings missing tools, exactly as it will run, for the user to agree to. */
export interface InstallPlan {
  readonly machine: string;
  readonly packages: readonly string[];
  /** One after the other, as root; each stops the rest when it fails. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  /** What the user should know before. */
  readonly remarks: readonly string[];
}

const COMMANDS: Record<PackageFamily, (packages: readonly string[]) => InstallPlan['commands']> = {
  debian: aptGet,
  ubuntu: aptGet,
  fedora: (packages) => [['dnf', 'install', '-y', ...packages]],
  arch: (packages) => [['pacman', '-S', '--noconfirm', '--needed', ...packages]],
};

function aptGet(packages: readonly string[]): InstallPlan['commands'] {
  return [
    ['apt-get', 'update'],
    ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', ...packages],
  ];
}

/**
 * What would have to be run so that the chosen checks pass. Undefined: no packages are known that do.
 * @param chosen checks whose remedy names packages; others are passed over
 */
export function installPlan(report: PreflightReport, chosen: readonly Check[]): InstallPlan | undefined {
  const family = report.facts.distribution?.family ?? null;
  return packagesPlan(
    report.machine,
    family,
    chosen.flatMap(({ remedy }) => remedy?.packages ?? []),
  );
}

/** What installs packages on a machine of that family. Undefined: there are none, or the family is unknown. */
export function packagesPlan(
  machine: string,
  family: PackageFamily | null,
  names: readonly string[],
): InstallPlan | undefined {
  const packages = [...new Set(names)];
  if (family === null || packages.length === 0) return undefined;
  // What begins with a dash would be an option; names come from our own table and from `uname -r`.
  const odd = packages.find((name) => !/^[A-Za-z0-9][\w.+~-]*$/.test(name));
  if (odd !== undefined) throw new RangeError(`${odd} is no name of a package`);
  const remarks: string[] = [];
  if (packages.includes('nginx') && (family === 'debian' || family === 'ubuntu')) {
    remarks.push(
      'Installing nginx also starts its service on port 80; KernelOracle does not use that one. Stop it by `systemctl disable --now nginx`.',
    );
  }
  if (family === 'arch') {
    remarks.push(
      'Arch supports no installing into a system that is not up to date: run `pacman -Syu` before if that is long ago.',
    );
  }
  return { machine, packages, commands: COMMANDS[family](packages), remarks };
}

/** The commands as a user would type them as root. */
export function installText(plan: InstallPlan, rights: Rights): string {
  const prefix = rights === 'sudo' ? 'sudo ' : '';
  return plan.commands.map((argv) => `${prefix}${argv.map(quoteWord).join(' ')}`).join('\n');
}

export interface InstallOptions {
  /** What the commands print, as it comes; printable. */
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15 * 60_000;
/** Then the rest is read but not shown. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;

/**
 * Runs the commands of a plan, which the user agreed to before, and checks the machine again.
 * Failures: `remote-failed` (a command failed), `timed-out`, `cancelled`, `connection-lost`.
 */
export async function installMissing(
  connection: Connection,
  context: RemoteContext,
  plan: InstallPlan,
  options: InstallOptions,
): Promise<PreflightReport> {
  await runInstall(connection, plan, options);
  return runPreflight(connection, context, options.signal);
}

/** The same without the check of the machine. */
export async function runInstall(
  connection: Connection,
  plan: InstallPlan,
  options: InstallOptions,
): Promise<void> {
  const rights = await rootRights(connection, options.signal);
  for (const argv of plan.commands) {
    options.onOutput(`# ${argv.map(quoteWord).join(' ')}\n`);
    const exit = await runShown(connection, rights, argv, options);
    if (exit.code !== 0) {
      throw new Failure(
        'remote-failed',
        `\`${argv.map(quoteWord).join(' ')}\` failed on ${connection.destination} ` +
          `(${exit.signal === null ? `exit status ${exit.code ?? 'unknown'}` : `SIG${exit.signal}`}). ` +
          'What it printed says why; nothing after it was run.',
      );
    }
  }
}

async function runShown(
  connection: Connection,
  rights: Rights,
  argv: readonly string[],
  { onOutput, signal, timeoutMs = TIMEOUT_MS }: InstallOptions,
): Promise<RemoteExit> {
  const timer = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? timer : AbortSignal.any([timer, signal]);
  // A package manager that dies with its reader leaves a half-configured system: it goes on without one.
  const command = shellProgramWith(rights, `trap '' PIPE HUP; exec "$@" 2>&1 </dev/null`, argv);
  const process = await connection.start(command, stop);
  process.stdin.on('error', () => undefined);
  process.stdin.end();
  process.stderr.resume();
  const decoder = new StringDecoder('utf8');
  let shownBytes = 0;
  process.stdout.on('data', (chunk: Buffer) => {
    if (shownBytes > MAX_SHOWN_BYTES) return;
    shownBytes += chunk.length;
    onOutput(
      shownBytes > MAX_SHOWN_BYTES
        ? '… the rest is not shown.\n'
        : printableText(decoder.write(chunk), chunk.length),
    );
  });
  const interrupted = new Promise<never>((_resolve, reject) => {
    const interrupt = () => {
      const why = signal?.aborted === true ? 'was cancelled' : `took longer than ${timeoutMs / 60_000} min`;
      reject(
        new Failure(
          signal?.aborted === true ? 'cancelled' : 'timed-out',
          `Installing on ${connection.destination} ${why}. The package manager may still be at work there.`,
        ),
      );
    };
    if (stop.aborted) interrupt();
    else stop.addEventListener('abort', interrupt, { once: true });
  });
  try {
    return await Promise.race([process.exit, interrupted]);
  } catch (error) {
    process.close();
    throw error;
  }
}
