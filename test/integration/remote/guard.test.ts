import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import { startGuarded } from '../../../src/remote/guard/guardedRun.js';
import { GuardedMachine, until } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';
import { folderOfTools, SHELLS } from '../../support/testShells.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No guarded programs are tested: ${missing}.`);

const PROGRAMS = {
  print: 'printf "%s|" "$@"; ko_say told "word=$1" plain=1; echo complaint >&2; exit 3',
  change: [
    'ko_say folder "path=$ko_dir"; echo 1 >"$ko_dir/made"',
    'ko_restore_value "$1"; echo changed >"$1"',
    'ko_restore_rmdir "$2"; mkdir "$2"',
    `ko_restore sh -c 'printf "%s" "$2" >>"$1"' sh "$3" "it's
$HOME \\\\ *"`,
    'ko_restore sh -c \'printf "%s" "$#" >>"$1"\' sh "$3" \'\' - \'x  y\'',
    'ko_say ready',
    'while ! ko_stopping; do ko_sleep 1000; done',
    'echo flushed',
  ].join('\n'),
  child:
    'ko_signal=USR2; ko_run sh -c "trap \\"echo asked; exit 5\\" USR2; echo ready; while :; do sleep 0.1; done"; exit $?',
  stubborn: [
    'trap "" TERM USR1',
    'ko_restore sh -c "exit 4"',
    '( trap "" TERM; setsid sh -c "trap \\"\\" TERM; while :; do sleep 1; done" & )',
    'ko_say ready; while :; do sleep 1; done',
  ].join('\n'),
  hasty: 'ko_say ready; while :; do i=$((i + 1)); ko_restore_rmdir "$1/$i"; mkdir "$1/$i"; done',
  crash: 'sh -c "sleep 1000" & kill -SEGV $$',
  bytes: 'dd if=/dev/urandom bs=65536 count=200 2>/dev/null',
};

describe.skipIf(missing !== undefined).each(SHELLS)('the guard under $name', (shell) => {
  let machine: GuardedMachine;
  let connection: Connection;
  let tools: string;
  let scratch: string;
  beforeAll(async () => {
    tools = folderOfTools(shell);
    scratch = mkdtempSync(join(tmpdir(), 'ko-scratch-'));
    machine = await GuardedMachine.start(PROGRAMS, { environment: `PATH=${tools}:/usr/bin:/bin` });
    connection = await machine.connect();
  });
  beforeEach(() => {
    machine.forgetWhatIsLeft();
  });
  afterAll(() => {
    machine.dispose();
    rmSync(tools, { recursive: true });
    rmSync(scratch, { recursive: true });
  });

  const start = (program: string, ...args: string[]) =>
    startGuarded(connection, machine.programs, { what: 'Testing', rights: 'own', program, args });
  const nothingLeft = () => {
    expect(machine.state()).toMatchObject({ processes: [], temporary: [] });
  };

  test('arguments, output, statuses, complaints and the exit status arrive', async () => {
    const words = ["a'b $(id)", 'new\nline\n', '', 'é😀\u001b[31m', '*'];
    const run = await start('print', ...words);
    const told = run.untilStatus('told', 5000);
    const output = await textOf(run.output);
    const ended = await run.ended;
    expect(output).toBe(words.map((word) => `${word}|`).join(''));
    expect((await told).values).toEqual(
      new Map([
        ['word', words[0]],
        ['plain', '1'],
      ]),
    );
    expect(run.complaints).toBe('complaint\n');
    expect(ended).toEqual({
      code: 3,
      signal: null,
      leftBehind: [],
      outputSha256: createHash('sha256').update(output).digest('hex'),
      outputBytes: Buffer.byteLength(output),
    });
    nothingLeft();
  });

  test.each(['stop', 'abort', 'end of the connection'])('all is undone in reverse order: %s', async (how) => {
    const own = how === 'end of the connection' ? await machine.connect() : connection;
    const [value, made, log] = [join(scratch, 'value'), join(scratch, 'made dir'), join(scratch, 'log')];
    writeFileSync(value, 'before it\n');
    rmSync(log, { force: true });
    const run = await startGuarded(own, machine.programs, {
      what: 'Testing',
      rights: 'own',
      program: 'change',
      args: [value, made, log],
    });
    const output = textOf(run.output).catch(() => 'lost');
    await run.untilStatus('ready', 5000);
    expect(readFileSync(value, 'utf8')).toBe('changed\n');
    const folder = (await run.untilStatus('folder', 5000)).values.get('path')!;
    expect(readdirSync(folder)).toEqual(['made']);
    if (how === 'stop') run.stop();
    else if (how === 'abort') run.abort();
    else own.dispose();
    if (own === connection) {
      expect(await run.ended).toMatchObject({ leftBehind: [], ...(how === 'stop' ? { code: 0 } : {}) });
      if (how === 'stop') expect(await output).toBe('flushed\n');
    } else await expect(run.ended).rejects.toMatchObject({ code: 'connection-lost' });
    await until(() => machine.processes().length === 0, 15_000, 'its processes end');
    expect(readFileSync(value, 'utf8')).toBe('before it\n');
    expect(existsSync(made)).toBe(false);
    expect(readFileSync(log, 'utf8')).toBe(`4it's\n${process.env['HOME']!} \\ *`);
    nothingLeft();
  });

  test('a child is stopped with its signal, and its status is told', async () => {
    const run = await start('child');
    await new Promise((resolve) => run.output.once('readable', resolve));
    const output = textOf(run.output);
    run.stop();
    expect(await run.ended).toMatchObject({ code: 5, leftBehind: [] });
    expect(await output).toBe('ready\nasked\n');
    nothingLeft();
  });

  test('what ignores signals is killed, and what cannot be restored is told', async () => {
    const run = await start('stubborn');
    run.output.resume();
    await run.untilStatus('ready', 5000);
    run.abort();
    expect(await run.ended).toMatchObject({ signal: 'KILL', leftBehind: ['sh -c exit 4: '] });
    nothingLeft();
  });

  test('what was changed up to the last moment is undone', async () => {
    const folder = mkdtempSync(join(scratch, 'hasty-'));
    const run = await start('hasty', folder);
    run.output.resume();
    await until(() => readdirSync(folder).length > 30, 5000, 'it makes folders');
    run.abort();
    expect(await run.ended).toMatchObject({ leftBehind: [] });
    expect(readdirSync(folder)).toEqual([]);
    nothingLeft();
  });

  test('a crash with a child left over', async () => {
    const run = await start('crash');
    run.output.resume();
    expect(await run.ended).toMatchObject({ code: null, signal: 'SEGV', leftBehind: [] });
    nothingLeft();
  });

  test('12.5 MiB arrive with the digest that was counted there', async () => {
    const run = await start('bytes');
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of run.output as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    expect(await run.ended).toMatchObject({ outputSha256: hash.digest('hex'), outputBytes: bytes });
    expect(bytes).toBe(200 * 65536);
    nothingLeft();
  });

  test('the guard ends a program whose runner was killed', async () => {
    const run = await start('stubborn');
    await run.untilStatus('ready', 5000);
    for (const line of machine.processes()) {
      if (line.includes('kernel-oracle main')) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
    }
    await run.ended.catch(() => undefined);
    await until(() => machine.processes().length === 0, 15_000, 'its processes end');
    nothingLeft();
  }, 20_000);
});

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
