import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isFailure } from '../../../../../src/base/errors.js';
import { runProgram } from '../../../../../src/learning/engines/native/program.js';

const TELLING = { doing: 'Fetching it', remedy: 'Try another way.' };
const failureOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

it('gives what a program wrote', async () => {
  expect(await runProgram(process.execPath, ['-p', '6 * 7'], TELLING)).toBe('42\n');
});

it('says what failed, how it ended, what to do, and the end of what it wrote', async () => {
  const script = "for (let i = 0; i < 50; i++) console.error('line', i); process.exit(3)";
  const failure = await failureOf(runProgram(process.execPath, ['-e', script], TELLING));
  expect(isFailure(failure, 'bad-input')).toBe(true);
  expect(String(failure)).toMatch(/Fetching it failed \(.*node, exit code 3\)\. Try another way\.\n/);
  expect(String(failure)).toMatch(/line 48\nline 49$/);
  expect(String(failure)).not.toContain('line 10\n');
});

it('says that there is no such program', async () => {
  const failure = await failureOf(runProgram('no-such-program-here', [], TELLING));
  expect(isFailure(failure, 'not-found')).toBe(true);
  expect(String(failure)).toMatch(/no-such-program-here is not there .*Try another way\./);
});

it('cancelled, ends the program and what that started', async () => {
  const controller = new AbortController();
  // A child of the child tells its number and would stay for a minute.
  const script =
    "const c = require('child_process').spawn('sleep', ['60']); console.log(c.pid); setTimeout(() => {}, 60000)";
  let child = 0;
  const work = runProgram(process.execPath, ['-e', script], {
    ...TELLING,
    signal: controller.signal,
    onOutput: (text) => (child ||= Number(text)),
  });
  const ended = failureOf(work);
  for (let wait = 0; wait < 400 && child === 0; wait += 1) await sleep(25);
  expect(child).toBeGreaterThan(0);
  controller.abort();
  expect(isFailure(await ended, 'cancelled')).toBe(true);
  await expect.poll(() => isThere(child), { timeout: 5000 }).toBe(false);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
