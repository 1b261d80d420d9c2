/** A process of its own that records through tracefs until it is killed. Arguments: port, key, folder of programs, folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { collectTracefs, USUAL_TRACEFS_SETTINGS } from '../../src/remote/collect/tracefsCollector.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import { connectSsh2 } from './connectSsh2.js';

async function main(): Promise<void> {
  const [port = '', key = '', programs = '', folder = ''] = process.argv.slice(2);
  const connection = await connectSsh2('the machine', {
    host: '127.0.0.1',
    port: Number(port),
    username: userInfo().username,
    privateKey: readFileSync(key),
  });
  const context = { programs: new RemotePrograms(programs), version: 'test', now: () => new Date() };
  const target = { folder, path: join(folder, 'trace.dat') };
  const run = await collectTracefs(connection, context, USUAL_TRACEFS_SETTINGS, 'own', target);
  await run.ready;
  process.stdout.write('ready\n');
  await run.finished;
}

void main();
