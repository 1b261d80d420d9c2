import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { downloadFile, type DownloadProgress } from '../../../src/remote/artifacts/download.js';
import type { Connection, RemoteProcess } from '../../../src/remote/connection.js';
import type { ShellCommand } from '../../../src/remote/shellCommand.js';
import { CollectorMachine, PROGRAMS } from '../../support/collectorMachine.js';
import { noSshServer } from '../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No downloads are tested: ${missing}.`);

const OPTIONS = { programs: PROGRAMS };
const SIZE_BYTES = 60_000_000;

describe.skipIf(missing !== undefined)('downloads over a real sshd', () => {
  let machine: CollectorMachine;
  let connection: Connection;
  let remote: string;
  let big: string;
  let content: Buffer;
  let folderCount = 0;
  beforeAll(async () => {
    machine = await CollectorMachine.start();
    connection = await machine.connect();
    remote = join(machine.folder, 'remote');
    mkdirSync(remote);
    content = randomBytes(SIZE_BYTES);
    big = join(remote, 'big');
    writeFileSync(big, content);
  });
  afterAll(() => {
    machine.dispose();
  });

  function localFolder(): string {
    folderCount += 1;
    const folder = join(machine.folder, `local-${folderCount}`);
    mkdirSync(folder);
    return folder;
  }

  /** Downloads with something done once so many bytes are here. */
  function during(atBytes: number, what: () => void) {
    let isDone = false;
    return (progress: DownloadProgress) => {
      if (isDone || progress.doneBytes < atBytes) return;
      isDone = true;
      what();
    };
  }

  test('a file arrives whole, and its size and digest are told', async () => {
    const folder = localFolder();
    const seen: number[] = [];
    const result = await downloadFile(connection, big, join(folder, 'big'), {
      ...OPTIONS,
      onProgress: ({ doneBytes }) => seen.push(doneBytes),
    });
    expect(readFileSync(join(folder, 'big')).equals(content)).toBe(true);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(result).toEqual({ sizeBytes: SIZE_BYTES, sha256, resumedBytes: 0 });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(SIZE_BYTES);
    expect(machine.names(folder)).toEqual(['big']);
  });

  test.each(['-rf', "it's $(id) `id`", 'line\nend', '\\back\\slash', 'é😀', ' '])(
    'a file named %j, here and there',
    async (name) => {
      const folder = localFolder();
      writeFileSync(join(remote, name), `content of ${name}`);
      await downloadFile(connection, join(remote, name), join(folder, name), OPTIONS);
      expect(readFileSync(join(folder, name), 'utf8')).toBe(`content of ${name}`);
    },
  );

  test('an empty file, and one with a name as long as names can be', async () => {
    const folder = localFolder();
    const name = 'ä'.repeat(127);
    writeFileSync(join(remote, name), '');
    expect(await downloadFile(connection, join(remote, name), join(folder, name), OPTIONS)).toMatchObject({
      sizeBytes: 0,
    });
    expect(machine.names(folder)).toEqual([name]);
  });

  test('what cannot be downloaded is said, and nothing is left', async () => {
    const folder = localFolder();
    const target = join(folder, 'target');
    mkdirSync(join(remote, 'folder'));
    const failing = (path: string) => downloadFile(connection, path, target, OPTIONS);
    await expect(failing(join(remote, 'none'))).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(failing(join(remote, 'folder'))).rejects.toMatchObject({ code: 'file-is-directory' });
    await expect(failing('/dev/zero')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(downloadFile(connection, big, join(folder, 'no', 'folder'), OPTIONS)).rejects.toMatchObject({
      code: 'write-failed',
    });
    expect(machine.names(folder)).toEqual([]);
    writeFileSync(target, 'mine');
    await expect(failing(big)).rejects.toMatchObject({
      code: 'write-failed',
      message: `${target} exists already and is not overwritten. Choose another name.`,
    });
    expect(readFileSync(target, 'utf8')).toBe('mine');
    await downloadFile(connection, join(remote, '-rf'), target, { ...OPTIONS, replace: true });
    expect(readFileSync(target, 'utf8')).toBe('content of -rf');
  });

  test('after the connection was lost only the rest is transferred', async () => {
    const folder = localFolder();
    const target = join(folder, 'big');
    const first = await machine.connect();
    const interrupted = downloadFile(first, big, target, {
      ...OPTIONS,
      onProgress: during(SIZE_BYTES / 3, () => {
        killConnections(machine);
      }),
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'connection-lost' });
    expect(machine.names(folder)).toHaveLength(2);
    connection = await machine.connect();
    const progress: DownloadProgress[] = [];
    const result = await downloadFile(connection, big, target, {
      ...OPTIONS,
      onProgress: (each) => progress.push(each),
    });
    expect(result.resumedBytes).toBeGreaterThanOrEqual(SIZE_BYTES / 3);
    expect(progress[0]!.doneBytes).toBe(result.resumedBytes);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(machine.names(folder)).toEqual(['big']);
  });

  test('it goes on over a new connection by itself, as often as is allowed', async () => {
    const folder = localFolder();
    const target = join(folder, 'big');
    let connections = 0;
    let cutAt = SIZE_BYTES / 4;
    const result = await downloadFile(await machine.connect(), big, target, {
      ...OPTIONS,
      onProgress: ({ doneBytes }) => {
        if (doneBytes < cutAt) return;
        cutAt += SIZE_BYTES / 4;
        if (cutAt < SIZE_BYTES) killConnections(machine);
      },
      reconnect: () => {
        connections += 1;
        return machine.connect();
      },
    });
    expect(connections).toBe(2);
    expect(result.resumedBytes).toBeGreaterThan(SIZE_BYTES / 3);
    expect(readFileSync(target).equals(content)).toBe(true);
    connection = await machine.connect();
  });

  test('a file that was changed in between is begun anew', async () => {
    const folder = localFolder();
    const target = join(folder, 'changing');
    const path = join(remote, 'changing');
    writeFileSync(path, content);
    const first = await machine.connect();
    const interrupted = downloadFile(first, path, target, {
      ...OPTIONS,
      onProgress: during(SIZE_BYTES / 3, () => {
        killConnections(machine);
      }),
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'connection-lost' });
    const other = randomBytes(SIZE_BYTES);
    writeFileSync(path, other);
    connection = await machine.connect();
    const result = await downloadFile(connection, path, target, OPTIONS);
    expect(result.resumedBytes).toBe(0);
    expect(readFileSync(target).equals(other)).toBe(true);
    expect(machine.names(folder)).toEqual(['changing']);
  });

  test('a file that changes meanwhile is refused', async () => {
    const folder = localFolder();
    const path = join(remote, 'growing');
    writeFileSync(path, content);
    const download = (change: () => void) =>
      downloadFile(connection, path, join(folder, 'growing'), {
        ...OPTIONS,
        onProgress: during(SIZE_BYTES / 3, change),
      });
    await expect(
      download(() => {
        appendFileSync(path, 'more');
      }),
    ).rejects.toMatchObject({ code: 'file-changed' });
    await expect(
      download(() => {
        spawnSync('dd', ['if=/dev/urandom', `of=${path}`, 'conv=notrunc', 'bs=1000', 'count=1']);
      }),
    ).rejects.toMatchObject({ code: 'file-changed' });
    expect(machine.names(folder)).toEqual([]);
  });

  test('a cancelled download leaves nothing', async () => {
    const folder = localFolder();
    const controller = new AbortController();
    const cancelled = downloadFile(connection, big, join(folder, 'big'), {
      ...OPTIONS,
      signal: controller.signal,
      onProgress: during(SIZE_BYTES / 3, () => {
        controller.abort();
      }),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect(
      downloadFile(connection, big, join(folder, 'big'), { ...OPTIONS, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(machine.names(folder)).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)('a local disk that is full', async () => {
    const folder = localFolder();
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    if (status !== 0) throw new Error('No tmpfs can be mounted: a full disk is not tested.');
    try {
      await expect(downloadFile(connection, big, join(folder, 'big'), OPTIONS)).rejects.toMatchObject({
        code: 'write-failed',
        message: expect.stringMatching(/^The disk is full: \S+ cannot be written after \d+ bytes/) as string,
      });
      expect(machine.names(folder)).toEqual([]);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  test('a file that only root may read needs root', async () => {
    if (spawnSync('id', ['nobody']).status !== 0) throw new Error('There is no user nobody: not tested.');
    const folder = localFolder();
    const secret = join(remote, 'secret');
    writeFileSync(secret, 'for root');
    chmodSync(secret, 0o600);
    chmodSync(machine.folder, 0o755);
    // As root everything can be read: the question is asked as somebody else.
    const asNobody: Connection = Object.assign(Object.create(connection) as Connection, {
      start: (command: ShellCommand) =>
        connection.start(
          `setpriv --reuid=nobody --clear-groups -- sh -c '${command.replaceAll("'", `'\\''`)}'` as ShellCommand,
        ),
    });
    await expect(downloadFile(asNobody, secret, join(folder, 'secret'), OPTIONS)).rejects.toMatchObject({
      code: 'permission-denied',
    });
  });

  describe('a machine that is out of order or hostile', () => {
    type Answers = Readonly<Record<string, string | undefined>>;

    /** The real connection, with other answers to some of the questions. */
    function lying(answers: Answers): Connection {
      return Object.assign(Object.create(connection) as Connection, {
        start: (command: ShellCommand, signal?: AbortSignal) => {
          const question = Object.keys(answers).find((each) => command.includes(` '${each}' `));
          return question === undefined ? connection.start(command, signal) : answer(answers[question]);
        },
      });
    }

    const download = (answers: Answers, silenceMs = 60_000) => {
      const folder = localFolder();
      const target = join(folder, 'big');
      return downloadFile(lying(answers), big, target, { ...OPTIONS, silenceMs }).finally(() => {
        expect(machine.names(folder)).not.toContain('big');
      });
    };

    test('garbage instead of facts', async () => {
      await expect(download({ facts: '\u001b[2Jfile 12 yes\n' })).rejects.toMatchObject({
        code: 'remote-failed',
      });
      await expect(download({ facts: 'file -1 2 3\n' })).rejects.toMatchObject({ code: 'remote-failed' });
    });

    test('endless facts', async () => {
      await expect(download({ facts: 'x'.repeat(100_000) })).rejects.toMatchObject({ code: 'too-large' });
    });

    test('another digest, or none', async () => {
      await expect(download({ digest: `${'0'.repeat(64)}  -\n` })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('was damaged on its way') as string,
      });
      await expect(download({ digest: 'sha256sum: never heard of it' })).rejects.toMatchObject({
        code: 'remote-failed',
      });
    });

    test('less content, more content, other content, none at all', async () => {
      await expect(download({ content: 'short' })).rejects.toMatchObject({ code: 'bad-input' });
      await expect(download({ content: 'x'.repeat(SIZE_BYTES + 1) })).rejects.toMatchObject({
        code: 'file-changed',
      });
      await expect(download({ content: 'x'.repeat(SIZE_BYTES) })).rejects.toMatchObject({
        code: 'bad-input',
      });
      await expect(download({ content: undefined }, 500)).rejects.toMatchObject({ code: 'timed-out' });
    });
  });
});

/** A command that prints this and ends well; undefined: that says nothing, for ever. */
function answer(text: string | undefined): Promise<RemoteProcess> {
  const stdout = new PassThrough();
  if (text !== undefined) stdout.end(text);
  const exit =
    text === undefined ? new Promise<never>(() => undefined) : Promise.resolve({ code: 0, signal: null });
  const stderr = new PassThrough();
  stderr.end();
  return Promise.resolve({ stdin: new PassThrough(), stdout, stderr, exit, close: () => undefined });
}

/** Ends what sshd runs for its connections, as when a machine is switched off. */
function killConnections(machine: CollectorMachine): void {
  for (const pid of machine.server.connectionPids()) process.kill(pid, 'SIGKILL');
}
