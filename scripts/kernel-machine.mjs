/**
 * `npm run kernel-machine` starts a virtual machine with a kernel of its own, for tests and demonstrations, and says how it is
 * reached; Ctrl-C ends it and forgets what was written there. Behind `--`: `--cpus N` (4), `--numa-nodes N` (1), `--include`
 * makes it a test machine of KernelOracle as long as it runs, `--build` only makes its disk, `--reset` makes it anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import {
  ensureKernelMachineImage,
  KERNEL_MACHINE_DISK,
  KERNEL_MACHINE_KEY,
} from './lib/kernel-machine-image.mjs';
import { startKernelMachine } from './lib/kernel-machine.mjs';
import { cacheDir } from './lib/paths.mjs';
import { includeInSshConfig } from './lib/ssh-config.mjs';
import { runMain, say, ScriptError, secondsSince } from './lib/terminal.mjs';

const NAME = 'kernel-machine';
const SSH_CONFIG = join(cacheDir, 'kernel-machine', 'ssh_config');
const KNOWN_HOSTS = join(cacheDir, 'kernel-machine', 'known_hosts');

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      build: { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      include: { type: 'boolean', default: false },
      cpus: { type: 'string', default: '4' },
      'numa-nodes': { type: 'string', default: '1' },
    },
  });
  const cpus = number('--cpus', values.cpus, 64);
  const numaNodes = number('--numa-nodes', values['numa-nodes'], cpus);
  await bootstrap();
  if (values.reset) rmSync(KERNEL_MACHINE_DISK, { force: true });
  await ensureKernelMachineImage();
  if (values.build) return;
  const begun = performance.now();
  const machine = await startKernelMachine({ disk: KERNEL_MACHINE_DISK, cpus, numaNodes });
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  let takeOut = () => {};
  try {
    await Promise.race([machine.waitFor('ssh', 300_000), interrupted.then(() => machine.stop())]);
    writeSshConfig(machine.port);
    if (values.include) takeOut = includeInSshConfig(SSH_CONFIG);
    tell(machine, secondsSince(begun), values.include);
    await Promise.race([interrupted, machine.ended]);
  } finally {
    takeOut();
    for (const path of [SSH_CONFIG, KNOWN_HOSTS]) rmSync(path, { force: true });
    await machine.stop();
  }
});

/** @param {string} option @param {string} text @param {number} most */
function number(option, text, most) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new ScriptError(`${option} takes 1 to ${most}.`);
  return value;
}

/** Its key is taken on trust: nobody else answers on a port of this machine that was free a moment ago. @param {number} port */
function writeSshConfig(port) {
  mkdirSync(join(cacheDir, 'kernel-machine'), { recursive: true });
  const keys = execFileSync('ssh-keyscan', ['-p', String(port), '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  writeFileSync(KNOWN_HOSTS, keys);
  const lines = [
    `Host ${NAME}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User root',
    `  IdentityFile "${KERNEL_MACHINE_KEY}"`,
    '  StrictHostKeyChecking yes',
    `  UserKnownHostsFile "${KNOWN_HOSTS}"`,
  ];
  writeFileSync(SSH_CONFIG, `${lines.join('\n')}\n`);
}

/** @param {import('./lib/kernel-machine.mjs').KernelMachine} machine @param {string} time @param {boolean} isIncluded */
function tell({ port, monitorSocket }, time, isIncluded) {
  say(`It answers after ${time}. Log in as root, tracer (sudo without a password) or guest:`);
  say(`  ssh -F ${SSH_CONFIG} ${NAME}`);
  say(
    isIncluded
      ? `It is a test machine, "${NAME}", until it ends: refresh the view Test Machines. On the command line:`
      : 'As a test machine of KernelOracle (with -- --include it is also in the view Test Machines):',
  );
  say(`  kernel-oracle machine check ${NAME}${isIncluded ? '' : ` --ssh-config ${SSH_CONFIG}`}`);
  say('To run the kernel tests on it:');
  say(`  KERNEL_MACHINE=${port},${monitorSocket} npm test -- kernel`);
}
