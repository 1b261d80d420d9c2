/** Connections by ssh2 over real sshds: chains of hosts, many commands, losses, and servers that are none. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Server as SshFlood, utils } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../../src/remote/connection.js';
import { outputOf, runCommand } from '../../../../src/remote/runCommand.js';
import { shellCommand, shellProgram } from '../../../../src/remote/shellCommand.js';
import { openConnection } from '../../../../src/remote/ssh/openConnection.js';
import { hostBlock, SshHome } from '../../../support/sshHome.js';
import { freePort, noSshServer, SshServer } from '../../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No connections by ssh2 are tested: ${missing}.`);

const HOUR = shellCommand(['sleep', '3600']);

describe.skipIf(missing !== undefined)('connections by ssh2', () => {
  let servers: SshServer[];
  let home: SshHome;
  const connections: Connection[] = [];
  beforeAll(async () => {
    servers = await Promise.all([SshServer.start(), SshServer.start(), SshServer.start()]);
  });
  afterAll(() => {
    for (const server of servers) server.dispose();
  });
  beforeEach(() => {
    home = new SshHome();
    const [a, b, c] = servers as [SshServer, SshServer, SshServer];
    home.configure(
      hostBlock('a', a) +
        hostBlock('b', b, [`IdentityFile ${b.clientKey}`, 'ProxyJump a']) +
        hostBlock('c', c, [`IdentityFile ${c.clientKey}`, 'ProxyJump b']) +
        hostBlock('list', c, [`IdentityFile ${c.clientKey}`, 'ProxyJump a,b']),
    );
  });
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.dispose();
    home.dispose();
  });
  const connect = async (name: string, signal?: AbortSignal) => {
    const connection = await openConnection(name, home.options, signal);
    connections.push(connection);
    return connection;
  };

  test.each(['c', 'list'])(
    'through two hosts (%s): each is asked for its key, the last one runs commands',
    async (name) => {
      const connection = await connect(name);
      const ports = home.prompter.asked.map(
        (each) => (each as { hostKey: { destination: string } }).hostKey.destination,
      );
      expect(ports).toEqual(servers.map(({ user, port }) => `${user}@127.0.0.1:${port}`));
      expect(await outputOf(connection, 'Asking', shellProgram('echo "${SSH_CONNECTION##* }"'))).toBe(
        `${servers[2]!.port}\n`,
      );
    },
  );

  test('a host on the way that ends, ends the connection and its commands', async () => {
    const connection = await connect('c');
    const running = expect(runCommand(connection, 'Sleeping', HOUR)).rejects.toMatchObject({
      code: 'connection-lost',
    });
    const lost = new Promise((resolve) => connection.onLost(resolve));
    await wait(200);
    for (const pid of servers[0]!.connectionPids()) process.kill(pid);
    await running;
    expect(await lost).toBe(connection.lostBecause);
    await expect(connection.start(HOUR)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('a command that waits for a channel gets one when another ends', async () => {
    const server = await SshServer.start({ config: ['MaxSessions 2'] });
    try {
      home.configure(hostBlock('few', server));
      const connection = await connect('few');
      const began = performance.now();
      const sleeping = [1, 2, 3, 4, 5].map((each) =>
        outputOf(connection, 'Sleeping', shellProgram(`sleep 0.3; echo ${each}`)),
      );
      expect(await Promise.all(sleeping)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
      expect(performance.now() - began).toBeGreaterThan(850);
      // sshd keeps the place until the process has ended: this one ends with its input.
      const first = await connection.start(shellCommand(['cat']));
      const second = await connection.start(shellCommand(['cat']));
      await expect(connection.start(HOUR, AbortSignal.timeout(200))).rejects.toMatchObject({
        code: 'cancelled',
      });
      second.close();
      expect(await outputOf(connection, 'Printing', shellCommand(['echo', 'again']))).toBe('again\n');
      first.close();
    } finally {
      server.dispose();
    }
  });

  test('a server without channels for commands says so', async () => {
    const server = await SshServer.start({ config: ['MaxSessions 0'] });
    try {
      home.configure(hostBlock('none', server));
      const connection = await connect('none');
      await expect(connection.start(HOUR)).rejects.toMatchObject({ code: 'remote-failed' });
    } finally {
      server.dispose();
    }
  });

  test('a reader that pauses holds the command back, and gets everything afterwards', async () => {
    const connection = await connect('a');
    const megabytes = 64;
    const process = await connection.start(
      shellProgram(`head -c ${megabytes}M /dev/zero; echo done >&2; echo late >&2`),
    );
    let complaints = '';
    process.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    process.stdout.once('readable', () => undefined);
    await wait(500);
    expect(process.stdout.readableLength).toBeLessThan(8 * 1024 * 1024);
    expect(complaints).toBe('');
    let bytes = 0;
    for await (const chunk of process.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(megabytes * 1024 * 1024);
    expect(await process.exit).toEqual({ code: 0, signal: null });
    expect(complaints).toBe('done\nlate\n');
  });

  test('a machine that falls silent is noticed by keep-alive', async () => {
    home.limits = { keepAliveIntervalMs: 200, keepAliveCount: 2 };
    const connection = await connect('a');
    const running = expect(runCommand(connection, 'Sleeping', HOUR)).rejects.toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('does not answer any more') as string,
    });
    await wait(200);
    const pids = servers[0]!.connectionPids();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await running;
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  });

  test('disposing ends commands, and the server sees the end of all connections on the way', async () => {
    const connection = await connect('c');
    const running = expect(runCommand(connection, 'Sleeping', HOUR)).rejects.toMatchObject({
      code: 'connection-lost',
    });
    await wait(200);
    connection.dispose();
    connection.dispose();
    await running;
    await expect
      .poll(() => servers.flatMap((server) => server.connectionPids()), { timeout: 10_000 })
      .toEqual([]);
  });

  test('cancelling while it connects, and before', async () => {
    const stop = new AbortController();
    home.prompter.acceptHostKey = async () => {
      stop.abort();
      await wait(100);
      return true;
    };
    await expect(connect('a', stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(connect('a', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('nobody there: no name, no listener, not through a host either', async () => {
    const port = await freePort();
    home.configure(
      `${hostBlock('a', servers[0]!)}Host closed\n HostName 127.0.0.1\n Port ${port}\nHost behind\n HostName 127.0.0.1\n Port ${port}\n ProxyJump a\n`,
    );
    await expect(connect('no-such-host.invalid')).rejects.toMatchObject({ code: 'connection-failed' });
    await expect(connect('closed')).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining(`nothing listens on port ${port}`) as string,
    });
    await expect(connect('behind')).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining('cannot reach it') as string,
    });
  });
});

describe('servers that are none', () => {
  let home: SshHome;
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  beforeEach(() => {
    home = new SshHome();
    home.limits = { connectMs: 2000, handshakeMs: 800, authenticationMs: 800 };
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
    home.dispose();
  });

  async function failureAt(
    serve: (socket: Socket) => void,
  ): Promise<{ code: string; message: string; tookMs: number }> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const began = performance.now();
    const error: unknown = await openConnection(`me@127.0.0.1:${port}`, home.options).catch(
      (each: unknown) => each,
    );
    return {
      ...(error as { code: string }),
      message: (error as Error).message,
      tookMs: performance.now() - began,
    };
  }

  /** Writes as fast as it is read. */
  function endlessly(socket: Socket, text: string): void {
    const write = () => {
      while (!socket.destroyed && socket.write(text));
      socket.once('drain', write);
    };
    write();
  }

  const CASES: Record<string, [(socket: Socket) => void, string, RegExp]> = {
    'one that never answers': [() => undefined, 'timed-out', /does not answer as an SSH server within 0.8 s/],
    'an endless line': [
      (socket) => endlessly(socket, 'x'.repeat(1000)),
      'connection-failed',
      /no SSH connection/,
    ],
    'an endless banner': [
      (socket) => endlessly(socket, 'welcome\r\n'.repeat(100)),
      'connection-failed',
      /no SSH/,
    ],
    'a slow endless banner': [
      (socket) => void setInterval(() => socket.destroyed || socket.write('hi\r\n'), 20).unref(),
      'timed-out',
      /within 0.8 s/,
    ],
    'a web server': [
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>\u001b[2J</html>\r\n'),
      'connection-failed',
      /no SSH connection comes about/,
    ],
    'one that closes at once': [
      (socket) => socket.end(),
      'connection-failed',
      /no SSH connection comes about/,
    ],
    'one that closes after its name': [
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      'connection-failed',
      /no SSH connection comes about/,
    ],
    'garbage after its name': [
      (socket) => {
        socket.write('SSH-2.0-OpenSSH_9.2\r\n');
        endlessly(socket, '\u0000\u0001garbage\u00ff'.repeat(100));
      },
      'connection-failed',
      /no SSH connection comes about/,
    ],
    'silence after its name': [
      (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
      'timed-out',
      /within 0.8 s/,
    ],
    'the old protocol': [
      (socket) => socket.write('SSH-1.5-old\r\n'),
      'connection-failed',
      /no SSH connection/,
    ],
  };
  test.each(Object.entries(CASES))('%s', async (_title, [serve, code, message]) => {
    const failure = await failureAt(serve);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(failure.message).not.toContain('\u001b');
    expect(failure.tookMs).toBeLessThan(5000);
  });

  test('a peer that resets the connection', async () => {
    expect(await failureAt((socket) => socket.resetAndDestroy())).toMatchObject({
      code: 'connection-failed',
    });
  });

  test('one that sends more than it may is cut off before it fills the memory', async () => {
    // No real server does this: that of ssh2 is told that its window is without end.
    let isOver = false;
    const keys = utils.generateKeyPairSync('ed25519');
    const flooding = new SshFlood({ hostKeys: [keys.private] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (login) => {
        login.accept();
      });
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          (channel as unknown as { outgoing: { window: number } }).outgoing.window = 1e15;
          const write = () => {
            for (let each = 0; each < 50; each += 1) channel.write(Buffer.alloc(30_000));
            if (!isOver) setImmediate(write);
          };
          write();
        });
      });
    });
    await new Promise<void>((resolve) => flooding.listen(0, '127.0.0.1', resolve));
    const { port } = flooding.address() as { port: number };
    const connection = await openConnection(`me@127.0.0.1:${port}`, home.options);
    const flooded = await connection.start(HOUR);
    await expect(flooded.exit).rejects.toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('more than it was allowed to') as string,
    });
    isOver = true;
    flooding.close();
  });
});
