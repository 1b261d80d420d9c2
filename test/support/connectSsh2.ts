import { Client, type ConnectConfig } from 'ssh2';
import { Failure, messageOf } from '../../src/base/errors.js';
import type { Connection } from '../../src/remote/connection.js';
import { Ssh2Connection } from '../../src/remote/ssh/ssh2Connection.js';
import { USUAL_SSH_LIMITS } from '../../src/remote/ssh/sshOptions.js';

/** Connects straight and without known_hosts, for tests of what runs over a connection. */
export async function connectSsh2(destination: string, config: ConnectConfig): Promise<Connection> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    // Not once: a connection that breaks off may tell so twice.
    client.on('error', (error) => {
      reject(
        new Failure('connection-failed', `${destination} cannot be reached: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    });
    client.connect(config);
  });
  return new Ssh2Connection(destination, client, [], USUAL_SSH_LIMITS.channelMs);
}
