/**
 * A virtual machine with a kernel of its own, in QEMU without hardware's help (TCG): for tests of what the kernel below
 * this checkout forbids or cannot survive. `kernel-machine-image.mjs` makes its disk. What it writes is thrown away.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endGroup } from './processes.mjs';
import { ScriptError } from './terminal.mjs';

/**
 * What every kernel there is told. The clock: without `tsc=reliable` the machine falls back to one that costs an exit to
 * QEMU each time that it is read. `nokaslr` and `mitigations=off` save time.
 */
export const KERNEL_ARGUMENTS =
  'console=ttyS0 net.ifnames=0 quiet audit=0 mitigations=off nokaslr tsc=reliable clocksource=tsc';

/**
 * @typedef {object} KernelMachineOptions
 * @property {string} disk its image; never changed unless `keep`
 * @property {boolean} [keep] what is written stays in the image
 * @property {number} [cpus]
 * @property {number} [numaNodes] that CPUs and memory are divided among, in equal parts
 * @property {number} [memoryMb]
 * @property {{ kernel: string, initrd: string, args: string }} [direct] boots this instead of what GRUB on the disk chooses
 */

/** @typedef {Awaited<ReturnType<typeof startKernelMachine>>} KernelMachine */

/**
 * Starts it, and returns before it has booted.
 * @param {KernelMachineOptions} options
 */
export async function startKernelMachine({
  disk,
  keep = false,
  cpus = 8,
  numaNodes = 1,
  memoryMb = 3072,
  direct,
}) {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-machine-'));
  const port = await freePort();
  const console = join(folder, 'console.log');
  const monitorSocket = join(folder, 'monitor');
  const args = [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', String(cpus), '-m', `${memoryMb}M`],
    ...numaArguments(numaNodes, cpus, memoryMb),
    ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe,snapshot=${keep ? 'off' : 'on'}`],
    ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', 'virtio-net-pci,netdev=net'],
    ...['-device', 'virtio-rng-pci', '-display', 'none', '-serial', `file:${console}`],
    ...['-monitor', `unix:${monitorSocket},server=on,wait=off`],
    ...(direct === undefined
      ? []
      : ['-no-reboot', '-kernel', direct.kernel, '-initrd', direct.initrd, '-append', direct.args]),
  ];
  // It goes with us, whatever ends us; and it leaves the processors to others.
  const command = ['--pdeathsig', 'KILL', 'nice', '-n', '5', 'qemu-system-x86_64', ...args];
  const child = spawn('setpriv', command, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    complaints = (complaints + text).slice(-4000);
  });
  const ended = once(child, 'close').then(
    () => undefined,
    (/** @type {unknown} */ error) => void (complaints += String(error)),
  );
  return {
    port,
    monitorSocket,
    ended,
    consoleText: () => readText(console),
    /** Waits for what the console prints, or for the server for SSH. @param {string | 'ssh'} what @param {number} limitMs */
    waitFor: async (what, limitMs) => {
      const begun = performance.now();
      for (;;) {
        if (what === 'ssh' ? await greets(port) : readText(console).includes(what)) return;
        const isOver = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
        if (isOver || performance.now() - begun > limitMs) {
          throw new ScriptError(
            `The kernel machine ${isOver ? 'ended' : `took longer than ${limitMs / 1000} s`} before ${what === 'ssh' ? 'its server for SSH answered' : `it printed "${what}"`}.\n` +
              `QEMU: ${complaints.trim()}\nThe end of its console:\n${readText(console).slice(-1500)}`,
          );
        }
        await wait(250);
      }
    },
    stop: async () => {
      await endGroup(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {number} nodes @param {number} cpus @param {number} memoryMb @returns {string[]} */
function numaArguments(nodes, cpus, memoryMb) {
  if (nodes === 1) return [];
  const [cpusEach, memoryEach] = [Math.floor(cpus / nodes), Math.floor(memoryMb / nodes)];
  return Array.from({ length: nodes }, (_, node) => {
    const isLast = node === nodes - 1;
    const last = isLast ? cpus - 1 : (node + 1) * cpusEach - 1;
    const size = isLast ? memoryMb - node * memoryEach : memoryEach;
    return [
      ...['-object', `memory-backend-ram,id=memory${node},size=${size}M`],
      ...['-numa', `node,nodeid=${node},cpus=${node * cpusEach}-${last},memdev=memory${node}`],
    ];
  }).flat();
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** QEMU accepts connections from the start: only the server's greeting tells that it is up. @param {number} port */
export async function greets(port) {
  const socket = connect(port, '127.0.0.1');
  const greeted = new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.setTimeout(3000, () => resolve(false));
  });
  const isGreeting = await greeted;
  socket.destroy();
  return isGreeting === true;
}

/**
 * @param {string} path of the monitor's socket
 * @param {string} line a command of QEMU's monitor, `set_link net off`
 * @returns {Promise<string>} what it answers
 */
export async function askMonitor(path, line) {
  const socket = connect(path);
  let answer = '';
  socket.setEncoding('utf8').on('data', (/** @type {string} */ text) => (answer += text));
  const until = async (/** @type {number} */ prompts) => {
    for (let tries = 0; tries < 200; tries += 1) {
      if (answer.split('(qemu) ').length > prompts) return;
      await wait(50);
    }
    throw new ScriptError(`QEMU's monitor does not answer to "${line}": ${answer}`);
  };
  try {
    await once(socket, 'connect');
    await until(1);
    socket.write(`${line}\n`);
    await until(2);
    return answer.split('(qemu) ')[1] ?? '';
  } finally {
    socket.destroy();
  }
}
