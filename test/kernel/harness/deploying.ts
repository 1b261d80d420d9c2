/** Deploying models over SSH to a real kernel, from the plan to nothing left: what the tests of every way share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, type TestContext } from 'vitest';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import { emitRun } from '../../../src/libml/emit/emitRun.js';
import { deployedFigures } from '../../../src/protocol/deployedFigures.js';
import type { DeployedMode } from '../../../src/protocol/deployment.js';
import type { Connection } from '../../../src/remote/connection.js';
import {
  deploy,
  deploymentStatus,
  planDeployment,
  removeDeployment,
  setDeployedMode,
  swapDeployed,
  swapOf,
  type DeployContext,
  type DeploymentPlan,
} from '../../../src/remote/deploy/deployment.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { CONTEXT, KernelMachine, shell, stateOf } from './kernelMachine.js';

type Way = 'ebpf' | 'module';

const LIBRARY = fileURLToPath(new URL('../../../media/libml', import.meta.url));
export const DEPLOY_CONTEXT: DeployContext = { ...CONTEXT, watch: { looks: 2, intervalMs: 1000 } };

/** What a deployment may leave. */
const LEFT = `ls /var/lib/kernel-oracle /sys/fs/bpf/kernel-oracle /sys/kernel/kernel_oracle 2>/dev/null; lsmod | grep kernel_oracle || true`;

/** Two models of one shape, and a machine to which they go. One a test file. */
export class Deploying {
  readonly machine = new KernelMachine();
  readonly #folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-deploy-'));
  root!: Connection;
  #before = '';

  /** Makes the models, and takes away after each test what it left. */
  constructor(readonly ways: readonly Way[]) {
    beforeAll(async () => {
      for (const [at, name] of (['first', 'second'] as const).entries()) await this.#emit(name, at + 1);
      this.root = await this.machine.connect();
      this.#before = await this.#left();
    });
    afterEach(async () => {
      await removeDeployment(this.root, DEPLOY_CONTEXT);
    });
    afterAll(() => {
      this.machine.dispose();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  async #emit(name: string, seed: number): Promise<void> {
    const run = join(this.#folder, name);
    const set = await setOf({ smp4_alpha: drawnCalls(700, seed) });
    await writeNeuralCfsRun(await newRun(set, 'logistic'), { path: run, replace: false });
    for (const target of this.ways) {
      await emitRun(await readNeuralCfsRun(run), {
        ...{ name, output: this.emitted(name, target), replace: false, library: LIBRARY },
        ...{ target, kernelOracleVersion: '0.0.0-test' },
      });
    }
  }

  emitted(name: string, way: Way): string {
    return join(this.#folder, `${name}-${way}`);
  }

  /** Of the first model. A machine that lacks something skips the test, loudly. */
  async plan(way: Way, mode: DeployedMode, context: TestContext): Promise<DeploymentPlan> {
    const emitted = this.emitted('first', way);
    const planned = await planDeployment(this.root, DEPLOY_CONTEXT, { way, mode, emitted });
    if (planned.missing.length > 0) {
      const things = planned.missing.map(({ what }) => what).join(', ');
      context.skip(`the machine lacks ${things}: make its disk anew (npm run kernel-machine -- --reset)`);
    }
    return planned;
  }

  load(): Promise<string> {
    return shell(this.root, 'hackbench -p -g 2 -l 50 >/dev/null');
  }

  async calls(): Promise<number> {
    const { stats, model } = await deploymentStatus(this.root, DEPLOY_CONTEXT);
    return deployedFigures(stats!, model!.experiment).calls;
  }

  /** Loaded, asked, swapped, off and on again. */
  async wholeLife(way: Way, context: TestContext): Promise<void> {
    const { root } = this;
    const first = await deploy(root, DEPLOY_CONTEXT, await this.plan(way, 'shadow', context));
    expect(first).toMatchObject({ state: 'running', way, model: { run: 'first' }, trouble: [] });
    expect(first.stats).toMatchObject({ mode: 'shadow', swaps: 0, selfTest: 'passed' });
    await this.load();
    const loaded = (await deploymentStatus(root, DEPLOY_CONTEXT)).stats!;
    const figures = deployedFigures(loaded, 3);
    expect(figures.calls).toBeGreaterThan(20);
    expect(figures.modelNs).toBeGreaterThan(0);
    expect(loaded.forcedBy).not.toBe('nothing');

    const swap = await swapOf(this.emitted('second', way), DEPLOY_CONTEXT);
    const swapped = await swapDeployed(root, DEPLOY_CONTEXT, swap);
    expect(swapped).toMatchObject({ model: { run: 'second' }, stats: { swaps: 1, mode: 'shadow' } });
    expect(swapped.model!.wordsSha256).not.toBe(first.model!.wordsSha256);

    expect((await setDeployedMode(root, DEPLOY_CONTEXT, 'off')).stats!.mode).toBe('off');
    const still = await this.calls();
    await this.load();
    expect(await this.calls()).toBe(still);
    await setDeployedMode(root, DEPLOY_CONTEXT, 'shadow');
    await this.load();
    expect(await this.calls()).toBeGreaterThan(still);
  }

  /** The model takes part in deciding, and is asked in the shadow again. */
  async decides(): Promise<void> {
    const { root } = this;
    const before = await this.calls();
    expect((await setDeployedMode(root, DEPLOY_CONTEXT, 'active')).stats!.mode).toBe('active');
    await this.load();
    expect(await this.calls()).toBeGreaterThan(before);
    expect(await deploymentStatus(root, DEPLOY_CONTEXT)).toMatchObject({
      stats: { mode: 'active', selfTest: 'passed' },
      trouble: [],
    });
    expect((await setDeployedMode(root, DEPLOY_CONTEXT, 'shadow')).stats!.mode).toBe('shadow');
  }

  /** Removed, with nothing left. */
  async removed(): Promise<void> {
    expect(await removeDeployment(this.root, DEPLOY_CONTEXT)).toMatchObject({ state: 'none', stats: null });
    expect(await this.#left()).toBe(this.#before);
  }

  async #left(): Promise<string> {
    return `${await stateOf(this.root)}${await shell(this.root, LEFT)}`;
  }
}
