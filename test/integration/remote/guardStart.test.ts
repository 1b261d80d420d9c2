/** Dropping and stopping a program at the moment when it is being started: it must not be overlooked. */
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import { startGuarded } from '../../../src/remote/guard/guardedRun.js';
import { GuardedMachine, until } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';
import { folderOfTools, SHELLS } from '../../support/testShells.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`The start of guarded programs is not tested: ${missing}.`);

const PROGRAMS = {
  waiting: [
    'ko_restore_rmdir "$1"; mkdir "$1"',
    'while ! ko_stopping; do ko_sleep 1000; done; echo flushed',
  ].join('\n'),
};

/**
 * In the place of `setsid`: between the fork and the moment when its mark can be seen, a program takes so long as `$seconds`
 * says. Of a fork that has not become another program yet, the system shows the environment of its parent; here it is taken
 * away. The file tells when that is so.
 */
const LATE_SETSID = (setsid: string, unseen: string, seconds: number) => `#!/bin/sh
case " $* " in
*" kernel-oracle program "*)
  token=$KO_TOKEN
  unset KO_TOKEN
  exec sh -c ': >"$1"; sleep "$2"; KO_TOKEN=$3; export KO_TOKEN; shift 4; exec "$0" "$@"' \\
    '${setsid}' '${unseen}' ${seconds} "$token" - "$@"
  ;;
esac
exec '${setsid}' "$@"
`;

describe.skipIf(missing !== undefined).each(SHELLS)(
  'a program that is being started, under $name',
  (shell) => {
    let machine: GuardedMachine;
    let connection: Connection;
    let tools: string;
    let scratch: string;
    let made: string;
    let unseen: string;
    beforeAll(async () => {
      tools = folderOfTools(shell);
      scratch = mkdtempSync(join(tmpdir(), 'ko-scratch-'));
      [made, unseen] = [join(scratch, 'made'), join(scratch, 'unseen')];
      machine = await GuardedMachine.start(PROGRAMS, { environment: `PATH=${tools}:/usr/bin:/bin` });
      connection = await machine.connect();
    });
    beforeEach(() => {
      rmSync(unseen, { force: true });
      machine.forgetWhatIsLeft();
    });
    afterAll(() => {
      machine.dispose();
      rmSync(tools, { recursive: true });
      rmSync(scratch, { recursive: true });
    });

    const start = async (own = connection) => {
      const run = await startGuarded(own, machine.programs, {
        what: 'Testing',
        rights: 'own',
        program: 'waiting',
        args: [made],
      });
      const output = run.output.toArray().catch(() => []) as Promise<Buffer[]>;
      return { run, output };
    };
    const nothingLeft = () => {
      expect(machine.state()).toMatchObject({ processes: [], temporary: [] });
      expect(existsSync(made)).toBe(false);
    };

    test('dropped after 0 to 60 ms', async () => {
      for (let afterMs = 0; afterMs <= 60; afterMs += 6) {
        const { run } = await start();
        await wait(afterMs);
        run.abort();
        expect(await run.ended).toMatchObject({ leftBehind: [] });
        nothingLeft();
      }
    });

    test('the connection is lost after 0 to 60 ms', async () => {
      const runs = [];
      for (let afterMs = 0; afterMs <= 60; afterMs += 12) {
        const own = await machine.connect();
        const { run } = await start(own);
        await wait(afterMs);
        own.dispose();
        runs.push(expect(run.ended).rejects.toMatchObject({ code: 'connection-lost' }));
      }
      await Promise.all(runs);
      await until(() => machine.processes().length === 0, 15_000, 'its processes end');
      nothingLeft();
    }, 30_000);

    test('asked to stop at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { run, output } = await start();
        run.stop();
        expect(await run.ended).toMatchObject({ code: 0, leftBehind: [] });
        expect(Buffer.concat(await output).toString()).toBe('flushed\n');
        nothingLeft();
      }
    });

    // busybox calls its own setsid without looking for another.
    describe.skipIf(shell.applets.includes('setsid'))('and takes long for it', () => {
      const beLate = (seconds: number) => {
        writeFileSync(join(tools, 'setsid'), LATE_SETSID(realpathSync('/usr/bin/setsid'), unseen, seconds));
        chmodSync(join(tools, 'setsid'), 0o755);
      };
      const isUnseen = () => until(() => existsSync(unseen), 5000, 'the program is being started');

      test('dropped', async () => {
        beLate(0.7);
        const { run } = await start();
        await isUnseen();
        run.abort();
        expect(await run.ended).toMatchObject({ leftBehind: [] });
        nothingLeft();
      });

      test('asked to stop', async () => {
        beLate(0.7);
        const { run, output } = await start();
        await isUnseen();
        run.stop();
        expect(await run.ended).toMatchObject({ code: 0, leftBehind: [] });
        expect(Buffer.concat(await output).toString()).toBe('flushed\n');
        nothingLeft();
      });

      test('the connection is lost', async () => {
        beLate(0.7);
        const own = await machine.connect();
        const { run } = await start(own);
        await isUnseen();
        own.dispose();
        await expect(run.ended).rejects.toMatchObject({ code: 'connection-lost' });
        await until(() => machine.processes().length === 0, 15_000, 'its processes end');
        nothingLeft();
      });

      test('dropped, and longer than the guard waits: told, and ended all the same', async () => {
        beLate(5);
        const { run } = await start();
        await isUnseen();
        run.abort();
        expect(await run.ended).toMatchObject({ leftBehind: ['kill: the program was still being started'] });
        nothingLeft();
      }, 20_000);
    });
  },
);
