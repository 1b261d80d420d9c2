import { describe, expect, test } from 'vitest';
import { statusFrom, type DeploymentRecord } from '../../../../src/remote/deploy/deployedStatus.js';
import { whyNotContent } from '../../../../src/remote/deploy/kernelStep.js';
import { MODEL, STATS } from '../../../support/fakeControl.js';

const BOOT = '01234567-89ab-cdef-0123-456789abcdef';
const RECORD: DeploymentRecord = {
  ...{ format: 'kernel-oracle-deployment', version: 1, id: '0123456789abcdef', way: 'module' },
  ...{ model: MODEL, bootId: BOOT, at: MODEL.at, marked: 'yes', tainted: '0' },
};

function told(over: Record<string, string | undefined> = {}) {
  const facts: Record<string, string | undefined> = {
    'kernel.release': '6.1.0',
    'boot.id': BOOT,
    ...{ told: JSON.stringify(RECORD), there: 'whole', tainted: '0', 'trouble.now': '0' },
    ...{ 'stats.status': '0', stats: JSON.stringify(STATS) },
    ...over,
  };
  const known = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined);
  return statusFrom(new Map(known), 'lab');
}

describe('the state', () => {
  test('running', () => {
    expect(told().status).toEqual({
      ...{ machine: 'lab', kernel: '6.1.0', bootId: BOOT, state: 'running', way: 'module' },
      ...{ model: MODEL, stats: STATS, trouble: [] },
    });
  });

  test.each([
    ['none', { told: undefined, there: undefined, stats: undefined, 'stats.status': undefined }],
    ['missing', { 'stats.status': '1', stats: '' }],
    ['missing', { stats: undefined, 'stats.status': undefined, there: 'broken' }],
    ['rebooted', { 'stats.status': '1', stats: '', 'boot.id': 'another' }],
    // A kernel with its model built in has it after each boot.
    ['running', { 'boot.id': 'another' }],
    ['running', { told: undefined, there: undefined }],
  ])('%s: %o', (state, over) => {
    expect(told(over).status.state).toBe(state);
  });

  test('a deployment that is told of in nonsense is there, and that is said', () => {
    for (const odd of ['', 'x', '{}', JSON.stringify({ ...RECORD, way: 'magic' })]) {
      const { status, record } = told({ told: odd, 'stats.status': '1' });
      expect(record).toBeNull();
      expect(status).toMatchObject({ state: 'missing', model: null, way: null });
      expect(status.trouble).toContain('Its deployment.json cannot be understood.');
    }
  });

  test('what an interrupted deployment left', () => {
    expect(told().hasPart).toBe(false);
    expect(told({ part: 'present' }).hasPart).toBe(true);
  });
});

describe('counts that make no sense are refused', () => {
  test.each([
    ['', /no JSON/],
    ['[]', /mode|way|Object/],
    [JSON.stringify({ ...STATS, refused: [1, -1] }), /refused\.1/],
    [JSON.stringify({ ...STATS, modelNs: 1e300 }), /modelNs/],
    [JSON.stringify({ ...STATS, modelNs: 1.5 }), /modelNs/],
    [JSON.stringify({ ...STATS, forced: [1] }), /forced/],
    [JSON.stringify({ ...STATS, mode: '\u001b[2J' }), /mode/],
  ])('%s', (stats, message) => {
    const asked = () => told({ stats });
    expect(asked).toThrow(/cannot be understood/);
    expect(asked).toThrow(message);
  });
});

describe('trouble', () => {
  test('of this boot, of the one before, and by the taint', () => {
    expect(told({ 'trouble.now': '1\nBUG: now' }).status.trouble).toEqual(['BUG: now']);
    expect(told({ tainted: '128' }).status.trouble).toEqual([expect.stringContaining('oops')]);
    const rebooted = { 'boot.id': 'another', 'stats.status': '1', 'trouble.now': undefined, tainted: '128' };
    // The taint is of another boot than the one that it is compared with.
    expect(told({ ...rebooted, 'trouble.before': '1\nOops: 0000' }).status.trouble).toEqual(['Oops: 0000']);
  });

  test('counts that were not told in time', () => {
    const { status } = told({ 'stats.status': '124', stats: '' });
    expect(status.trouble).toEqual([expect.stringContaining('did not answer within 20 s')]);
  });
});

describe('whether a kernel is content', () => {
  const before = told();
  test.each<[string, Record<string, string | undefined>, RegExp | undefined]>([
    ['nothing new', {}, undefined],
    ['a complaint', { 'trouble.now': '2\nBUG: a\nRIP: b' }, /complained: BUG: a \/ RIP: b/],
    ['tainted', { tainted: '512' }, /in trouble: .*warning/],
    ['another boot', { 'boot.id': 'x', 'stats.status': '1' }, /started anew: it has crashed, or somebody/],
    [
      'another boot that left something',
      { 'boot.id': 'x', 'stats.status': '1', 'trouble.before': '1\nOops' },
      /It left: Oops/,
    ],
    ['gone', { 'stats.status': '1' }, /no model in it any more/],
    ['switched off', { stats: JSON.stringify({ ...STATS, selfTest: 'failed' }) }, /self-test failed/],
  ])('%s', (_name, over, expected) => {
    const why = whyNotContent(before, told(over));
    if (expected === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(expected);
  });

  test('what was known before is no new trouble', () => {
    const over = { 'trouble.now': '1\nBUG: old', tainted: '128' };
    expect(whyNotContent(told(over), told(over))).toBeUndefined();
    expect(whyNotContent(told(over), told({ ...over, 'trouble.now': '2\nBUG: old\nBUG: new' }))).toBe(
      'complained: BUG: new.',
    );
  });
});
