/** A model in the kernel of a test machine: put there, asked, changed and removed. `planDeployment.ts` says before what will be done. */
import { Failure } from '../../base/errors.js';
import type { DeployedMode, DeployedModel, DeployedStatus } from '../../protocol/deployment.js';
import type { Connection } from '../connection.js';
import { runInstall } from '../preflight/install.js';
import type { RemoteContext } from '../remoteContext.js';
import type { DeploymentRecord, ToldStatus } from './deployedStatus.js';
import { archiveOf, MAX_SWAP_BYTES, readBounded, readSwap } from './emittedFolder.js';
import { NO_COMPLAINTS } from './kernelTrouble.js';
import { askStatus, onKernel, watchKernel, type DeployContext } from './kernelStep.js';
import { callProgram, newDeploymentId, type ToldFacts } from './machineProgram.js';
import {
  emittedFor,
  planDeployment,
  watchSeconds,
  type DeploymentPlan,
  type DeploymentRequest,
  type StepKind,
} from './planDeployment.js';

export { planDeployment, type DeployContext, type DeploymentPlan, type DeploymentRequest };

/** A step of a deployment that begins now. */
export interface DeploymentStep {
  /** From 1. */
  readonly number: number;
  readonly count: number;
  /** One of the plan's sentences. */
  readonly text: string;
}

export interface DeployOptions {
  readonly onStep?: ((step: DeploymentStep) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Another model of the same shape, for what is deployed. */
export interface DeployedSwap {
  /** `model.swap` on our disk. */
  readonly swapFile: string;
  readonly model: DeployedModel;
}

const BUILD_LIMIT_S = 300;
const CHECK_LIMIT_S = 120;
/** Loading, another mode, a swap: `deploy.sh` gives each 120 s, waits for another that is at work, and takes back what failed. */
const KERNEL_LIMIT_MS = 330_000;

/** Brings what packages bring of what a plan misses, which the user agreed to, and plans again. */
export async function installForDeployment(
  connection: Connection,
  context: DeployContext,
  plan: DeploymentPlan,
  options: { readonly onOutput: (text: string) => void; readonly signal?: AbortSignal },
): Promise<DeploymentPlan> {
  if (plan.install !== null) await runInstall(connection, plan.install, options);
  return planDeployment(connection, context, plan, options.signal);
}

/**
 * Does what a plan says, which the user agreed to. What was deployed before makes room, once the new one is compiled. When a step
 * fails, what is not whole is removed by the next deployment or removal.
 * Failures: `remote-failed` (a step failed, with the reason; the machine was started anew meanwhile; its kernel complains),
 * `wrong-usage` (something is missing there), `timed-out` and `connection-lost` (it may have crashed: the message says at what),
 * `cancelled`, those of `planDeployment`.
 */
export async function deploy(
  connection: Connection,
  context: DeployContext,
  plan: DeploymentPlan,
  { onStep, signal }: DeployOptions = {},
): Promise<DeployedStatus> {
  requireNothingMissing(plan);
  const work = new Deployment(connection, context, plan, signal);
  for (const [at, kind] of plan.stepKinds.entries()) {
    onStep?.({ number: at + 1, count: plan.stepKinds.length, text: plan.steps[at] ?? kind });
    await work.step(kind);
  }
  return work.watched ?? deploymentStatus(connection, context, signal);
}

function requireNothingMissing({ missing, machine }: DeploymentPlan): void {
  if (missing.length === 0) return;
  const things = missing.map(({ what, advice }) => `${what} (${advice})`).join('; ');
  throw new Failure('wrong-usage', `${machine} lacks ${things}`);
}

/** One that is under way. */
class Deployment {
  readonly #id = newDeploymentId();
  #put: ToldFacts | undefined;
  #watched: ToldStatus | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly context: DeployContext,
    private readonly plan: DeploymentPlan,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** As it was at the last look. */
  get watched(): DeployedStatus | undefined {
    return this.#watched?.status;
  }

  async step(kind: StepKind): Promise<void> {
    switch (kind) {
      case 'put': {
        const { files } = await emittedFor(this.plan, this.context);
        const input = await archiveOf(files, this.#id);
        this.#put = await this.#call('Writing the files', ['put', this.#id], 120_000, input);
        break;
      }
      case 'build':
        await this.#part('Compiling', 'build', BUILD_LIMIT_S);
        break;
      case 'retire':
        await onKernel(this.connection, 'what was deployed before was removed', () =>
          this.#call('Removing what was deployed before', ['retire'], KERNEL_LIMIT_MS),
        );
        break;
      case 'check':
        await onKernel(this.connection, 'the model was tried there', () =>
          this.#part('Trying the model', 'check', CHECK_LIMIT_S),
        );
        break;
      case 'start':
        await this.#start();
        break;
      case 'watch':
        await this.#watch();
        break;
    }
  }

  async #start(): Promise<void> {
    const record = JSON.stringify(this.#record());
    await onKernel(this.connection, 'the model was being loaded into its kernel', () =>
      this.#call('Loading the model', ['start', this.#id, this.plan.mode, record], KERNEL_LIMIT_MS),
    );
  }

  async #watch(): Promise<void> {
    // All complaints since the deployment began count: none of them is older.
    const clean = { ...this.plan.deployed, trouble: [] };
    const before: ToldStatus = { status: clean, record: null, complaints: NO_COMPLAINTS, hasPart: false };
    const since = 'Since the model was loaded';
    const looks = watchSeconds(this.plan.mode);
    const options = { looks, since, signal: this.signal };
    this.#watched = await watchKernel(this.connection, this.context, before, options);
  }

  #part(what: string, word: string, seconds: number): Promise<ToldFacts> {
    // Somebody else's step may have to end before.
    return this.#call(what, ['part', this.#id, String(seconds), word], (seconds + 60) * 1000);
  }

  async #call(
    what: string,
    args: readonly [string, ...string[]],
    timeoutMs: number,
    input?: Buffer,
  ): Promise<ToldFacts> {
    const call = { what, args, timeoutMs, signal: this.signal, ...(input === undefined ? {} : { input }) };
    const facts = await callProgram(this.connection, this.context, call);
    const bootId = facts.get('boot.id');
    if (bootId !== this.plan.deployed.bootId) {
      throw new Failure(
        'remote-failed',
        `${this.plan.machine} was started anew since the deployment was planned, at the latest while this was done: ${what.toLowerCase()}. ` +
          'It may have crashed; see the status of the deployed model, and plan again.',
      );
    }
    return facts;
  }

