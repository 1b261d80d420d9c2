/** What deploying a model would do to a machine, as sentences that a user can agree to. */
import { Failure } from '../../base/errors.js';
import type { DeployedMode, DeployedModel, DeployedStatus, DeployedWay } from '../../protocol/deployment.js';
import type { Connection } from '../connection.js';
import { parseOsRelease, type PackageFamily } from '../preflight/distribution.js';
import { installText, packagesPlan, type InstallPlan } from '../preflight/install.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import { statusFrom, type ToldStatus } from './deployedStatus.js';
import { archiveOf, isFor, readEmitted, type EmittedForKernel } from './emittedFolder.js';
import { callProgram, newDeploymentId, type ToldFacts } from './machineProgram.js';
import { parseNeeds, type MissingThing } from './needs.js';

export interface DeploymentRequest {
  readonly way: DeployedWay;
  readonly mode: DeployedMode;
  /** Folder on our disk that `emitRun` wrote for that way. */
  readonly emitted: string;
}

/** What would be done to a machine, for the user to agree to. Plain data. */
export interface DeploymentPlan extends DeploymentRequest {
  readonly machine: string;
  /** `uname -r` */
  readonly kernel: string;
  readonly model: DeployedModel;
  /** Sentences, in the order in which they will be done: `Compiles …`. */
  readonly steps: readonly string[];
  /** What each of them is. */
  readonly stepKinds: readonly StepKind[];
  /** Empty: it can be deployed. */
  readonly missing: readonly MissingThing[];
  /** What brings those of them that packages bring; null: nothing, or the distribution is unknown. */
  readonly install: InstallPlan | null;
  /** The same, as a user would type it; empty without one. */
  readonly installText: string;
  readonly warnings: readonly string[];
  /** What is there already. */
  readonly deployed: DeployedStatus;
}

export type StepKind = 'put' | 'build' | 'retire' | 'check' | 'start' | 'watch';

interface PlannedStep {
  readonly kind: StepKind;
  readonly text: string;
}

/** Where it is kept on a machine; `deploy.sh` decides. */
export const DEPLOYED_FOLDER = '/var/lib/kernel-oracle/deployed';
const LITTLE_SPACE_KB = 64 * 1024;

/**
 * What would be done to the machine, from facts read there; changes nothing: what asks for them is unpacked into a temporary folder
 * that is removed at once.
 * Failures: `wrong-usage` (eBPF cannot decide), `bad-input` (the folder is none for that way), `read-failed`, `too-large`,
 * `remote-failed` (no root rights), `timed-out`, `cancelled`, `connection-lost`.
 */
export async function planDeployment(
  connection: Connection,
  context: RemoteContext,
  request: DeploymentRequest,
  signal?: AbortSignal,
): Promise<DeploymentPlan> {
  const { way, mode } = request;
  if (way === 'ebpf' && mode === 'active') {
    throw new Failure(
      'wrong-usage',
      'A program of eBPF can only watch can_migrate_task(): deploy it in shadow, or deploy the module.',
    );
  }
  const emitted = await emittedFor(request, context);
  const input = await archiveOf(emitted.files, newDeploymentId());
  const call = { what: 'Looking at the machine', args: ['look'] as const, input, timeoutMs: 120_000, signal };
  const facts = await callProgram(connection, context, call);
  const told = statusFrom(facts, connection.destination);
  const distribution = parseOsRelease(facts.get('os-release') ?? '');
  const missing = parseNeeds(facts.get('control.output') ?? '', distribution, told.status.kernel);
  const family = distribution?.family ?? null;
  const steps = stepsOf(request, emitted, told);
  return {
    ...request,
    machine: connection.destination,
    kernel: told.status.kernel,
    model: emitted.model,
    steps: steps.map(({ text }) => text),
    stepKinds: steps.map(({ kind }) => kind),
    missing,
    ...(await installOf(connection, missing, family, signal)),
    warnings: [...warningsOf(request, facts, told)],
    deployed: told.status,
  };
}

/** The folder of a request. Failures: `bad-input` when it is not for that way, and those of `readEmitted`. */
export async function emittedFor(
  { emitted, way }: DeploymentRequest,
  { now }: RemoteContext,
): Promise<EmittedForKernel> {
  const read = await readEmitted(emitted, now());
  if (isFor(read.target, way)) return read;
  throw new Failure(
    'bad-input',
    `${emitted} was emitted for the target ${printableText(read.target, 40)} and cannot be deployed as ${way}. Emit the run anew.`,
  );
}

async function installOf(
  connection: Connection,
  missing: readonly MissingThing[],
  family: PackageFamily | null,
  signal: AbortSignal | undefined,
): Promise<Pick<DeploymentPlan, 'install' | 'installText'>> {
  const names = missing.flatMap(({ packages }) => packages ?? []);
  const install = packagesPlan(connection.destination, family, names) ?? null;
  return {
    install,
    installText: install === null ? '' : installText(install, await rootRights(connection, signal)),
  };
}

