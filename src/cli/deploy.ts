import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../base/errors.js';
import { readNeuralCfsRun } from '../learning/migrations/runs/runFolder.js';
import { emitRun } from '../libml/emit/emitRun.js';
import { deployedFigures } from '../protocol/deployedFigures.js';
import type { DeployedMode, DeployedStatus, DeployedWay } from '../protocol/deployment.js';
import type { Connection } from '../remote/connection.js';
import {
  deploy,
  deploymentStatus,
  installForDeployment,
  planDeployment,
  removeDeployment,
  setDeployedMode,
  swapDeployed,
  swapOf,
  type DeploymentPlan,
} from '../remote/deploy/deployment.js';
import type { RemoteContext } from '../remote/remoteContext.js';
import { planLines, statusLines } from './deployText.js';
import { Interruption, remoteContext, withMachines, type MachineOptions } from './machines.js';
import { printLines, toJson } from './output.js';
import { TerminalPrompter } from './terminalPrompter.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface DeployOutputOptions extends MachineOptions {
  readonly json?: boolean;
}

export interface DeployConsentOptions extends DeployOutputOptions {
  /** Consent without being asked. */
  readonly yes?: boolean;
}

export interface DeployRunOptions extends DeployConsentOptions {
  readonly as: Exclude<DeployedWay, 'patched'>;
  readonly mode: DeployedMode;
  readonly bits?: '8' | '16' | '32';
}

type Work = (connection: Connection, context: RemoteContext, signal: AbortSignal) => Promise<DeployedStatus>;

/** `deploy run MACHINE RUN --as WAY`: shows what will be done, asks, does it. Nothing was agreed to: `cancelled`. */
export async function deployRun(name: string, run: string, options: DeployRunOptions): Promise<void> {
  const { as: way, mode, bits } = options;
  await onMachine(name, 'Deploying', options, (connection, context, signal) =>
    withEmitted(run, way, bitsOf(bits), signal, async (emitted) => {
      const plan = await planDeployment(connection, context, { way, mode, emitted }, signal);
      sayLines(planLines(plan));
      const possible = await withNothingMissing(connection, context, plan, options, signal);
      await requireConsent('Deploy it?', options);
      return deploy(connection, context, possible, {
        onStep: ({ number, count, text }) => say(`[${number}/${count}] ${text}`),
        signal,
      });
    }),
  );
}

async function withNothingMissing(
  connection: Connection,
  context: RemoteContext,
  plan: DeploymentPlan,
  options: DeployConsentOptions,
  signal: AbortSignal,
): Promise<DeploymentPlan> {
  if (plan.missing.length === 0 || plan.install === null) return plan;
  await requireConsent('Install what is missing?', options);
  const onOutput = (text: string) => process.stderr.write(text);
  const after = await installForDeployment(connection, context, plan, { onOutput, signal });
  sayLines(planLines(after));
  return after;
}

/** `deploy status MACHINE` */
export function deployStatus(name: string, options: DeployOutputOptions): Promise<void> {
  return onMachine(name, 'Asking for the deployed model', options, deploymentStatus);
}

/** `deploy mode MACHINE MODE`; active is asked for. */
export function deployMode(name: string, mode: DeployedMode, options: DeployConsentOptions): Promise<void> {
  return onMachine(name, `Mode ${mode}`, options, async (connection, context, signal) => {
    if (mode === 'active') {
      const warning = 'The model will take part in deciding where every process of it runs.';
      await requireConsent(`${connection.destination}: ${warning} Let it?`, options);
    }
    return setDeployedMode(connection, context, mode, signal);
  });
}

/** `deploy swap MACHINE RUN`: emitted for what is deployed there, in the same form. */
export function deploySwap(name: string, run: string, options: DeployOutputOptions): Promise<void> {
  return onMachine(name, 'Swapping the model', options, async (connection, context, signal) => {
    const { way, model, machine } = await deploymentStatus(connection, context, signal);
    if (way === null) {
      throw new Failure(
        'not-found',
        `There is no model in the kernel of ${machine}: deploy one (deploy run).`,
      );
    }
    const bits = model?.bits ?? undefined;
    return withEmitted(run, way === 'patched' ? 'module' : way, bits, signal, async (emitted) =>
      swapDeployed(connection, context, await swapOf(emitted, context), signal),
    );
  });
}

/** `deploy remove MACHINE` */
export function deployRemove(name: string, options: DeployOutputOptions): Promise<void> {
  return onMachine(name, 'Removing the model', options, removeDeployment);
}

/** Does it on the machine, and prints the status afterwards. */
async function onMachine(
  name: string,
  what: string,
  options: DeployOutputOptions,
  work: Work,
): Promise<void> {
  const context = remoteContext();
  // Nothing is finished halfway: the first Ctrl+C drops it, and what is not whole is removed by the next deployment.
  const interruption = new Interruption(() => say('Stopping; what was begun there ends on its own.'));
  try {
    await withMachines([name], options, ([machine]) =>
      machine!.run(
        what,
        async (connection, signal) => {
          const status = await work(connection, context, signal);
          await printLines(options.json === true ? [toJson(jsonOf(status))] : statusLines(status));
        },
        AbortSignal.any([interruption.stop, interruption.cancel]),
      ),
    );
  } finally {
    interruption.dispose();
  }
}

/** The status with what follows from its counts; without a record of the model none does that depends on its experiment. */
function jsonOf(status: DeployedStatus): unknown {
  const { stats, model } = status;
  return {
    ...status,
    figures: stats === null || model === null ? null : deployedFigures(stats, model.experiment),
  };
}

async function withEmitted<T>(
  run: string,
  target: 'ebpf' | 'module',
  bits: 8 | 16 | 32 | undefined,
  signal: AbortSignal,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const trained = await readNeuralCfsRun(run);
  const parent = await mkdtemp(join(tmpdir(), 'kernel-oracle-deploy-'));
  try {
    const output = join(parent, 'emitted');
    await emitRun(trained, {
      ...{ target, output, replace: false, signal },
      // A tree has no weights to choose for.
      bits: trained.model.body.kind === 'tree' ? undefined : bits,
      name: basename(resolve(run)),
      library: fileURLToPath(new URL('../media/libml', import.meta.url)),
      kernelOracleVersion: packageJson.version,
    });
    return await work(output);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function requireConsent(question: string, { yes }: DeployConsentOptions): Promise<void> {
  if (yes === true) return;
  let agreed: boolean;
  try {
    agreed = await new TerminalPrompter().consent(question);
  } catch (error) {
    throw new Failure('cancelled', `There is no terminal to ask on: ${question} Consent with --yes.`, {
      cause: error,
    });
  }
  if (!agreed) throw new Failure('cancelled', 'Nothing was done: there was no consent.');
}

function bitsOf(bits: DeployRunOptions['bits']): 8 | 16 | 32 | undefined {
  return bits === undefined ? undefined : ({ '8': 8, '16': 16, '32': 32 } as const)[bits];
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function sayLines(lines: Iterable<string>): void {
  for (const line of lines) say(line);
}
