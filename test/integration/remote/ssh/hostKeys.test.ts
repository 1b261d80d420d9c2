/** Host keys against a real sshd and with ssh-keygen as the judge of what we store. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openConnection } from '../../../../src/remote/ssh/openConnection.js';
import { hostBlock, SshHome } from '../../../support/sshHome.js';
import { makeKey, noSshServer, SshServer } from '../../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No host keys are tested: ${missing}.`);

describe.skipIf(missing !== undefined)('host keys', () => {
  let near: SshServer;
  let far: SshServer;
  let home: SshHome;
  beforeAll(async () => {
    near = await SshServer.start();
    far = await SshServer.start();
  });
  afterAll(() => {
    near.dispose();
    far.dispose();
  });
  beforeEach(() => {
    home = new SshHome();
    home.configure(
      hostBlock('near', near) + hostBlock('far', far, [`IdentityFile ${far.clientKey}`, 'ProxyJump near']),
    );
  });
  afterEach(() => {
    home.dispose();
  });

  const nameOf = (server: SshServer) => `[127.0.0.1]:${server.port}`;
  const lineOf = (server: SshServer) => `${nameOf(server)} ${server.hostPublicKey}\n`;
  const connect = async (name: string) => {
    const connection = await openConnection(name, home.options);
    connection.dispose();
  };
  const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, { encoding: 'utf8' });

  test('an unknown key is asked about with its fingerprint, stored on consent, and known from then on', async () => {
    await connect('near');
    const fingerprint = keygen('-lf', `${near.folder}/host_key.pub`).split(' ')[1]!;
    expect(home.prompter.asked).toEqual([
      {
        hostKey: {
          destination: `${near.user}@127.0.0.1:${near.port}`,
          keyType: 'ssh-ed25519',
          fingerprint,
          knownHostsPath: home.knownHostsPath,
        },
      },
    ]);
    expect(home.known).toBe(lineOf(near));
    expect(keygen('-F', nameOf(near), '-f', home.knownHostsPath)).toContain(near.hostPublicKey);
    expect(statSync(home.knownHostsPath).mode & 0o777).toBe(0o600);
    await connect('near');
    expect(home.prompter.asked).toHaveLength(1);
  });

  test('without consent nothing is stored', async () => {
    home.prompter.hostKeys = false;
    await expect(connect('near')).rejects.toMatchObject({ code: 'host-key-refused' });
    expect(existsSync(home.knownHostsPath)).toBe(false);
  });

  test('names are hashed when HashKnownHosts says so, and a line without an end is completed', async () => {
    home.configure(`HashKnownHosts yes\n${hostBlock('near', near)}`);
    home.knows('# no line end');
    await connect('near');
    expect(home.known).toMatch(/^# no line end\n\|1\|[^ ]+ ssh-ed25519 \S+\n$/);
    expect(keygen('-F', nameOf(near), '-f', home.knownHostsPath)).toContain(near.hostPublicKey);
    await connect('near');
    expect(home.prompter.asked).toHaveLength(1);
  });

  test('what ssh-keygen hashed is known, and lines that are none do no harm', async () => {
    home.knows(`${lineOf(near)}other ${far.hostPublicKey}\n`);
    keygen('-H', '-f', home.knownHostsPath);
    expect(home.known).not.toContain('127.0.0.1');
    home.knows(`garbage\n\n@unknown x y z\n|1|no|hash ssh-rsa AAAA\n${home.known}`);
    await connect('near');
    expect(home.prompter.asked).toEqual([]);
  });

  test.each([
    ['near', 'the first host'],
    ['far', 'a host behind another'],
  ])('a changed key of %s is refused, with the place of the old one', async (which) => {
    const server = which === 'near' ? near : far;
    const other = home.path('other');
    makeKey(other, 'ed25519');
    const otherKey = keygen('-yf', other).split(' ').slice(0, 2).join(' ');
    const rest = server === near ? lineOf(far) : lineOf(near);
    home.knows(`# comment\n${rest}${nameOf(server)} ${otherKey}\n`);
    const refusal: unknown = await connect('far').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'host-key-refused' });
    const { message } = refusal as Error;
    expect(message).toContain(`${home.knownHostsPath}, line 3`);
    expect(message).toContain(keygen('-lf', `${server.folder}/host_key.pub`).split(' ')[1]!);
    // The remedy that it names works.
    const [, name, path] = /ssh-keygen -R '(.*)' -f '(.*)'/.exec(message)!;
    keygen('-R', name!, '-f', path!);
    await connect('far');
    expect(home.prompter.asked).toHaveLength(1);
  });

  test('a key that the server really changed', async () => {
    const server = await SshServer.start();
    try {
      home.configure(hostBlock('server', server));
      await connect('server');
      await server.changeHostKey('ecdsa');
      await expect(connect('server')).rejects.toMatchObject({
        code: 'host-key-refused',
        message: expect.stringContaining('has changed: it is now ecdsa-sha2-nistp256') as string,
      });
    } finally {
      server.dispose();
    }
  });

  test.each(['near', 'far'])('a revoked key of %s is refused, though it is known too', async (which) => {
    const server = which === 'near' ? near : far;
    home.knows(`${lineOf(near)}${lineOf(far)}@revoked * ${server.hostPublicKey}\n`);
    await expect(connect('far')).rejects.toMatchObject({
      code: 'host-key-refused',
      message: expect.stringContaining(`revoked in ${home.knownHostsPath}, line 3`) as string,
    });
  });

  test('an authority is refused only when nothing else is known', async () => {
    home.knows(`@cert-authority * ${far.hostPublicKey}\n`);
    await expect(connect('near')).rejects.toMatchObject({
      code: 'host-key-refused',
      message: expect.stringMatching(
        /@cert-authority in .*known_hosts, line 1.*Add the machine's own key/,
      ) as string,
    });
    home.knows(`@cert-authority * ${far.hostPublicKey}\n${lineOf(near)}`);
    await connect('near');
    expect(home.prompter.asked).toEqual([]);
  });

  test('of several keys the known one is asked for', async () => {
    const rsa = home.path('rsa');
    makeKey(rsa, 'rsa');
    const server = await SshServer.start({ config: [`HostKey ${rsa}`] });
    try {
      home.configure(hostBlock('server', server));
      const rsaKey = keygen('-yf', rsa).split(' ').slice(0, 2).join(' ');
      home.knows(`${nameOf(server)} ${rsaKey}\n`);
      await connect('server');
      home.knows(lineOf(server));
      await connect('server');
      expect(home.prompter.asked).toEqual([]);
    } finally {
      server.dispose();
    }
  });

  test('patterns, aliases, other files, a key known for another port', async () => {
    home.knows(`*.example,!bad.example,[127.0.0.?]:* ${near.hostPublicKey}\n`);
    await connect('near');
    home.configure(hostBlock('near', near, [`IdentityFile ${near.clientKey}`, 'HostKeyAlias lab']));
    home.knows(`lab ${near.hostPublicKey}\n`);
    await connect('near');
    home.configure(
      hostBlock('near', near, [`IdentityFile ${near.clientKey}`, 'UserKnownHostsFile /nowhere ~/.ssh/%n']),
    );
    execFileSync('cp', [home.knownHostsPath, home.path('near')]);
    execFileSync('sed', ['-i', 's/^lab /127.0.0.1 /', home.path('near')]);
    await connect('near');
    expect(home.prompter.asked).toEqual([]);
  });

  test('StrictHostKeyChecking: yes refuses, accept-new stores, no still asks', async () => {
    const withOption = (value: string) => {
      home.configure(`StrictHostKeyChecking ${value}\n${hostBlock('near', near)}`);
    };
    withOption('yes');
    await expect(connect('near')).rejects.toMatchObject({
      code: 'host-key-refused',
      message: expect.stringContaining('StrictHostKeyChecking') as string,
    });
    withOption('no');
    home.prompter.hostKeys = false;
    await expect(connect('near')).rejects.toMatchObject({ code: 'host-key-refused' });
    expect(home.prompter.asked).toHaveLength(1);
    withOption('accept-new');
    await connect('near');
    expect(home.prompter.asked).toHaveLength(1);
    expect(home.known).toBe(lineOf(near));
    home.configure(`UserKnownHostsFile /dev/null\n${hostBlock('near', near)}`);
    home.prompter.hostKeys = true;
    await connect('near');
    await connect('near');
    expect(home.prompter.asked).toHaveLength(3);
  });
});
