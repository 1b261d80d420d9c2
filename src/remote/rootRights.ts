import { Failure } from '../base/errors.js';
import type { Connection } from './connection.js';
import { endOf, runCommand } from './runCommand.js';
import { shellProgram, type Rights } from './shellCommand.js';

/**
 * How a program gets root's rights there: as it is for root, else by sudo without a password.
 * Failures: `remote-failed` when neither holds, naming what sudo said.
 */
export async function rootRights(connection: Connection, signal?: AbortSignal): Promise<Rights> {
  const result = await runCommand(
    connection,
    'Asking for root rights',
    shellProgram('if [ "$(id -u)" = 0 ]; then echo own; else sudo -n true && echo sudo; fi'),
    signal === undefined ? {} : { signal },
  );
  const rights = result.stdout.trim();
  if (result.code === 0 && (rights === 'own' || rights === 'sudo')) return rights;
  throw new Failure(
    'remote-failed',
    `${connection.destination} gives no root rights: ${endOf(result)}. ` +
      'Log in as root, or allow this user sudo without a password (NOPASSWD in /etc/sudoers.d).',
  );
}