  #record(): DeploymentRecord {
    const at = this.context.now().toISOString();
    return {
      ...{ format: 'kernel-oracle-deployment', version: 1 },
      ...{ id: this.#id, way: this.plan.way, model: { ...this.plan.model, at }, at },
      bootId: this.plan.deployed.bootId,
      marked: this.#put?.get('marked') === 'yes' ? 'yes' : 'no',
      tainted: this.#put?.get('tainted') ?? '',
    };
  }
}

/** What is deployed there, asked now. Failures: `bad-input` (it tells nonsense of itself), and those of a command there. */
export async function deploymentStatus(
  connection: Connection,
  context: DeployContext,
  signal?: AbortSignal,
): Promise<DeployedStatus> {
  return (await askStatus(connection, context, signal)).status;
}

/**
 * Another mode, and a look at the kernel for some seconds afterwards: when it complains, the model is switched off.
 * Failures: `not-found` (no model is in the kernel there), `remote-failed`, `timed-out` and `connection-lost` (it may have crashed).
 */
export async function setDeployedMode(
  connection: Connection,
  context: DeployContext,
  mode: DeployedMode,
  signal?: AbortSignal,
): Promise<DeployedStatus> {
  const before = await running(connection, context, signal);
  const call = {
    what: `The mode ${mode}`,
    args: ['mode', mode] as const,
    timeoutMs: KERNEL_LIMIT_MS,
    signal,
  };
  await onKernel(connection, `the mode ${mode} was being set`, () => callProgram(connection, context, call));
  const options = { looks: watchSeconds(mode), since: `Since the mode is ${mode}`, signal };
  return (await watchKernel(connection, context, before, options)).status;
}

/**
 * Changes the model without unloading it; when it is refused, the one that decides stays. Counts begin anew.
 * Failures: `not-found`, `bad-input` (the file), `remote-failed` (refused there, with the reason), `timed-out`, `connection-lost`.
 */
export async function swapDeployed(
  connection: Connection,
  context: DeployContext,
  { swapFile, model }: DeployedSwap,
  signal?: AbortSignal,
): Promise<DeployedStatus> {
  const input = await readBounded(swapFile, MAX_SWAP_BYTES);
  const before = await running(connection, context, signal);
  // A kernel whose model is built in was never deployed to: there is no record to keep.
  const record =
    before.record === null
      ? ''
      : JSON.stringify({ ...before.record, model: { ...model, at: context.now().toISOString() } });
  const call = { what: 'Swapping the model', args: ['swap', record] as const, timeoutMs: KERNEL_LIMIT_MS };
  await onKernel(connection, 'the model was being swapped', () =>
    callProgram(connection, context, { ...call, input, signal }),
  );
  const looks = watchSeconds(before.status.stats?.mode ?? 'shadow');
  return (await watchKernel(connection, context, before, { looks, since: 'Since the swap', signal })).status;
}

/**
 * Takes it out of the kernel and off the disk; also what a deployment that broke off has left. Not an error when nothing is there.
 * Failures: `remote-failed` (with the reason; then it is still there), `timed-out` and `connection-lost` (it may have crashed).
 */
export async function removeDeployment(
  connection: Connection,
  context: DeployContext,
  signal?: AbortSignal,
): Promise<DeployedStatus> {
  const call = { what: 'Removing the model', args: ['remove'] as const, timeoutMs: KERNEL_LIMIT_MS, signal };
  await onKernel(connection, 'the model was being removed', () => callProgram(connection, context, call));
  return deploymentStatus(connection, context, signal);
}

/** What a swap takes of an emitted folder. Failures: `bad-input` (not one for a kernel), `read-failed`. */
export async function swapOf(emitted: string, { now }: RemoteContext): Promise<DeployedSwap> {
  const { swapFile, model } = await readSwap(emitted, now());
  return { swapFile, model };
}

async function running(
  connection: Connection,
  context: DeployContext,
  signal: AbortSignal | undefined,
): Promise<ToldStatus> {
  const told = await askStatus(connection, context, signal, 'wait');
  if (told.status.state === 'running') return told;
  const why = {
    none: 'none was deployed. Deploy one.',
    missing: 'it is gone, though the machine was not started anew. Deploy it again.',
    rebooted: 'the machine was started anew since it was deployed. Deploy it again.',
  }[told.status.state];
  throw new Failure('not-found', `There is no model in the kernel of ${connection.destination}: ${why}`);
}
