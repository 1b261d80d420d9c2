/**
 * `node scripts/kernel-machine.mjs` starts the virtual machine of the kernel tests and says how to log in; Ctrl-C ends it
 * and forgets what was written there. `--build` only makes its disk, `--reset` makes it anew, `--cpus N`.
 */
import { rmSync } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import {
  ensureKernelMachineImage,
  KERNEL_MACHINE_DISK,
  KERNEL_MACHINE_KEY,
} from './lib/kernel-machine-image.mjs';
import { startKernelMachine } from './lib/kernel-machine.mjs';
import { runMain, say, ScriptError, secondsSince } from './lib/terminal.mjs';

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      build: { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      cpus: { type: 'string', default: '8' },
    },
  });
  const cpus = Number(values.cpus);
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > 64) throw new ScriptError('--cpus takes 1 to 64.');
  if (values.reset) rmSync(KERNEL_MACHINE_DISK, { force: true });
  await ensureKernelMachineImage();
  if (values.build) return;
  const begun = performance.now();
  const machine = await startKernelMachine({ disk: KERNEL_MACHINE_DISK, cpus });
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  try {
    await machine.waitFor('ssh', 300_000);
    say(
      `It answers after ${secondsSince(begun)}. Log in as root, tracer (sudo without a password) or guest:`,
    );
    const anyKey = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null';
    say(`  ssh -i ${KERNEL_MACHINE_KEY} ${anyKey} -p ${machine.port} root@127.0.0.1`);
    say('To run the kernel tests on it:');
    say(`  KERNEL_MACHINE=${machine.port},${machine.monitorSocket} npm test -- kernel`);
    await Promise.race([interrupted, machine.ended]);
  } finally {
    await machine.stop();
  }
});
