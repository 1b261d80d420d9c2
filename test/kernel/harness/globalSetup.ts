/** One virtual machine for the whole run. */
import type { TestProject } from 'vitest/node';
import { ensureKernelMachineImage, KERNEL_MACHINE_DISK } from '../../../scripts/lib/kernel-machine-image.mjs';
import { startKernelMachine } from '../../../scripts/lib/kernel-machine.mjs';
import { CPUS } from './kernelMachine.js';

const BOOT_LIMIT_MS = 300_000;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // One that `node scripts/kernel-machine.mjs` has started: for working at a test.
  const running = process.env['KERNEL_MACHINE'];
  if (running !== undefined) {
    const [port, monitorSocket] = running.split(',');
    project.provide('kernelMachine', { port: Number(port), monitorSocket: monitorSocket! });
    return () => Promise.resolve();
  }
  await ensureKernelMachineImage();
  const begun = performance.now();
  const machine = await startKernelMachine({ disk: KERNEL_MACHINE_DISK, cpus: CPUS });
  try {
    await machine.waitFor('ssh', BOOT_LIMIT_MS);
  } catch (error) {
    await machine.stop();
    throw error;
  }
  console.log(`The kernel machine answers after ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  project.provide('kernelMachine', { port: machine.port, monitorSocket: machine.monitorSocket });
  return machine.stop;
}
