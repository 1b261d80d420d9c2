/** Logins at a real sshd: keys, a real ssh-agent, and a throw-away user with a password. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openConnection } from '../../../../src/remote/ssh/openConnection.js';
import { hostBlock, SshHome } from '../../../support/sshHome.js';
import { makeKey, noSshServer, SshServer } from '../../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No logins are tested: ${missing}.`);
const noUser = missing ?? whyNoUser();
if (noUser !== undefined) console.warn(`No logins by password are tested: ${noUser}.`);

/** A password needs a user of the system. */
function whyNoUser(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can add a throw-away user';
  return spawnSync('useradd', ['--help']).status === 0
    ? undefined
    : 'useradd is not installed (package passwd)';
}

const SECRET = 'correct horse battery staple';
const messages: string[] = [];

/** Every failure of these tests, for the one that looks for secrets in them. */
async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  messages.push(JSON.stringify(error, Object.getOwnPropertyNames(error)), String((error as Error).stack));
  return error as { code: string; message: string };
}

describe.skipIf(missing !== undefined)('logins by keys', () => {
  let server: SshServer;
  let home: SshHome;
  beforeAll(async () => {
    server = await SshServer.start();
  });
  afterAll(() => {
    server.dispose();
  });
  beforeEach(() => {
    home = new SshHome();
  });
  afterEach(() => {
    home.dispose();
  });

  const connect = async () => {
    const connection = await openConnection('server', home.options);
    connection.dispose();
  };
  const authorize = (...keys: string[]) => {
    const lines = [server.clientKey, ...keys].map((key) => readFileSync(`${key}.pub`, 'utf8'));
    writeFileSync(join(server.folder, 'authorized_keys'), lines.join(''));
  };

  test.each(['ed25519', 'rsa', 'ecdsa'])(
    'an %s key with a passphrase, asked again when it was wrong',
    async (type) => {
      const key = home.path('locked');
      makeKey(key, type, SECRET);
      authorize(key);
      home.configure(hostBlock('server', server, [`IdentityFile ${key}`]));
      home.prompter.passphrases = ['wrong', SECRET];
      await connect();
      const questions = home.prompter.asked.slice(1);
      const destination = `${server.user}@127.0.0.1:${server.port}`;
      expect(questions).toEqual([
        { passphrase: { destination, keyPath: key, wasWrong: false } },
        { passphrase: { destination, keyPath: key, wasWrong: true } },
      ]);
    },
  );

  test('a PEM key that hides its public half, with and without a passphrase', async () => {
    const key = home.path('pem');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', 'PEM', '-N', SECRET, '-f', key]);
    authorize(key);
    execFileSync('rm', [`${key}.pub`]);
    home.configure(hostBlock('server', server, [`IdentityFile ${key}`]));
    home.prompter.passphrases = [SECRET];
    await connect();
    execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-P', SECRET, '-N', '', '-f', key]);
    home.prompter.passphrases = [];
    await connect();
  });

  test('a passphrase is asked three times, and not at all for a key that the server does not want', async () => {
    const key = home.path('locked');
    makeKey(key, 'ed25519', SECRET);
    authorize();
    home.configure(
      hostBlock('server', server, [`IdentityFile ${key}`, 'PreferredAuthentications publickey']),
    );
    home.prompter.passphrases = [`${SECRET}?`];
    const refused = await failureOf(connect());
    expect(refused.code).toBe('authentication-failed');
    expect(refused.message).toContain(key);
    expect(home.prompter.asked).toHaveLength(1);
    authorize(key);
    expect((await failureOf(connect())).message).toContain('was wrong 3 times');
    expect(home.prompter.asked).toHaveLength(4);
    home.prompter.passphrases = [undefined];
    expect((await failureOf(connect())).message).toContain('No passphrase was given');
  });

  test('keys that cannot be used are named', async () => {
    const key = home.path('open');
    makeKey(key, 'ed25519');
    chmodSync(key, 0o644);
    writeFileSync(home.path('garbage'), 'no key', { mode: 0o600 });
    const files = [key, home.path('garbage'), '/missing'].map((each) => `IdentityFile ${each}`);
    home.configure(hostBlock('server', server, [...files, 'PreferredAuthentications publickey']));
    const { code, message } = await failureOf(connect());
    expect(code).toBe('authentication-failed');
    expect(message).toContain(`${key} is not used: others may read it (chmod 600 ${key}).`);
    expect(message).toContain('garbage is not used: it is not a private key');
    expect(message).toContain('/missing is not used: there is no such file');
  });

  describe('of an agent', () => {
    let agent: ChildProcess;
    let socket: string;
    beforeEach(async () => {
      socket = home.path('agent');
      agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      for (let tries = 0; tries < 100 && !existsSync(socket); tries += 1) await wait(20);
      home.environment = { SSH_AUTH_SOCK: socket };
    });
    afterEach(() => {
      agent.kill();
    });
    const add = (key: string) =>
      execFileSync('ssh-add', ['-q', key], { env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket } });
    const others = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        makeKey(home.path(`other${index}`), 'ed25519');
        add(home.path(`other${index}`));
      }
    };

    test.each(['ed25519', 'rsa', 'ecdsa'])(
      'an %s key, of which only the public half is a file',
      async (type) => {
        const key = home.path('held');
        makeKey(key, type);
        add(key);
        authorize(key);
        execFileSync('rm', [key]);
        home.configure(hostBlock('server', server, [`IdentityFile ${key}`]));
        await connect();
        home.configure(hostBlock('server', server, [`IdentityFile ${key}.pub`, 'IdentitiesOnly yes']));
        await connect();
        home.configure(
          hostBlock('server', server, ['IdentityAgent none', 'PreferredAuthentications publickey']),
        );
        expect((await failureOf(connect())).code).toBe('authentication-failed');
        home.environment = { MINE: socket };
        home.configure(hostBlock('server', server, ['IdentityAgent $MINE']));
        await connect();
      },
    );

    test('too many keys are explained; the named one comes first; IdentitiesOnly leaves the others out', async () => {
      others(8);
      home.configure(hostBlock('server', server, ['PreferredAuthentications publickey']));
      const { code, message } = await failureOf(connect());
      expect(code).toBe('authentication-failed');
      expect(message).toMatch(/Too many authentication failures.*IdentitiesOnly yes/);
      home.configure(hostBlock('server', server, [`IdentityFile ${server.clientKey}`, 'IdentitiesOnly yes']));
      await connect();
      add(server.clientKey);
      home.configure(hostBlock('server', server, [`IdentityFile ${server.clientKey}`]));
      await connect();
    });

    test('an agent that does not answer is passed over', async () => {
      agent.kill();
      home.environment = { SSH_AUTH_SOCK: '/nowhere' };
      home.configure(hostBlock('server', server));
      await connect();
      home.configure(hostBlock('server', server, ['PreferredAuthentications publickey']));
      expect((await failureOf(connect())).message).toContain('The ssh-agent at /nowhere cannot be reached');
    });
  });
});

