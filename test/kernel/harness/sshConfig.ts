/** An SSH configuration that names the machine, for programs that are given one. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KERNEL_MACHINE_KEY } from '../../../scripts/lib/kernel-machine-image.mjs';
import type { KernelMachine } from './kernelMachine.js';

export const NAME = 'kernel-machine';

/** @returns path of the configuration; the machine's key is known */
export function sshConfig({ folder, port }: Pick<KernelMachine, 'folder' | 'port'>): string {
  const knownHosts = join(folder, 'known_hosts');
  const scan = ['-p', String(port), '127.0.0.1'];
  writeFileSync(knownHosts, execFileSync('ssh-keyscan', scan, { stdio: ['ignore', 'pipe', 'ignore'] }));
  const path = join(folder, 'config');
  const lines = [
    ...[`Host ${NAME}`, '  HostName 127.0.0.1', `  Port ${port}`, '  User root'],
    ...[`  IdentityFile ${KERNEL_MACHINE_KEY}`, '  IdentitiesOnly yes'],
    ...[`  UserKnownHostsFile ${knownHosts}`, '  GlobalKnownHostsFile /dev/null', ''],
  ];
  writeFileSync(path, lines.join('\n'));
  return path;
}
