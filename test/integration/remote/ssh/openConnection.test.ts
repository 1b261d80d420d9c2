import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outputOf } from '../../../../src/remote/runCommand.js';
import { shellCommand } from '../../../../src/remote/shellCommand.js';
import { openConnection } from '../../../../src/remote/ssh/openConnection.js';
import { noSshServer, SshServer } from '../../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`Nothing of SSH is tested: ${missing}.`);
const nobody = { password: async () => undefined, passphrase: async () => undefined, answers: async () => undefined };
describe.skipIf(missing !== undefined)('x', () => {
  test('direct and chain', async () => {
    const a = await SshServer.start(); const b = await SshServer.start();
    const home = mkdtempSync(join(tmpdir(), 'ko-home-'));
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/config'), `
Host a
  HostName 127.0.0.1
  Port ${a.port}
  IdentityFile ${a.clientKey}
Host b
  HostName 127.0.0.1
  Port ${b.port}
  IdentityFile ${b.clientKey}
  ProxyJump a
`);
    const asked: unknown[] = [];
    const options = { homeFolder: home, systemConfigFile: '/dev/null', environment: {}, prompter: { ...nobody, acceptHostKey: async (q: unknown) => { asked.push(q); return true; } } };
    const c = await openConnection('b', options);
    expect(await outputOf(c, 'Echo', shellCommand(['echo', 'hi']))).toBe('hi\n');
    expect(asked.length).toBe(2);
    console.log(readFileSync(join(home, '.ssh/known_hosts'), 'utf8'), c.destination);
    c.dispose(); a.dispose(); b.dispose(); rmSync(home, { recursive: true });
  });
});