describe.skipIf(noUser !== undefined)('logins by password', () => {
  const user = `ko-${randomBytes(3).toString('hex')}`;
  let home: SshHome;
  beforeAll(() => {
    execFileSync('useradd', ['-M', '-d', '/', '-s', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${SECRET}` });
  });
  afterAll(() => {
    spawnSync('userdel', ['-f', user]);
  });
  beforeEach(() => {
    home = new SshHome();
  });
  afterEach(() => {
    home.dispose();
  });

  async function withServer(config: string[], lines: string[], work: () => Promise<void>): Promise<void> {
    const server = await SshServer.start({ config });
    try {
      home.configure(hostBlock('server', server, [`User ${user}`, ...lines]));
      await work();
    } finally {
      server.dispose();
    }
  }
  const connect = async () => {
    const connection = await openConnection('server', home.options);
    connection.dispose();
  };

  test('a password, asked again when it was wrong, three times at most', () =>
    withServer(['KbdInteractiveAuthentication no'], [], async () => {
      home.prompter.passwords = ['wrong', SECRET];
      await connect();
      expect(home.prompter.asked.slice(1)).toMatchObject([
        { password: { wasWrong: false } },
        { password: { wasWrong: true } },
      ]);
      home.prompter.passwords = [`${SECRET}!`];
      const asked = home.prompter.asked.length;
      expect(await failureOf(connect())).toMatchObject({
        code: 'authentication-failed',
        message: expect.stringContaining('a password, a password, a password') as string,
      });
      expect(home.prompter.asked).toHaveLength(asked + 3);
      home.prompter.passwords = [undefined];
      expect((await failureOf(connect())).code).toBe('cancelled');
    }));

  test('keyboard-interactive comes before a password', () =>
    withServer(['UsePAM yes', 'KbdInteractiveAuthentication yes'], [], async () => {
      home.prompter.replies = [['wrong'], [SECRET]];
      await connect();
      expect(home.prompter.asked.slice(1)).toMatchObject([
        { answers: { prompts: [{ isEchoed: false, text: expect.stringMatching(/password/i) as string }] } },
        { answers: {} },
      ]);
      home.prompter.replies = [undefined];
      expect((await failureOf(connect())).code).toBe('cancelled');
    }));

  test('a server that wants a key and a password', async () => {
    const key = home.path('id_ed25519');
    makeKey(key, 'ed25519');
    const authorized = '/tmp/ko-authorized-keys-' + user;
    writeFileSync(authorized, readFileSync(`${key}.pub`), { mode: 0o644 });
    try {
      const config = [
        `AuthorizedKeysFile ${authorized}`,
        'AuthenticationMethods publickey,password',
        'KbdInteractiveAuthentication no',
      ];
      await withServer(config, [`IdentityFile ${key}`], async () => {
        home.prompter.passwords = [SECRET];
        await connect();
        home.prompter.passwords = [`${SECRET}!`];
        expect((await failureOf(connect())).code).toBe('authentication-failed');
      });
    } finally {
      execFileSync('rm', [authorized]);
    }
  });
});

test('no message holds a secret', () => {
  if (missing === undefined) expect(messages.length).toBeGreaterThan(6);
  for (const message of messages) {
    expect(message).not.toContain('horse');
    expect(message).not.toContain('PRIVATE KEY');
  }
});
