import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatDuration,
  formatDurationExact,
  formatOffset,
  formatSeconds,
  formatShare,
  formatTimestamp,
} from '../../../webview/common/format.js';

describe('durations', () => {
  it.each([
    [0, '0 ns'],
    [832, '832 ns'],
    [999.6, '1 µs'],
    [1234.5, '1.235 µs'],
    [12_345, '12.35 µs'],
    [999_950, '1 ms'],
    [1_500_000, '1.5 ms'],
    [100_000_000, '100 ms'],
    [1e9, '1 s'],
    [123_450_000_000, '2 min 3.5 s'],
    [-1500, '-1.5 µs'],
  ])('%d ns is %s', (ns, text) => expect(formatDuration(ns)).toBe(text));

  it.each([
    [0, '0 ns'],
    [999, '999 ns'],
    [1_234_567, '1.234567 ms'],
    [1_000_000, '1 ms'],
    [74_557, '74.557 µs'],
    [3_000_000_001, '3.000000001 s'],
    [-1_000_001, '-1.000001 ms'],
    [1_234_000_000_000, '1,234 s'],
  ])('%d ns exactly is %s', (ns, text) => expect(formatDurationExact(ns)).toBe(text));
});

describe('times', () => {
  it('keeps every nanosecond of large absolute times', () => {
    expect(formatTimestamp(9_007_199_254_740_993n, 12)).toBe('9007199.254741005');
    expect(formatTimestamp(7_123_004_567_891_234n, 0)).toBe('7123004.567891234');
  });

  it('writes offsets with their sign', () => {
    expect(formatOffset(12_345)).toBe('+0.000012345 s');
    expect(formatOffset(-12_345)).toBe('-0.000012345 s');
  });

  it('cuts seconds to the digits asked for', () => {
    expect(formatSeconds(1_999_999_999n, 0)).toBe('1');
    expect(formatSeconds(1_999_999_999n, 3)).toBe('1.999');
    expect(formatSeconds(-5n, 9)).toBe('-0.000000005');
  });
});

describe('counts and shares', () => {
  it('groups and shortens', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect(formatCount(12)).toBe('12');
    expect(formatCountShort(950)).toBe('950');
    expect(formatCountShort(118_000)).toBe('118 k');
    expect(formatCountShort(10_000_000)).toBe('10 M');
    expect(formatCountShort(1.25e9)).toBe('1.25 G');
    expect(formatBytes(1023)).toBe('1023 B');
    expect(formatBytes(1.5 * 1024 ** 3)).toBe('1.50 GiB');
  });

  it('says neither all nor nothing of what is only nearly so', () => {
    expect(formatShare(0)).toBe('0 %');
    expect(formatShare(0.0004)).toBe('< 0.1 %');
    expect(formatShare(0.1234)).toBe('12.3 %');
    expect(formatShare(0.9996)).toBe('> 99.9 %');
    expect(formatShare(1)).toBe('100 %');
    expect(formatShare(NaN)).toBe('—');
  });
});
