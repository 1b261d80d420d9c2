import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { LineSession } from '../../../../src/trace/importers/text/lineSession.js';
import { TracefsTextReader } from '../../../../src/trace/importers/tracefs/tracefsReader.js';
import { tracefsText } from '../../../../src/trace/importers/tracefs/tracefsText.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { rowTexts } from '../../../support/storeRows.js';

const SWITCH =
  'sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=119';

async function read(text: string): Promise<EventStore> {
  return importTrace(bytesSource('test', new TextEncoder().encode(text)), { format: 'tracefs-text' });
}

describe('tracefs text', () => {
  it('reads the columns that the kernel prints', async () => {
    const store = await read(
      [
        '# tracer: nop',
        '#',
        '# entries-in-buffer/entries-written: 3/10   #P:4',
        `               a-1       [003] d..2.  5630.000001: ${SWITCH}`,
        '          <idle>-0       [001] dNs5.  5630.000002: sched_wakeup: comm=c c pid=77 prio=-1 target_cpu=002',
        '          <idle>-0       [001] dNs5.  5630.000003: sched_migrate_task: comm=c c pid=77 prio=-1 orig_cpu=2 dest_cpu=3',
        '',
      ].join('\n'),
    );
    expect(rowTexts(store)).toEqual([
      '5630000001000 | cpu3 | sched_switch | a:1 | b:2 | prio 120/119 | state S | flags d..2. | arg 0 | line 4',
      '5630000002000 | cpu1 | sched_wakeup | swapper:0 | c c:77 | prio -/-1 | state  | flags dNs5. | arg 2 | line 5',
      '5630000003000 | cpu1 | sched_migrate_task | swapper:0 | c c:77 | prio -/-1 | state  | flags dNs5. | arg 131075 | line 6',
    ]);
    expect(store.metadata.overwrittenEvents).toBe(7);
    expect(store.metadata.cpuCount).toBe(4);
    expect(store.diagnostics[0]?.message).toContain('7 of 10 recorded events were overwritten');
  });

  it.each([
    ['a comm with spaces, dashes and brackets', '  my [1] a-12-7 [000] d..2.  1.000000: ', 'my [1] a-12:7'],
    ['no flags', '            a-b-7     [000]  1.000000: ', 'a-b:7'],
    ['four flags', '            a-b-7     [000] d..2  1.000000: ', 'a-b:7'],
    ['a thread group', '            a-b-7     (   6) [000] d..2.  1.000000: ', 'a-b:7'],
    ['an unknown thread group', '            a-b-7     (-----) [000] d..2  1.000000: ', 'a-b:7'],
    ['nine digits', '            a-b-7     [000] d..2.  1.000000000: ', 'a-b:7'],
    ['latency format', '     a-b-7         0d..2. 1000000us+: ', 'a-b:7'],
    ['latency format with a space mark', '     a-b-7         0d..2. 1000000us : ', 'a-b:7'],
  ])('reads headers: %s', async (_name, header, actor) => {
    const store = await read(`${header}sched_waking: comm=x pid=9 prio=120 target_cpu=000\n`);
    expect(store.length).toBe(1);
    expect(store.absoluteNs(0)).toBe(1_000_000_000n);
    expect(`${store.tasks.comms[store.actor[0]!]!}:${store.tasks.pids[store.actor[0]!]!}`).toBe(actor);
  });

  it('keeps previous states as printed and interns names once', async () => {
    const lines = ['S', 'R', 'R+', 'D|K', 'x', 'I'].map(
      (state, at) =>
        `               a-1       [003] d..2.  1.00000${at}: ${SWITCH.replace('prev_state=S', `prev_state=${state}`)}\n`,
    );
    const store = await read(lines.join(''));
    expect(Array.from(store.state.subarray(0, 6), (state) => store.states.get(state))).toEqual([
      'S',
      'R',
      'R+',
      'D|K',
      'x',
      'I',
    ]);
    expect(store.tasks.threadCount).toBe(3);
  });

  it('knows where events were lost', async () => {
    const store = await read(
      [
        `               a-1       [003] d..2.  1.000001: ${SWITCH}`,
        'CPU:3 [LOST 12 EVENTS]',
        'CPU:2 [LOST EVENTS]',
        `               a-1       [003] d..2.  1.000009: ${SWITCH}`,
        '',
      ].join('\n'),
    );
    expect(store.losses).toEqual([
      { cpu: 3, afterNs: 0, beforeNs: 8000, count: 12, line: 2 },
      { cpu: 2, afterNs: undefined, beforeNs: undefined, count: undefined, line: 3 },
    ]);
  });

  it('takes the name at the time of the event, not of the printing', async () => {
    const store = await read(
      [
        // The header says "late" (saved_cmdlines is read when the trace is printed), the switch before says "early".
        '               a-1       [003] d..2.  1.000001: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=early next_pid=2 next_prio=119',
        '            late-2       [003] d..2.  1.000002: sched_waking: comm=x pid=9 prio=120 target_cpu=000',
        '           <...>-9       [002] d..2.  1.000003: sched_waking: comm=early pid=2 prio=120 target_cpu=000',
        '',
      ].join('\n'),
    );
    expect(store.tasks.comms[store.actor[1]!]).toBe('early');
    expect(store.tasks.comms[store.actor[2]!]).toBe('x');
  });

  it('reports what it cannot read and goes on', async () => {
    const store = await read(
      `garbage\n               a-1       [003] d..2.  1.000001: ${SWITCH}\n               a-1       [003] d..2.  1.000002: sched_switch: nonsense\n`,
    );
    expect(store.length).toBe(1);
    expect(store.diagnostics.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('does not trust a last line without line end', async () => {
    const store = await read(
      `               a-1       [003] d..2.  1.000001: ${SWITCH}\n               a-1       [003] d..2.  1.000002: ${SWITCH}`,
    );
    expect(store.length).toBe(1);
    expect(store.diagnostics[0]).toMatchObject({ severity: 'warning', line: 2 });
  });

  it('sorts what is out of order, keeping source lines', async () => {
    const at = (time: string) => `               a-1       [003] d..2.  ${time}: ${SWITCH}\n`;
    const store = await read(at('2.000000') + at('1.000000') + at('3.000000'));
    expect(Array.from(store.line.subarray(0, 3))).toEqual([2, 1, 3]);
    expect(store.absoluteNs(0)).toBe(1_000_000_000n);
  });
});

describe('the shortcut for usual lines', () => {
  const text = gunzipSync(
    readFileSync(new URL('../../../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url)),
  );

  function readWith(shortcut: boolean, bytes: Uint8Array): EventStore {
    const store = new EventStore();
    const reader = new TracefsTextReader(store);
    const general = {
      line: (line: Uint8Array, start: number, end: number, number: number) =>
        reader.line(line, start, end, number),
      end: () => reader.end(),
    };
    const session = shortcut ? tracefsText.begin(store) : new LineSession(store, general);
    session.push(bytes);
    session.end();
    return store;
  }

  it('agrees with the general reader on a recording', () => {
    const fast = readWith(true, text);
    const general = readWith(false, text);
    expect(fast.length).toBeGreaterThan(20_000);
    expect(rowTexts(fast)).toEqual(rowTexts(general));
  });

  it('agrees with the general reader on damaged lines', () => {
    const bytes = Uint8Array.from(text.subarray(0, 300_000));
    // A seeded generator: one byte in 150 is replaced by one that means something to the format.
    let seed = 12345;
    const random = (limit: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % limit;
    const meaningful = new TextEncoder().encode('\n =[]:-.(019ps_');
    for (let i = 0; i < bytes.length; i += 1 + random(300)) bytes[i] = meaningful[random(meaningful.length)]!;
    const fast = readWith(true, bytes);
    const general = readWith(false, bytes);
    expect(rowTexts(fast)).toEqual(rowTexts(general));
  });
});
