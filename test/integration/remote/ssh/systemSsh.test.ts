/** What goes through the system's ssh: ProxyCommand, certificates, and everything that it asks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../../src/remote/connection.js';
import { outputOf, runCommand } from '../../../../src/remote/runCommand.js';
import { shellCommand, shellProgram } from '../../../../src/remote/shellCommand.js';
import { openConnection, reasonsForSystemSsh } from '../../../../src/remote/ssh/openConnection.js';
import { SystemSshConnection } from '../../../../src/remote/ssh/systemSshConnection.js';
import { hostBlock, SshHome } from '../../../support/sshHome.js';
import { makeKey, noSshServer, SshServer } from '../../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`The system's ssh is not tested: ${missing}.`);

describe.skipIf(missing !== undefined)("connections by the system's ssh", () => {
  let server: SshServer;
  let home: SshHome;
  const connections: Connection[] = [];
  beforeAll(async () => {
    server = await SshServer.start();
  });
  afterAll(() => {
    server.dispose();
  });
  beforeEach(() => {
    home = new SshHome();
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.dispose();
    await expect.poll(() => leftFolders()).toEqual([]);
    home.dispose();
  });

  const leftFolders = () => readdirSync(tmpdir()).filter((name) => /^ko-ssh-/.test(name));
  const known = (path = home.knownHostsPath) => `UserKnownHostsFile ${path}`;
  /** Joins its input and output to a TCP connection, as nc does, which is not everywhere. */
  const relay = `${process.execPath} -e 'const s=require("net").connect(process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)'`;
  const viaRelay = `ProxyCommand ${relay} %h %p`;
  const connect = async (name = 'server') => {
    const connection = await openConnection(name, home.optionsForSystemSsh);
    expect(connection).toBeInstanceOf(SystemSshConnection);
    connections.push(connection);
    return connection;
  };

  test('ProxyCommand: the host key is asked about, commands run, exit statuses arrive', async () => {
    home.configure(hostBlock('server', server, [`IdentityFile ${server.clientKey}`, viaRelay, known()]));
    expect(await reasonsForSystemSsh('server', home.optionsForSystemSsh)).toEqual(['ProxyCommand']);
    const connection = await connect();
    expect(home.prompter.asked).toMatchObject([
      { hostKey: { keyType: 'ED25519', fingerprint: expect.stringMatching(/^SHA256:/) as string } },
    ]);
    const args = ["a'b", '$(id)', 'new\nline\n', '', 'é😀', '-o', '%h'];
    expect(await outputOf(connection, 'Printing', shellCommand(['printf', '[%s]', ...args]))).toBe(
      args.map((each) => `[${each}]`).join(''),
    );
    for (const code of [0, 3, 255]) {
      expect(
        await runCommand(connection, 'Trying', shellProgram(`cat; echo no >&2; exit ${code}`), {
          input: 'yes',
        }),
      ).toEqual({ code, signal: null, stdout: 'yes', stderr: 'no\n' });
    }
    expect(await runCommand(connection, 'Dying', shellProgram('kill -9 $$'))).toMatchObject({ code: 255 });
    await expect(
      runCommand(connection, 'Sleeping', shellCommand(['sleep', '100']), { timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('many commands at once wait for each other', async () => {
    home.configure(hostBlock('server', server, [`IdentityFile ${server.clientKey}`, viaRelay, known()]));
    const connection = await connect();
    const outputs = await Promise.all(
      Array.from({ length: 24 }, (_each, index) =>
        outputOf(connection, 'Printing', shellCommand(['echo', String(index)])),
      ),
    );
    expect(outputs).toEqual(Array.from({ length: 24 }, (_each, index) => `${index}\n`));
  });

  test('a host key that is not accepted, and one that has changed', async () => {
    home.configure(hostBlock('server', server, [`IdentityFile ${server.clientKey}`, viaRelay, known()]));
    home.prompter.hostKeys = false;
    await expect(connect()).rejects.toMatchObject({ code: 'host-key-refused' });
    makeKey(home.path('other'), 'ed25519');
    const other = readFileSync(home.path('other.pub'), 'utf8');
    home.knows(`[127.0.0.1]:${server.port} ${other}`);
    await expect(connect()).rejects.toMatchObject({
      code: 'host-key-refused',
      message: expect.stringContaining(`${home.knownHostsPath}, line 1`) as string,
    });
  });

  test('StrictHostKeyChecking no is no way around the question', async () => {
    const lines = [`IdentityFile ${server.clientKey}`, viaRelay, known(), 'StrictHostKeyChecking no'];
    home.configure(hostBlock('server', server, lines));
    home.prompter.hostKeys = false;
    await expect(connect()).rejects.toMatchObject({ code: 'host-key-refused' });
  });

  test('a passphrase goes over a socket: asked again when it was wrong, never seen among processes', async () => {
    const secret = `pass-${randomBytes(8).toString('hex')}`;
    const key = home.path('locked');
    makeKey(key, 'ed25519', secret);
    execFileSync('sh', [
      '-c',
      'cat "$1" >> "$2"',
      'sh',
      `${key}.pub`,
      join(server.folder, 'authorized_keys'),
    ]);
    const lines = [`IdentityFile ${key}`, 'IdentitiesOnly yes', 'PreferredAuthentications publickey'];
    home.configure(hostBlock('server', server, [...lines, viaRelay, known()]));
    home.prompter.passphrases = ['wrong', secret];
    let seen = '';
    const look = setInterval(() => {
      seen += spawnSync(
        'sh',
        ['-c', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " "'],
        {
          encoding: 'latin1',
        },
      ).stdout;
    }, 5);
    try {
      await connect();
    } finally {
      clearInterval(look);
    }
    expect(home.prompter.asked.slice(1)).toMatchObject([
      { passphrase: { keyPath: key, wasWrong: false } },
      { passphrase: { keyPath: key, wasWrong: true } },
    ]);
    expect(seen).toContain('ControlMaster=yes');
    expect(seen.includes(secret)).toBe(false);
    home.prompter.passphrases = ['wrong'];
    await expect(connect()).rejects.toMatchObject({ code: 'authentication-failed' });
  });

  test('a certificate beside the key, signed by the authority that the server trusts', async () => {
    const authority = home.path('ca');
    makeKey(authority, 'ed25519');
    const trusting = await SshServer.start({ config: [`TrustedUserCAKeys ${authority}.pub`] });
    try {
      const key = home.path('certified');
      makeKey(key, 'ed25519');
      const login = hostBlock('server', trusting, [`IdentityFile ${key}`, 'IdentityAgent none', known()]);
      home.configure(`${login}\nPreferredAuthentications publickey\n`);
      await expect(openConnection('server', home.options)).rejects.toMatchObject({
        code: 'authentication-failed',
      });
      execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', trusting.user, `${key}.pub`]);
      expect(await reasonsForSystemSsh('server', home.optionsForSystemSsh)).toEqual([
        `the certificate ${key}-cert.pub`,
      ]);
      const connection = await connect();
      expect(await outputOf(connection, 'Printing', shellCommand(['echo', 'in']))).toBe('in\n');
    } finally {
      trusting.dispose();
    }
  });

  test('through another host, whose key is checked as well', async () => {
    const near = await SshServer.start();
    try {
      home.configure(
        hostBlock('near', near, [
          `IdentityFile ${near.clientKey}`,
          viaRelay,
          known(),
          'StrictHostKeyChecking no',
        ]) + hostBlock('server', server, [`IdentityFile ${server.clientKey}`, 'ProxyJump near', known()]),
      );
      const connection = await connect();
      expect(await outputOf(connection, 'Asking', shellProgram('echo "${SSH_CONNECTION##* }"'))).toBe(
        `${server.port}\n`,
      );
      expect(home.prompter.asked).toHaveLength(2);
    } finally {
      near.dispose();
    }
  });

  test('a connection that is lost ends its commands; so does closing it', async () => {
    const own = await SshServer.start();
    try {
      home.configure(hostBlock('server', own, [`IdentityFile ${own.clientKey}`, viaRelay, known()]));
      for (const end of ['lost', 'closed']) {
        const connection = await connect();
        const running = runCommand(connection, 'Sleeping', shellCommand(['sleep', '100']));
        const ended = expect(running).rejects.toMatchObject({ code: 'connection-lost' });
        await new Promise((resolve) => setTimeout(resolve, 300));
        if (end === 'closed') connection.dispose();
        else for (const pid of own.connectionPids()) process.kill(pid);
        await ended;
        expect(connection.lostBecause?.code).toBe('connection-lost');
        await expect(connection.start(shellCommand(['true']))).rejects.toMatchObject({
          code: 'connection-lost',
        });
      }
    } finally {
      own.dispose();
    }
  });

  test('nothing there, no ssh, given up, cancelled', async () => {
    home.configure(`Host server\n HostName 127.0.0.1\n Port 1\n ProxyCommand false\n ${known()}\n`);
    await expect(connect()).rejects.toMatchObject({ code: 'connection-failed' });
    await expect(
      openConnection('server', { ...home.optionsForSystemSsh, environment: { PATH: '/nowhere' } }),
    ).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining('openssh-client') as string,
    });
    home.configure(`Host server\n HostName 127.0.0.1\n ProxyCommand sleep 100\n ${known()}\n`);
    home.limits = { connectMs: 100, handshakeMs: 200, authenticationMs: 200 };
    await expect(connect()).rejects.toMatchObject({ code: 'timed-out' });
    home.limits = {};
    const signal = AbortSignal.timeout(200);
    await expect(openConnection('server', home.optionsForSystemSsh, signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(existsSync(home.knownHostsPath)).toBe(false);
  });
});
