import { isFailure, messageOf, type Failure } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import { runCommand } from '../runCommand.js';
import { shellProgramWith, type Rights } from '../shellCommand.js';
import { benchmarkRemarks } from './benchmarkRemarks.js';
import { check, failed, passed, unknown, type Check } from './check.js';
import { measureClock } from './clock.js';
import { NO_FACTS, parseFactLines, type FactLines } from './factLines.js';
import { machineFacts, SCHED_EVENTS, SCHEDSTAT_EVENTS, type MachineFacts } from './facts.js';
import { TOOLS } from './packages.js';
import { migrationChecks } from './migrationChecks.js';
import { systemChecks } from './systemChecks.js';
import { toolChecks } from './toolChecks.js';
import { tracingChecks } from './tracingChecks.js';

export interface PreflightReport {
  /** `user@host` */
  readonly machine: string;
  /** ISO 8601 */
  readonly checkedAt: string;
  readonly facts: MachineFacts;
  readonly checks: readonly Check[];
}

/** perf and bpftrace are tried there, each with a limit of its own. */
const ROOT_LIMITS = { timeoutMs: 150_000, maxOutputBytes: 1024 * 1024 };
const OWN_LIMITS = { timeoutMs: 120_000, maxOutputBytes: 1024 * 1024 };

/**
 * Looks at a machine: what it is, what it allows, what it has. Changes nothing there.
 * Failures: `connection-lost`, `timed-out`, `cancelled`, `too-large` (a machine that prints without end).
 */
export async function runPreflight(
  connection: Connection,
  context: RemoteContext,
  signal?: AbortSignal,
  options: PreflightOptions = {},
): Promise<PreflightReport> {
  const limits = signal === undefined ? {} : { signal };
  const names = TOOLS.map(({ name }) => name);
  const own = await factsOf(connection, context, 'own', 'preflight', names, { ...OWN_LIMITS, ...limits });
  const { rights, refusal } = await rightsThere(connection, signal);
  let root: FactLines | null = null;
  if (rights !== null) {
    const args = [options.tracefsFolder ?? '', ...SCHED_EVENTS, ...SCHEDSTAT_EVENTS];
    root = await factsOf(connection, context, rights, 'preflight-root', args, { ...ROOT_LIMITS, ...limits });
  }
  const clock = await measureClock(connection, () => context.now().getTime(), signal);
  const facts = machineFacts({ own, root, rights, rightsRefusal: refusal, clock });
  return report(connection.destination, context, facts);
}

export interface PreflightOptions {
  /** Where tracefs is; undefined: where the machine has it mounted. */
  readonly tracefsFolder?: string;
}

/** The same list of checks for a machine that could not be reached, with the reason at the one where it ended. */
export function unreachableReport(machine: string, context: RemoteContext, why: Failure): PreflightReport {
  const nothing = machineFacts({ own: NO_FACTS, root: null, rights: null, rightsRefusal: null, clock: null });
  const isReached = why.code === 'authentication-failed';
  const unasked = unknown('the machine could not be asked');
  return {
    machine,
    checkedAt: context.now().toISOString(),
    facts: nothing,
    checks: [
      check(
        'reachable',
        'Reachable',
        ['everything'],
        isReached
          ? passed('it answers')
          : failed(
              why.message,
              why.code === 'host-key-refused'
                ? 'Make sure that this is the machine you mean before you change known_hosts.'
                : 'Look at the name, the port and the network: `ssh -v HOST` says where it ends.',
            ),
      ),
      check(
        'authenticated',
        'Authenticated',
        ['everything'],
        isReached
          ? failed(why.message, 'Put your public key into ~/.ssh/authorized_keys there (`ssh-copy-id HOST`).')
          : unasked,
      ),
      ...allChecks(nothing).map((each) => ({ ...each, ...unasked })),
    ],
  };
}

function report(machine: string, context: RemoteContext, facts: MachineFacts): PreflightReport {
  const login = facts.user.name === null ? 'logged in' : `logged in as ${facts.user.name}`;
  return {
    machine,
    checkedAt: context.now().toISOString(),
    facts,
    checks: [
      check('reachable', 'Reachable', ['everything'], passed(machine)),
      check('authenticated', 'Authenticated', ['everything'], passed(login)),
      ...allChecks(facts),
    ],
  };
}

/** All that is derived from facts. */
export function allChecks(facts: MachineFacts): readonly Check[] {
  return [
    ...systemChecks(facts),
    ...tracingChecks(facts),
    ...migrationChecks(facts),
    ...toolChecks(facts),
    ...benchmarkRemarks(facts),
  ];
}

async function factsOf(
  connection: Connection,
  context: RemoteContext,
  rights: Rights,
  program: string,
  args: readonly string[],
  limits: { timeoutMs: number; maxOutputBytes: number; signal?: AbortSignal },
): Promise<FactLines> {
  const command = shellProgramWith(rights, context.programs.text(program), args);
  const { stdout } = await runCommand(connection, 'Checking the machine', command, limits);
  return parseFactLines(stdout);
}

async function rightsThere(
  connection: Connection,
  signal?: AbortSignal,
): Promise<{ rights: Rights | null; refusal: string | null }> {
  try {
    return { rights: await rootRights(connection, signal), refusal: null };
  } catch (error) {
    if (!isFailure(error, 'remote-failed')) throw error;
    return { rights: null, refusal: messageOf(error) };
  }
}
