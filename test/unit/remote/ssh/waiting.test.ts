import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../../../../src/remote/ssh/waiting.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a limit passes, can be set anew and be stopped', async () => {
  const expire = vi.fn();
  const deadline = new Deadline(expire);
  deadline.set(100);
  await vi.advanceTimersByTimeAsync(99);
  deadline.set(100);
  await vi.advanceTimersByTimeAsync(99);
  expect(expire).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(expire).toHaveBeenCalledTimes(1);
  deadline.set(100);
  deadline.stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(expire).toHaveBeenCalledTimes(1);
});

test('it stands still while the user is asked, also twice at once', async () => {
  const expire = vi.fn();
  const deadline = new Deadline(expire);
  deadline.set(100);
  await vi.advanceTimersByTimeAsync(60);
  const answers: (() => void)[] = [];
  const ask = () => deadline.whilePaused(() => new Promise<void>((resolve) => answers.push(resolve)));
  const asked = [ask(), ask()];
  await vi.advanceTimersByTimeAsync(10_000);
  answers[0]!();
  await asked[0];
  await vi.advanceTimersByTimeAsync(10_000);
  answers[1]!();
  await asked[1];
  await vi.advanceTimersByTimeAsync(39);
  expect(expire).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(expire).toHaveBeenCalledTimes(1);
});
