/** Recording as an ordinary user: with sudo's help, without it, and when sudo is withdrawn meanwhile. A real user and sudo. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import { rootRights } from '../../../src/remote/rootRights.js';
import { shellCommand } from '../../../src/remote/shellCommand.js';
import { GuardedMachine, MARK, TRACING, until, type MachineState } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';
import { recordTracefs } from '../../support/tracefsRecording.js';

const missing = noSshServer() ?? cannotMakeUsers();
if (missing !== undefined) console.warn(`Recording as an ordinary user is not tested: ${missing}.`);

function cannotMakeUsers(): string | undefined {
  if (process.getuid?.() !== 0) return 'making a user takes root';
  if (!existsSync('/usr/bin/sudo')) return 'sudo is not installed (package sudo)';
  return existsSync(`${TRACING}/instances`) ? undefined : 'tracefs is not mounted';
}

const USER = `ko-test-${randomBytes(3).toString('hex')}`;
const PASSWORD = randomBytes(12).toString('hex');
const SUDOERS = `/etc/sudoers.d/${USER}`;

describe.skipIf(missing !== undefined)('recording as an ordinary user', () => {
  let machine: GuardedMachine;
  let connection: Connection;
  let before: MachineState;
  const allowSudo = () => {
    writeFileSync(SUDOERS, `${USER} ALL=(root) NOPASSWD: ALL\nDefaults:${USER} env_keep += "${MARK}"\n`, {
      mode: 0o440,
    });
  };
  beforeAll(async () => {
    const secret = execFileSync('openssl', ['passwd', '-6', PASSWORD], { encoding: 'utf8' }).trim();
    const made = spawnSync('useradd', ['--create-home', '--password', secret, '--shell', '/bin/sh', USER]);
    if (made.status !== 0) throw new Error(`No user can be made: ${made.stderr.toString()}`);
    machine = await GuardedMachine.start();
    // sshd reads the list of keys as the user; the temporary folder is his, too.
    chmodSync(machine.server.folder, 0o755);
    chmodSync(`${machine.server.folder}/authorized_keys`, 0o644);
    chmodSync(dirname(machine.temporary), 0o755);
    chmodSync(machine.temporary, 0o1777);
    connection = await machine.connect({ username: USER });
  });
  beforeEach(() => {
    before = machine.state();
  });
  afterEach(() => {
    expect(machine.state()).toEqual(before);
  });
  afterAll(() => {
    machine.dispose();
    rmSync(SUDOERS, { force: true });
    spawnSync('userdel', ['--remove', USER]);
  });

  test('without any rights it fails clearly', async () => {
    await expect(rootRights(connection)).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(/gives no root rights: .*sudo.*NOPASSWD/s) as string,
    });
    await expect(recordTracefs(machine, connection, {}, 'sudo')).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(
        /Recording with tracefs on .* failed: sudo: a password is required/,
      ) as string,
    });
    const own = await recordTracefs(machine, connection, {}, 'own');
    await expect(own.run.ready).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(/only root may see it/) as string,
    });
    await own.run.finished.catch(() => undefined);
    own.remove();
  });

  test('with passwordless sudo the whole recording works', async () => {
    allowSudo();
    expect(await rootRights(connection)).toBe('sudo');
    const recording = await recordTracefs(machine, connection, {}, 'sudo');
    await recording.run.ready;
    machine.noteRuns();
    expect(machine.state().instances).toHaveLength(1);
    await wait(300);
    recording.run.stop();
    const facts = await recording.run.finished;
    expect(facts).toMatchObject({ lostEvents: 0, leftBehind: [] });
    expect((await recording.read()).length).toBe(facts.events);
    recording.remove();
  });

  test('the time for which sudo remembers a password runs out while it records', async () => {
    const mark = `Defaults:${USER} env_keep += "${MARK}"`;
    const seconds = 3;
    const memory = `Defaults:${USER} timestamp_type=global, timestamp_timeout=${seconds / 60}`;
    writeFileSync(SUDOERS, `${USER} ALL=(root) ALL\n${mark}\n${memory}\n`, { mode: 0o440 });
    await expect(rootRights(connection)).rejects.toMatchObject({ code: 'remote-failed' });
    const logIn = await connection.start(shellCommand(['sudo', '-S', '-v']));
    logIn.stdout.resume();
    logIn.stderr.resume();
    logIn.stdin.end(`${PASSWORD}\n`);
    expect(await logIn.exit).toMatchObject({ code: 0 });
    expect(await rootRights(connection)).toBe('sudo');
    const recording = await recordTracefs(machine, connection, {}, 'sudo');
    await recording.run.ready;
    machine.noteRuns();
    await wait(seconds * 1000 + 500);
    await expect(rootRights(connection)).rejects.toMatchObject({ code: 'remote-failed' });
    expect(machine.state().instances).toHaveLength(1);
    recording.run.stop();
    expect(await recording.run.finished).toMatchObject({ leftBehind: [] });
    recording.remove();
  });

  test.each(['stopped', 'lost'])('sudo is withdrawn while it records, then it is %s', async (how) => {
    allowSudo();
    const own = await machine.connect({ username: USER });
    const recording = await recordTracefs(machine, own, {}, 'sudo');
    await recording.run.ready;
    machine.noteRuns();
    expect(machine.state().instances).toHaveLength(1);
    rmSync(SUDOERS);
    await expect(rootRights(own)).rejects.toMatchObject({ code: 'remote-failed' });
    if (how === 'stopped') {
      recording.run.stop();
      expect(await recording.run.finished).toMatchObject({ leftBehind: [] });
    } else {
      own.dispose();
      await expect(recording.run.finished).rejects.toMatchObject({ code: 'connection-lost' });
      const isRestored = () => machine.state().instances.length + machine.processes().length === 0;
      await until(isRestored, 15_000, 'restored after the connection was lost');
    }
    recording.remove();
  });
});