const BUILT: Readonly<Record<DeployedWay, string>> = {
  ebpf: 'the program of eBPF and its loader',
  module: 'the module kernel_oracle.ko',
  patched: 'what speaks with the model of the patched kernel',
};

const STARTED: Readonly<Record<DeployedWay, string>> = {
  ebpf: 'Loads the program into the kernel',
  module: 'Loads the module into the kernel',
  patched: 'Gives the model to the kernel',
};

const MODE_TEXTS: Readonly<Record<DeployedMode, string>> = {
  off: 'with the mode off: nothing hangs on can_migrate_task()',
  shadow:
    'in shadow: at every call of can_migrate_task() the model is asked, and what it says is counted beside what the kernel decides. It decides nothing',
  active:
    'and lets the model decide in can_migrate_task(), within the safety rule: it may refuse any migration, and allow one only where the kernel refused because the task was hot',
};

function stepsOf(
  { way, mode }: DeploymentRequest,
  { files }: EmittedForKernel,
  { status, hasPart }: ToldStatus,
): PlannedStep[] {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  const rest = hasPart ? ', in place of what an interrupted deployment left there' : '';
  const part = `${DEPLOYED_FOLDER}.part`;
  return [
    {
      kind: 'put',
      text: `Writes ${files.length} files (${Math.ceil(bytes / 1024)} KiB) to ${part}${rest}.`,
    },
    { kind: 'build', text: `Compiles ${BUILT[way]} there.` },
    ...(status.state === 'none' ? [] : [{ kind: 'retire' as const, text: retireText(status) }]),
    {
      kind: 'check',
      text: 'Asks the model, as it was compiled, about rows of which it is known what it has to say; it does not stay in the kernel.',
    },
    { kind: 'start', text: `Moves the folder to ${DEPLOYED_FOLDER}. ${STARTED[way]}, ${MODE_TEXTS[mode]}.` },
    { kind: 'watch', text: `Looks for ${watchSeconds(mode)} s whether the kernel is content with it.` },
  ];
}

/** How long a kernel is watched after a model began, in seconds. */
export function watchSeconds(mode: DeployedMode): number {
  return mode === 'active' ? 5 : mode === 'shadow' ? 2 : 1;
}

function retireText({ state, model, way }: DeployedStatus): string {
  if (way === 'patched' && model === null) return 'Switches the model off that the kernel was built with.';
  const what =
    model === null ? 'what is deployed there' : `the model of the run "${printableText(model.run, 100)}"`;
  const since =
    model === null ? '' : `, deployed on ${model.at.slice(0, 10)}${way === null ? '' : ` as ${way}`},`;
  return state === 'running'
    ? `Takes ${what}${since} out of the kernel and removes its folder.`
    : `Removes the folder of ${what}, which is in the kernel no more.`;
}

function* warningsOf(
  { way, mode }: DeploymentRequest,
  facts: ToldFacts,
  { status }: ToldStatus,
): Generator<string> {
  if (mode === 'active') {
    yield 'Active: the model takes part in deciding where every process of this machine runs. Do that on machines for tests only, never on one that others depend on.';
    if (facts.get('schedstats') === '0') {
      yield 'Scheduler statistics are off (kernel.sched_schedstats=0): the model will be able to refuse migrations, but to allow none, since without them the kernel does not tell that it refused for being hot. `sysctl kernel.sched_schedstats=1` switches them on.';
    }
    if (facts.get('virtualisation') === 'none') {
      yield 'It is no virtual machine, as far as it tells: a kernel that goes down takes the hardware with it until it is started again.';
    }
  }
  const lockdown = /\[(integrity|confidentiality)\]/.exec(facts.get('lockdown') ?? '')?.[1];
  if (lockdown !== undefined) {
    yield lockdown === 'confidentiality' || way === 'module'
      ? `The kernel is locked down (${lockdown}): it will refuse ${way === 'ebpf' ? 'programs of eBPF that read it' : 'a module that is not signed'}.`
      : `The kernel is locked down (${lockdown}).`;
  }
  if (way === 'module') {
    if (facts.get('signatures') === 'Y') yield 'The kernel takes signed modules only (module.sig_enforce).';
    yield 'The module is not signed: the kernel marks itself as tainted (O, E) until it is booted again. That changes nothing else.';
  }
  if (status.trouble.length > 0) {
    yield `The kernel complained since the model that is there was deployed: ${status.trouble[0]!}`;
  }
  const freeKb = Number(facts.get('free.kb') ?? Number.NaN);
  if (freeKb < LITTLE_SPACE_KB) yield `Only ${Math.floor(freeKb / 1024)} MiB are free in ${DEPLOYED_FOLDER}.`;
}
