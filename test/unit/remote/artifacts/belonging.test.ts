import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { belongTogether, companionsOf } from '../../../../src/remote/artifacts/belonging.js';
import { MIGRATION_RECORDS, recordingMeta, TRACEFS } from '../../../support/recordingMeta.js';

const trace = recordingMeta('run.dat', TRACEFS);
const records = (changes: Parameters<typeof recordingMeta>[2] = {}) =>
  recordingMeta('run.csv', MIGRATION_RECORDS, changes);

describe('recordings belong together', () => {
  it('when they are of one boot and their times overlap', () => {
    expect(belongTogether(trace, records())).toBe(true);
    expect(
      belongTogether(
        trace,
        records({ times: { start: '2026-02-03T12:00:04.999Z', end: '2026-02-03T12:01:00.000Z' } }),
      ),
    ).toBe(true);
  });

  it('not when one began after the other had ended, or in another boot', () => {
    const after = { start: '2026-02-03T12:00:05.000Z', end: '2026-02-03T12:00:06.000Z' };
    expect(belongTogether(trace, records({ times: after }))).toBe(false);
    expect(belongTogether(trace, records({ machine: { bootId: 'another' } }))).toBe(false);
  });

  it('by what is told of the machine where a description does not tell the boot', () => {
    expect(belongTogether(trace, records({ machine: { bootId: null } }))).toBe(true);
    expect(belongTogether(trace, records({ machine: { bootId: undefined } }))).toBe(true);
    expect(belongTogether(trace, records({ machine: { bootId: null, kernelRelease: '6.2.0' } }))).toBe(false);
    // The name is how it was connected to: with the boot told it does not matter.
    expect(belongTogether(trace, records({ machine: { name: 'root@10.0.0.1:22' } }))).toBe(true);
  });
});

describe('what lies beside a trace', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ko-belonging-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (name: string, content: unknown) =>
    writeFile(join(folder, `${name}.meta.json`), JSON.stringify(content));

  it('is found by the descriptions, with the clock of the trace', async () => {
    await put('run.dat', trace);
    await put('run.csv', records());
    await put('other.csv', records({ machine: { bootId: 'another' } }));
    await put('second.dat', recordingMeta('second.dat', TRACEFS));
    await put(
      'switches.csv',
      recordingMeta('switches.csv', { collector: 'bpftrace', program: 'sched_switch' }),
    );
    await put('damaged.csv', { format: 'kernel-oracle-recording' });
    expect(await companionsOf(join(folder, 'run.dat'))).toEqual({
      traceClock: 'mono',
      recordPaths: [join(folder, 'run.csv')],
    });
  });

  it('is nothing without a description of the trace, or where there is no such folder', async () => {
    await put('run.csv', records());
    const none = { traceClock: null, recordPaths: [] };
    expect(await companionsOf(join(folder, 'run.dat'))).toEqual(none);
    expect(await companionsOf(join(folder, 'gone', 'run.dat'))).toEqual(none);
  });
});
