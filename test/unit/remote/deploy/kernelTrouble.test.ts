import { expect, test } from 'vitest';
import { complaintLines, parseComplaints, taintLines } from '../../../../src/remote/deploy/kernelTrouble.js';

test('complaints: how many, and the first of them', () => {
  expect(parseComplaints(undefined)).toEqual({ count: 0, lines: [] });
  expect(parseComplaints('0')).toEqual({ count: 0, lines: [] });
  const two = parseComplaints('2\n[ 1.0] BUG: x\n[ 1.1] Call Trace:\n');
  expect(two).toEqual({ count: 2, lines: ['[ 1.0] BUG: x', '[ 1.1] Call Trace:'] });
  expect(complaintLines(two)).toEqual(two.lines);
  expect(complaintLines(parseComplaints('900\nWARNING: y'))).toEqual(['WARNING: y', '… and 899 more lines']);
});

test('what a log holds is bounded and printable', () => {
  const { lines, count } = parseComplaints(`x\n${'BUG: \u001b]0;title\u0007z\n'.repeat(500)}`);
  expect(lines).toHaveLength(50);
  expect(lines[0]).toBe('BUG: z');
  expect(count).toBe(50);
  expect(parseComplaints(`1\n${'B'.repeat(5000)}`).lines[0]!).toHaveLength(240);
});

test('taint: only what is bad, and new', () => {
  expect(taintLines('0', '0')).toEqual([]);
  // A module that is not of the kernel's sources (12), not signed (13).
  expect(taintLines('0', String((1 << 12) | (1 << 13)))).toEqual([]);
  expect(taintLines('0', String(1 << 7))).toEqual([expect.stringContaining('an oops or BUG')]);
  expect(taintLines('128', String((1 << 7) | (1 << 9)))).toEqual([expect.stringContaining('a warning')]);
  expect(taintLines('0', String(2n ** 40n))).toEqual([]);
  for (const odd of [undefined, '', 'x', '-1']) expect(taintLines('0', odd)).toEqual([]);
});
