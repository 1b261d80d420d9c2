import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import { outputOf, runCommand } from '../../../src/remote/runCommand.js';
import { shellCommand, shellProgram } from '../../../src/remote/shellCommand.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { noSshServer, SshServer } from '../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No commands over SSH are tested: ${missing}.`);

describe.skipIf(missing !== undefined)('commands over SSH', () => {
  let server: SshServer;
  let connection: Connection;
  beforeAll(async () => {
    server = await SshServer.start();
    connection = await connectSsh2(`${server.user}@localhost:${server.port}`, {
      host: '127.0.0.1',
      port: server.port,
      username: server.user,
      privateKey: readFileSync(server.clientKey),
    });
  });
  afterAll(() => {
    connection.dispose();
    server.dispose();
  });

  test('arguments arrive as they are', async () => {
    const args = ["a'b", '$(id)', 'new\nline\n', '', 'é😀', '!x', '\\n'];
    const printed = await outputOf(connection, 'Printing', shellCommand(['printf', '[%s]', ...args]));
    expect(printed).toBe(args.map((each) => `[${each}]`).join(''));
  });

  test('exit status, signal, both outputs and input', async () => {
    const result = await runCommand(connection, 'Trying', shellProgram('cat; echo no >&2; exit 3'), {
      input: 'yes',
    });
    expect(result).toEqual({ code: 3, signal: null, stdout: 'yes', stderr: 'no\n' });
    expect(await runCommand(connection, 'Dying', shellProgram('kill -9 $$'))).toMatchObject({
      code: null,
      signal: 'KILL',
    });
  });

  test('a command whose whole life arrives at once has its exit status', async () => {
    const running = runCommand(connection, 'Ending', shellCommand(['sh', '-c', 'exit 3']));
    // What comes meanwhile lies ready in one piece: that the channel is open, the exit status, and the end.
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const until = performance.now() + 150;
      while (performance.now() < until);
    }
    expect(await running).toMatchObject({ code: 3 });
  });

  test('endless output and endless work end with a failure', async () => {
    await expect(
      runCommand(connection, 'Printing', shellCommand(['yes']), { maxOutputBytes: 100_000 }),
    ).rejects.toMatchObject({ code: 'too-large' });
    await expect(
      runCommand(connection, 'Sleeping', shellCommand(['sleep', '100']), { timeoutMs: 200 }),
    ).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringMatching(/^Sleeping took longer than 0.2 s on /) as string,
    });
  });
});
