import { describe, expect, test } from 'vitest';
import { clockDifference, parseClockLine } from '../../../../src/remote/preflight/clock.js';
import { parseOsRelease } from '../../../../src/remote/preflight/distribution.js';
import { parseFactLines } from '../../../../src/remote/preflight/factLines.js';
import { listLength, machineFacts } from '../../../../src/remote/preflight/facts.js';
import { allChecks } from '../../../../src/remote/preflight/preflight.js';
import { oneOf, randomNumbers } from '../../../support/randomNumbers.js';
import { printed } from './madeUpMachines.js';

describe('lines of facts', () => {
  test('values come back as they were, errors apart', () => {
    const facts = { 'kernel.version': '#1 SMP (x)', 'os-release': 'A="b"\nC=%25\n\ttab é😀', empty: '' };
    expect(parseFactLines(printed(facts, { 'functions.readable': "it's forbidden" }))).toEqual({
      facts: new Map(Object.entries(facts)),
      errors: new Map([['functions.readable', "it's forbidden"]]),
      isComplete: true,
      foreignLines: 0,
    });
  });

  test('a cut answer, and one with something in between, is not complete', () => {
    const whole = printed({ a: '1', b: '2' });
    expect(parseFactLines(whole.slice(0, -4)).isComplete).toBe(false);
    expect(parseFactLines(whole.replace('fact\tb\t2\n', '')).isComplete).toBe(false);
    expect(parseFactLines(`Welcome!\n${whole}`)).toMatchObject({ isComplete: true, foreignLines: 1 });
  });

  test('the first of two facts with one name holds', () => {
    expect(parseFactLines('fact\ta\t1\nfact\ta\t2\n').facts).toEqual(new Map([['a', '1']]));
  });

  test('terminal sequences, controls and marks of direction do not get through', () => {
    const value = '\u001b]0;title\u0007\u001b[31mred\u001b[0m\u0000\u009b31m\u202ebad';
    const text = parseFactLines(printed({ 'cpu.model': value })).facts.get('cpu.model')!;
    expect(text).toContain('red');
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('lines that are no facts are counted and left', () => {
    for (const line of [
      'fact a 1',
      'fact\tA\t1',
      'fact\ta\t%4',
      'fact\ta\t%zz',
      'fact\ta\t\u001b[31m',
      `fact\ta\t${'x'.repeat(60_000)}`,
      'fact\t__proto__\t1',
      'note\ta\t1',
    ]) {
      expect(parseFactLines(`${line}\n`), line.slice(0, 40)).toMatchObject({
        facts: new Map(),
        foreignLines: 1,
      });
    }
  });

  test('no more facts than there can be', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `fact\tname${at}\t1`).join('\n');
    const parsed = parseFactLines(many);
    expect(parsed.facts.size).toBe(500);
    expect(parsed.foreignLines).toBe(99_500);
  });

  test('garbage of any kind ends in facts and checks', () => {
    const random = randomNumbers(42);
    const words = [
      'fact',
      'error',
      '\t',
      '\n',
      '%',
      '%41',
      'end',
      'tracefs.clocks',
      'cpu.online',
      'tool.perf',
      '\u001b[',
      '0-999999',
      '7',
      '-',
      '\u0000',
      'é',
      'load',
      'yes',
    ];
    for (let run = 0; run < 2000; run += 1) {
      let text = '';
      for (let at = random(60); at > 0; at -= 1) {
        text += random(3) === 0 ? String.fromCharCode(random(0x3000)) : oneOf(random, words);
      }
      const own = parseFactLines(text);
      const facts = machineFacts({
        own,
        root: parseFactLines(text),
        rights: 'own',
        rightsRefusal: null,
        clock: null,
      });
      const shown = JSON.stringify([facts, allChecks(facts)]);
      expect(shown).not.toMatch(/\\u001b|\\u0000|\\u009b/);
    }
  });
});

describe('parts of facts', () => {
  test.each([
    ['0-3', 4],
    ['0', 1],
    ['0-3,8,10-11', 7],
    ['', null],
    ['3-0', null],
    ['0-', null],
    ['all', null],
    [null, null],
  ])('the list %j has %j', (list, length) => {
    expect(listLength(list)).toBe(length);
  });

  test('os-release(5)', () => {
    expect(
      parseOsRelease(
        '# comment\nID="opensuse-leap"\nID_LIKE=\'suse opensuse\'\nPRETTY_NAME="a \\"b\\" \\$c"\nVERSION_ID=15\nx y',
      ),
    ).toEqual({
      id: 'opensuse-leap',
      likes: ['suse', 'opensuse'],
      name: 'a "b" $c',
      versionId: '15',
      family: null,
    });
    expect(parseOsRelease('NAME=x')).toBeNull();
    expect(parseOsRelease('ID=$(id)')).toBeNull();
  });

  test('the clock by its quickest answer', () => {
    const readings = [
      { askedMs: 1000, answeredMs: 1100, machineMs: 5050, machineResolutionMs: 0 },
      { askedMs: 2000, answeredMs: 2003, machineMs: 6002, machineResolutionMs: 0 },
      { askedMs: 3000, answeredMs: 2900, machineMs: 1, machineResolutionMs: 0 },
    ];
    expect(clockDifference(readings)).toEqual({ differenceMs: 4000.5, uncertaintyMs: 2 });
    expect(clockDifference([])).toBeNull();
  });

  test('a clock without fractions is somewhere in its second', () => {
    expect(parseClockLine('1700000000.%N')).toEqual({ machineMs: 1.7e12, machineResolutionMs: 1000 });
    expect(parseClockLine('1700000000.N')).toEqual({ machineMs: 1.7e12, machineResolutionMs: 1000 });
    expect(parseClockLine('1700000000.250000000')).toEqual({
      machineMs: 1_700_000_000_250,
      machineResolutionMs: 0,
    });
    for (const text of ['', 'now', '1700000000.25', '99999999999999', '-1.000000000']) {
      expect(parseClockLine(text)).toBeUndefined();
    }
    const [asked, answered] = [1.7e12 + 400, 1.7e12 + 410];
    expect(
      clockDifference([
        { askedMs: asked, answeredMs: answered, machineMs: 1.7e12, machineResolutionMs: 1000 },
      ]),
    ).toEqual({ differenceMs: 95, uncertaintyMs: 505.5 });
  });
});
