import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import { rowTexts } from '../../../support/storeRows.js';
import { compareWithEvents } from '../../../support/timehistOracle.js';

const HEADER = [
  '           time    cpu  task name                       wait time  sch delay   run time',
  '                        [tid/pid]                          (msec)     (msec)     (msec)',
  '--------------- ------  ------------------------------  ---------  ---------  ---------',
];

async function read(...lines: string[]): Promise<EventStore> {
  const store = await importTrace(bytesSource('x', new TextEncoder().encode(lines.join('\n') + '\n')));
  expect(store.metadata.format).toBe('perf-timehist');
  return store;
}

async function fixture(name: string): Promise<EventStore> {
  return importTrace(bytesSource(name, fixtureBytes(`perf/6.1/${name}.txt.gz`)));
}

/** `time cpu actor > subject` of the switches, and the events of other kinds by name. */
function shown(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const [time, cpu, event, actor, subject, , , , arg] = row.split(' | ');
    const what = event === 'sched_switch' ? '' : ` ${event} ${arg}`;
    return `${Number(time) / 1000} ${cpu} ${actor} > ${subject}${what}`;
  });
}

const row = (us: number, cpu: number, task: string, run: string, tail = '') =>
  `       1.${String(us).padStart(6, '0')} [000${cpu}]  ${task.padEnd(30)}      0.000      0.000      ${run} ${tail}`;

describe('perf sched timehist text', () => {
  it.each([
    ['threads', 422, 221, 12],
    ['switch-only', 508, 0, 0],
    ['lost', 1306, 664, 34],
  ])('with -n is right in all of %s', async (name, switches, wakeups, migrations) => {
    const events = await importTrace(bytesSource(name, fixtureBytes(`perf/6.1/${name}.script.txt.gz`)));
    const result = compareWithEvents(await fixture(`${name}.timehist_VwnM_state`), events);
    expect(result).toEqual({
      known: switches,
      unknownNext: 0,
      beginnings: 0,
      wakeups,
      migrations,
      wrong: [],
    });
  });

  // These recordings lack switches, of idle and of tasks outside of a container: perf itself is wrong there.
  it.each([
    ['threads', 343, 4],
    ['switch-only', 495, 21],
    ['lost', 1265, 4],
  ])('without is as right as perf is, and says so: %s', async (name, known, wrong) => {
    const events = await importTrace(bytesSource(name, fixtureBytes(`perf/6.1/${name}.script.txt.gz`)));
    for (const kind of ['timehist', 'timehist_wM']) {
      const store = await fixture(`${name}.${kind}`);
      const result = compareWithEvents(store, events);
      expect([result.known, result.wrong.length]).toEqual([known, wrong]);
      expect(store.diagnostics.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/intervals of this table cannot be: the recording lacks switches/),
      );
    }
  });

  it('takes who is next from the next row of the CPU, if it began there', async () => {
    const store = await read(
      ...HEADER,
      row(100, 0, 'a[1]', '0.000'),
      row(150, 1, 'x y[7/6]', '0.000'),
      row(300, 0, 'b[2]', '0.199'),
      row(400, 0, '<idle>', '0.100'),
      row(500, 0, 'c[3]', '0.090'),
      row(600, 1, 'd[4]', '0.451'),
    );
    expect(shown(store)).toEqual([
      '1000100 cpu0 a:1 > b:2',
      '1000150 cpu1 x y:7 > ?',
      '1000300 cpu0 b:2 > swapper:0',
      '1000400 cpu0 swapper:0 > ?',
      // Where rows are left out, the beginning of an interval is all that is known.
      '1000410 cpu0 ? > c:3',
      '1000500 cpu0 c:3 > ?',
      '1000600 cpu1 d:4 > ?',
    ]);
    expect(store.tasks.threadTgids[store.tasks.threadOf(7)]).toBe(6);
    expect(store.metadata.capabilities).toEqual({
      wakeups: false,
      prevState: false,
      priorities: false,
      textLines: true,
    });
  });

  it('does not believe intervals in which events were lost', async () => {
    const store = await read(
      ...HEADER,
      row(100, 0, 'a[1]', '0.000'),
      '       1.000200 lost 12 events on cpu 0',
      row(300, 0, 'b[2]', '0.200'),
      row(400, 0, 'c[3]', '0.100'),
    );
    expect(shown(store)).toEqual(['1000100 cpu0 a:1 > ?', '1000300 cpu0 b:2 > c:3', '1000400 cpu0 c:3 > ?']);
    expect(store.losses).toMatchObject([{ cpu: 0, count: 12, line: 5 }]);
  });

  it('reads names that hold anything, call chains, and every column', async () => {
    const store = await read(
      'Samples do not have callchains.',
      '           time    cpu  01  task name                       prio      wait time  sch delay   run time  state',
      '                             [tid/pid]                          (msec)     (msec)     (msec)',
      '--------------- ------  --  ------------------------------  ---------  ---------  ---------  -----',
      `       1.000100 [0001]   s  a [1] 0.000[1/9]                120->100       0.000      0.000      0.000      W  next: x[2] y[3]                     __schedule <- next: z[4]`,
      `       1.000110 [0001]      b[3]                                                          awakened: :68`,
      `       1.000120 [0001]   m     b[3]                                                  migrated: cpu 1[5] cpu 1 => 0`,
      `       1.000200 [0001]   i  <idle>                          0          0.000      0.000      0.080      R  next: b[3]`,
    );
    expect(shown(store)).toEqual([
      '1000100 cpu1 a [1] 0.000:1 > x[2] y:3',
      '1000110 cpu1 b:3 > :68:68 sched_wakeup arg -1',
      '1000120 cpu1 b:3 > cpu 1:5 sched_migrate_task arg 65536',
      '1000120 cpu1 ? > swapper:0',
      '1000200 cpu1 swapper:0 > b:3',
    ]);
    expect([store.states.get(store.state[0]!), store.actorPrio[0]]).toEqual(['R+', 120]);
    expect(store.metadata.capabilities).toEqual({
      wakeups: true,
      prevState: true,
      priorities: true,
      textLines: true,
    });
  });

  it('leaves the summary alone and names what it cannot read', async () => {
    const store = await read(
      ...HEADER,
      row(100, 0, 'a[1]', '0.000'),
      'what is this',
      row(200, 0, 'kworker/u16:2-events_unbound[1', '0.100'),
      '',
      'Runtime summary',
      '                          comm  parent   sched-in     run-time',
      '                   node[31756]   31754         76      162.742',
    );
    expect(shown(store)).toEqual(['1000100 cpu0 a:1 > ?', '1000200 cpu0 ? > ?']);
    expect(store.diagnostics.map(({ severity, line }) => [severity, line])).toEqual([
      ['warning', 5],
      ['info', undefined],
      ['warning', undefined],
    ]);
  });
});
