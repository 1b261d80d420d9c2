import { expect, test } from 'vitest';
import { StatusLines } from '../../../../src/remote/guard/statusLines.js';
import type { GuardStatus } from '../../../../src/remote/guard/guardedRun.js';

const NONCE = '00112233445566778899aabbccddeeff';

function taken(...chunks: (string | Uint8Array)[]) {
  const statuses: GuardStatus[] = [];
  const lines = new StatusLines(NONCE, (status) => statuses.push(status));
  for (const chunk of chunks) lines.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  lines.end();
  const told = statuses.map(({ kind, values }) => [kind, Object.fromEntries(values)]);
  return { told, complaints: lines.complaints };
}

test('statuses are told from complaints, wherever chunks end', () => {
  const text = `first\nhalf ako:${NONCE}:counters events=12 lost=0\nlast`;
  const expected = { told: [['counters', { events: '12', lost: '0' }]], complaints: 'first\nhalf a\nlast\n' };
  expect(taken(text)).toEqual(expected);
  expect(taken(...Array.from(text))).toEqual(expected);
});

test('escaped values are bytes of UTF-8, made printable', () => {
  const { told } = taken(`ko:${NONCE}:told a=\\303\\251\\040x b=\\033\\133\\063\\061mred c=\\377 d=\n`);
  expect(told).toEqual([['told', { a: 'é x', b: 'red', c: '�', d: '' }]]);
});

test.each([
  ['another nonce', 'ko:ffffffffffffffffffffffffffffffff:ended code=0'],
  ['no nonce', 'ended code=0'],
  ['a kind that is none', `ko:${NONCE}:<b> code=0`],
  ['a value that was not escaped', `ko:${NONCE}:ended code=a;b`],
  ['an escape beyond a byte', `ko:${NONCE}:ended code=\\777`],
  ['too many values', `ko:${NONCE}:ended${' a=1'.repeat(65)}`],
])('%s is a complaint', (_, line) => {
  expect(taken(`${line}\n`)).toEqual({ told: [], complaints: `${line}\n` });
});

test('what has no end is bounded', () => {
  const lines = new StatusLines(NONCE, () => expect.fail());
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 50; i += 1) lines.add(chunk);
  expect(lines.complaints.length).toBeLessThanOrEqual(64 * 1024);
  const values = taken(`ko:${NONCE}:told a=${'x'.repeat(10_000)}\n`).told[0]![1] as { a: string };
  expect(values.a).toHaveLength(4000);
});
