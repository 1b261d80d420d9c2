import { describe, expect, it } from 'vitest';
import { integer, ms, printable, stamp, table, toJson } from '../../../src/cli/output.js';

describe('output', () => {
  it('prints absolute times exactly', () => {
    expect([0n, 1n, 1_000_000_000n, 1_700_000_000_123_456_789n, -5n].map(stamp)).toEqual([
      '0.000000000',
      '0.000000001',
      '1.000000000',
      '1700000000.123456789',
      '-0.000000005',
    ]);
  });

  it('prints what is unknown as a dash, never as 0', () => {
    expect([ms(null), integer(null), ms(0), integer(0), ms(1_234_567)]).toEqual([
      '-',
      '-',
      '0.000',
      '0',
      '1.235',
    ]);
  });

  it('writes big integers as decimal strings', () => {
    expect(JSON.parse(toJson({ startNs: 9_007_199_254_740_993n, none: null }))).toEqual({
      startNs: '9007199254740993',
      none: null,
    });
  });

  it('aligns columns and disarms escape sequences in names', () => {
    const lines = [
      ...table<[string, number]>(
        [
          { title: 'task', align: 'left', cell: ([name]) => name },
          { title: 'n', align: 'right', cell: ([, n]) => String(n) },
        ],
        [
          ['a\u001b[31m', 1],
          ['longer name', 1000],
        ],
      ),
    ];
    expect(lines).toEqual([
      'task            n',
      '-----------  ----',
      'a·[31m          1',
      'longer name  1000',
    ]);
    expect(printable('\u009b2J\tü')).toBe('·2J·ü');
  });
});
