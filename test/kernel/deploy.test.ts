/** A module that decides in a real kernel, over SSH, from the plan to nothing left; and a machine that goes down meanwhile. */
import { expect, test } from 'vitest';
import {
  deploy,
  deploymentStatus,
  removeDeployment,
  setDeployedMode,
} from '../../src/remote/deploy/deployment.js';
import { DEPLOY_CONTEXT, Deploying } from './harness/deploying.js';
import { shell } from './harness/kernelMachine.js';

const deploying = new Deploying(['ebpf', 'module']);
// Minutes where other work shares the processors, a fraction of that elsewhere.
const PATIENT = { timeout: 600_000 };

test(
  'a module: planned, built and loaded there, asked, swapped, off and on again, active, removed: nothing is left',
  PATIENT,
  async (context) => {
    await deploying.wholeLife('module', context);
    await deploying.decides();
    await deploying.removed();
  },
);

test(
  'a machine that goes down is told of: while it was at work, and afterwards',
  PATIENT,
  async (context) => {
    const planned = await deploying.plan('ebpf', 'off', context);
    await deploy(deploying.root, DEPLOY_CONTEXT, planned);
    const soon = await deploying.machine.connect();
    await shell(
      soon,
      'echo 1 >/proc/sys/kernel/panic; sync; (sleep 2; echo c >/proc/sysrq-trigger) >/dev/null 2>&1 &',
    );
    const patient = { ...DEPLOY_CONTEXT, watch: { looks: 100, intervalMs: 200 } };
    await expect(setDeployedMode(deploying.root, patient, 'shadow')).rejects.toMatchObject({
      message: expect.stringMatching(/its kernel (was watched|may have crashed)/) as string,
    });
    deploying.root = await deploying.machine.connect();
    const status = await deploymentStatus(deploying.root, DEPLOY_CONTEXT);
    expect(status).toMatchObject({ state: 'rebooted', way: 'ebpf', model: { run: 'first' }, stats: null });
    expect(status.bootId).not.toBe(planned.deployed.bootId);
    expect(await removeDeployment(deploying.root, DEPLOY_CONTEXT)).toMatchObject({ state: 'none' });
  },
);
