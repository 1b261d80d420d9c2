import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import { rowTexts } from '../../../support/storeRows.js';

async function read(...lines: string[]): Promise<EventStore> {
  const text = lines.map((line) => `${line}\n`).join('');
  return importTrace(bytesSource('test', new TextEncoder().encode(text)), { format: 'perf-sched-map' });
}

/** Time in microseconds, CPU, who left and who came. */
function switchesOf(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const [time, cpu, , actor, subject] = row.split(' | ');
    return `${time!.slice(0, -3)} ${cpu} ${actor} > ${subject}`;
  });
}

describe('perf sched map', () => {
  it('reads each line as a switch on the CPU with the star', async () => {
    const store = await read(
      '  *A0        1964.315332 secs A0 => migration/0:18',
      '  *.         1964.315352 secs .  => swapper:0',
      '   .  *B0    1964.331798 secs B0 => kworker/u8:1:77',
      '  *B0  B0    1964.331918 secs ',
      '   B0 *.     1964.331919 secs ',
    );
    expect(switchesOf(store)).toEqual([
      '1964315332 cpu0 ? > migration/0:18',
      '1964315352 cpu0 migration/0:18 > swapper:0',
      '1964331798 cpu1 ? > kworker/u8:1:77',
      '1964331918 cpu0 swapper:0 > kworker/u8:1:77',
      '1964331919 cpu1 kworker/u8:1:77 > swapper:0',
    ]);
    expect(store.hasWakeups).toBe(false);
    expect(store.metadata.capabilities).toMatchObject({ prevState: false, priorities: false });
    expect(store.diagnostics).toEqual([]);
  });

  it('agrees with perf script on every switch of a recording', async () => {
    const oracle = fixtureBytes('perf-sched-map/6.1/plain.switches.txt.gz');
    const script = await importTrace(bytesSource('script', oracle));
    const map = await importTrace(bytesSource('map', fixtureBytes('perf-sched-map/6.1/plain.txt')));
    // A worker's comm is longer while it works, and perf's two reports do not read it at the same moment.
    const comings = (store: EventStore) =>
      switchesOf(store).map((text) => text.replace(/ \S.* > .*:/, (all) => `${all.split(' ')[1]} > `));
    expect(map.length).toBe(1300);
    expect(comings(map)).toEqual(comings(script));
  });

  it('takes a name for its latest declaration, and says so when another task got it', async () => {
    const store = await read(
      '  *A0       1.000001 secs A0 => bash:18',
      '  *B0       1.000002 secs B0 => x:19',
      '  *A0       1.000003 secs A0 => exec ed:18',
      '  *B0       1.000004 secs ',
      '  *A0       1.000005 secs A0 => other:300',
      '  *B0       1.000006 secs ',
    );
    expect(switchesOf(store).map((text) => text.split(' > ')[1])).toEqual([
      'bash:18',
      'x:19',
      'exec ed:18',
      'x:19',
      'other:300',
      'x:19',
    ]);
    expect(store.diagnostics).toHaveLength(1);
    expect(store.diagnostics[0]!.message).toContain('260 two-letter names, and 1 of them');
  });

  it('takes CPU numbers of compact maps from where they are told', async () => {
    const store = await read(
      '  *A0       1.000001 secs A0 => a:1 (CPU 6)',
      '   A0 *B0       1.000002 secs B0 => b (CPU 9):2 (CPU 2)',
      '   A0  B0 *.        1.000003 secs  (CPU 11)',
      '  *B0  B0  .        1.000004 secs ',
    );
    expect(switchesOf(store)).toEqual([
      '1000001 cpu6 ? > a:1',
      '1000002 cpu2 ? > b (CPU 9):2',
      '1000003 cpu11 ? > swapper:0',
      '1000004 cpu6 a:1 > b (CPU 9):2',
    ]);
  });

  it('reads through colours, hidden tasks, hidden CPUs and missing declarations', async () => {
    const store = await read(
      '  \u001b[31m*\u001b[m\u001b[32mA0 \u001b[m      1.000001 secs \u001b[32mA0 => a:1\u001b[m',
      '  *-        1.000002 secs ',
      '   -  ',
      '      ',
      '  *K7       1.000003 secs ',
    );
    expect(switchesOf(store)).toEqual([
      '1000001 cpu0 ? > a:1',
      '1000002 cpu0 a:1 > - (hidden by perf):-1',
      '1000003 cpu0 - (hidden by perf):-1 > K7 (not named by perf):-1',
    ]);
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining('1 switches are to tasks whose names'),
      expect.stringContaining('2 switches on CPUs that "--cpus" hides'),
    ]);
  });

  it('counts switches without a column and reads long times', async () => {
    const store = await read(
      '   A0   123456789.000001 secs B0 => b:2',
      '  *B0   123456789.000002 secs ',
      '  *B0  123456789.0000 02 secs ',
    );
    expect(switchesOf(store)).toEqual(['123456789000002 cpu0 ? > b:2']);
    expect(store.diagnostics.map(({ message }) => message).join('\n')).toMatch(
      /skipped[^]*printed no column/,
    );
  });
});
