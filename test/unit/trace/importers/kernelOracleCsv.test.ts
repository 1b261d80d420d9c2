import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { rowTexts } from '../../../support/storeRows.js';

const HEADER = 'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id';

async function read(...lines: string[]): Promise<EventStore> {
  return readText(lines.map((line) => `${line}\n`).join(''));
}

async function readText(text: string): Promise<EventStore> {
  return importTrace(bytesSource('test', new TextEncoder().encode(text)));
}

/** Time in ns, CPU, who left and who came, and the state of who left. */
function switchesOf(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const [time, cpu, , actor, subject, , state] = row.split(' | ');
    return `${time} ${cpu} ${actor} > ${subject} ${state!.replace('state ', '')}`.trim();
  });
}

function timesOf(store: EventStore): bigint[] {
  return Array.from({ length: store.length }, (_, row) => store.absoluteNs(row));
}

describe('KernelOracle CSV of task codes', () => {
  it('is one CPU, each row naming who runs', async () => {
    const store = await read(
      'task_code,time,name,pid',
      'A0,1964.315332,migration/0,18',
      '.,1964.315352,swapper,0',
      'B0,1964.3154,"a, ""b""",7',
    );
    expect(switchesOf(store)).toEqual([
      '1964315332000 cpu0 ? > migration/0:18',
      '1964315352000 cpu0 migration/0:18 > swapper:0',
      '1964315400000 cpu0 swapper:0 > a, "b":7',
    ]);
    expect(store.metadata.capabilities).toMatchObject({
      wakeups: false,
      prevState: false,
      priorities: false,
    });
  });
});

describe('KernelOracle CSV of switches', () => {
  it('takes who left from the row before of the CPU, when its name is prev_comm', async () => {
    const store = await read(
      HEADER,
      '5630.000001,0.0,a,1,1,S,swapper/1,hackbench,run0',
      '5630.000002,0.000001,b,2,0,R+,first,hackbench,run0',
      '5630.000003,0.000001,swapper/1,0,1,D|K,a,hackbench,run0',
      '5630.000004,0.000001,c,3,0,S,renamed,hackbench,run0',
      '5630.000005,0.000001,a,1,1,R,swapper/1,hackbench,run0',
    );
    expect(switchesOf(store)).toEqual([
      '5630000001000 cpu1 swapper:0 > a:1 S',
      '5630000002000 cpu0 ? > b:2 R+',
      '5630000003000 cpu1 a:1 > swapper:0 D|K',
      '5630000004000 cpu0 ? > c:3 S',
      '5630000005000 cpu1 swapper:0 > a:1 R',
    ]);
    expect([...store.metadata.properties]).toEqual([
      ['form', 'switches'],
      ['workload_type', 'hackbench'],
      ['trace_id', 'run0'],
    ]);
    expect(store.hasWakeups).toBe(false);
    expect(store.diagnostics).toEqual([]);
  });

  it('finds columns by name, in any order, with further ones, quotes and CRLF', async () => {
    const text = [
      '\ufeff"",cpu,"prev_comm",extra,pid,prev_state,task_name,timestamp',
      '0,3,x,"a,b",12.0,S,"say ""hi"", you",7.5',
      '1,3.0,"say ""hi"", you",,13,S,y,8',
      '',
    ].join('\r\n');
    expect(switchesOf(await readText(text))).toEqual([
      '7500000000 cpu3 ? > say "hi", you:12 S',
      '8000000000 cpu3 say "hi", you:12 > y:13 S',
    ]);
  });

  it('reads times digit by digit', async () => {
    const row = (time: string) => `${time},0,a,1,0,S,b,w,t`;
    const store = await read(
      HEADER,
      row('1700000000.000000001'),
      row('1700000000.123456789'),
      row('1700000000.2'),
      row('1700000000.29999999999'),
      row('1700000000.9999999996'),
      row('1700000001.'),
      row('1700000002'),
    );
    expect(timesOf(store)).toEqual([
      1700000000000000001n,
      1700000000123456789n,
      1700000000200000000n,
      1700000000300000000n,
      1700000001000000000n,
      1700000001000000000n,
      1700000002000000000n,
    ]);
  });

  it('says which rows it left out, and why', async () => {
    const store = await read(
      HEADER,
      '1.0,0,a,1,0,S,b,w,t',
      '1e-06,0,a,1,0,S,b,w,t',
      '1.7e+09,0,a,1,0,S,b,w,t',
      '1700000000000000000,0,a,1,0,S,b,w,t',
      'soon,0,a,1,0,S,b,w,t',
      '-1.5,0,a,1,0,S,b,w,t',
      '2.0,0,a,x,0,S,b,w,t',
      '3.0,0,a,1,70000,S,b,w,t',
      '4.0,0,a,1,0,S,b,w',
      HEADER,
      '5.0,0,a,1,0,S,b,w,t',
    );
    expect(store.length).toBe(2);
    expect(store.diagnostics.map(({ message, line }) => `${line}: ${message}`)).toEqual([
      expect.stringMatching(/^10: This line cannot be read/),
      expect.stringMatching(/^3: 2 rows were left out: the time is in exponent notation.*"1e-06"/),
      expect.stringMatching(/^5: 1 row was left out: the time is too large to be in seconds/),
      expect.stringMatching(/^6: 2 rows were left out: the time is no number of seconds.*"soon"/),
      expect.stringMatching(/^8: 1 row was left out: the pid is no whole number.*"x"/),
      expect.stringMatching(/^9: 1 row was left out: the cpu is no whole number.*"70000"/),
    ]);
  });

  it('fails with the reason when no row can be read', async () => {
    await expect(read(HEADER, '1.7e+09,0,a,1,0,S,b,w,t')).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('exponent notation') as unknown,
    });
  });

  it('shows the first of several recordings and counts the others', async () => {
    const store = await read(
      HEADER,
      '100.0,0,a,1,0,S,b,w,run0',
      '5.0,0,a,1,0,S,b,w,run1',
      '6.0,0,a,1,0,S,b,w,run1',
      '101.0,0,c,2,0,S,a,w,run0',
      '0.5,0,a,1,0,S,b,w,"run 2"',
    );
    expect(timesOf(store)).toEqual([100_000_000_000n, 101_000_000_000n]);
    expect(store.diagnostics).toHaveLength(1);
    expect(store.diagnostics[0]!.message).toContain(
      'holds 3 recordings (trace_id), which share no clock and so no timeline. Shown is the first one, "run0" (2 rows). Left out: "run1" (2 rows), "run 2" (1 rows).',
    );
  });
});
