import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesSource, fileSource } from '../../../../src/base/byteSource.js';
import { exportTrace } from '../../../../src/trace/exporters/exportTrace.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventType } from '../../../../src/trace/model/eventType.js';
import { EventStore, UNKNOWN_PRIO } from '../../../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../../../src/trace/model/taskTable.js';
import { addRuntime, addSwitch } from '../../../support/storeBuilder.js';
import { rowText } from '../../../support/storeRows.js';

const SAMPLES = fileURLToPath(new URL('../../../../samples/', import.meta.url));

async function exported(store: EventStore, format = 'ftrace'): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of exportTrace(store, format)) pieces.push(piece as string);
  return pieces.join('');
}

async function reread(text: string): Promise<EventStore> {
  return importTrace(bytesSource('again', new TextEncoder().encode(text)), { format: 'tracefs-text' });
}

/** A row without its line number, which the header moves. */
function row(store: EventStore, at: number): string {
  return rowText(store, at).replace(/ \| line \d+$/, '');
}

function expectSameRows(again: EventStore, store: EventStore): void {
  expect(again.length).toBe(store.length);
  for (let at = 0; at < store.length; at += 1) {
    // Thousands of `expect` calls would take longer than all the rest.
    if (row(again, at) !== row(store, at)) expect(row(again, at)).toBe(row(store, at));
  }
}

function lossesOf(store: EventStore): unknown[] {
  return store.losses.map(({ cpu, afterNs, beforeNs, count }) => ({ cpu, afterNs, beforeNs, count }));
}

describe('ftrace text', () => {
  const samples = readdirSync(SAMPLES).filter((name) => name.includes('.ftrace'));
  it('has samples to try', () => expect(samples.length).toBeGreaterThanOrEqual(3));

  it.each(samples)('of %s reads back event for event', async (name) => {
    const store = await importTrace(await fileSource(SAMPLES + name));
    const text = await exported(store);
    const again = await reread(text);
    expectSameRows(again, store);
    expect(again.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual(
      store.diagnostics.filter(({ severity }) => severity !== 'info'),
    );
    expect(lossesOf(again)).toEqual(lossesOf(store));
    expect(again.metadata.cpuCount).toBe(store.metadata.cpuCount);
    expect(again.metadata.overwrittenEvents).toBe(store.metadata.overwrittenEvents);
    const groups = (each: EventStore) =>
      each.tasks.threadPids.map((pid, thread) => `${pid}:${each.tasks.threadTgids[thread]!}`).sort();
    expect(groups(again)).toEqual(groups(store));
    expect([...again.execFiles.values()]).toEqual([...store.execFiles.values()]);
    expect(await exported(again)).toBe(text);
  });

  it('of perf script keeps the nanoseconds and all that tracefs text can hold', async () => {
    const store = await importTrace(await fileSource(`${SAMPLES}perf-sched.perf-script.txt.zst`));
    const text = await exported(store);
    expect(text).toMatch(/^ .* \[000\] +\d+\.\d{9}: sched_stat_runtime: /m);
    const again = await reread(text);
    expect(again.length).toBe(store.length);
    for (let at = 0; at < store.length; at += 1) {
      // perf names a thread in the header as it is called now, tracefs as it was called when it was switched in.
      const withoutActorName = (each: EventStore) =>
        row(each, at).replace(/^((?:[^|]*\|){3} )[^|]*:(\S+)/, '$1$2');
      if (withoutActorName(again) !== withoutActorName(store)) expect(row(again, at)).toBe(row(store, at));
    }
  });

  it('looks as the kernel prints it', () => {
    // The lines of the lost-events sample came out of the kernel (but for names it had forgotten).
    const source = readFileSync(`${SAMPLES}lost-events.ftrace`, 'utf8');
    return importTrace(bytesSource('lost-events', new TextEncoder().encode(source))).then(async (store) => {
      const lines = (await exported(store)).split('\n').filter((line) => !line.startsWith('#'));
      const payload = (line: string) => line.replace(/^.{16}-/, '');
      expect(lines.map(payload)).toEqual(source.split('\n').map(payload));
    });
  });

  it('keeps what is unknown unknown', async () => {
    const store = new EventStore();
    const task = store.tasks.intern(7, 'seven');
    const other = store.tasks.intern(8, 'eight');
    const none = UNKNOWN_PRIO;
    store.add(EventType.Wakeup, 1, 0, 1, NO_TASK, task, none, none, 0, 0, -1, 1);
    store.add(EventType.Wakeup, 1, 500, 3, NO_TASK, task, none, none, 0, 0, -1, 2);
    store.add(EventType.Switch, 1, 1001, 1, other, task, none, none, 0, 0, 0, 3);
    const again = await reread(await exported(store));
    expect(again.length).toBe(3);
    expect([again.absoluteNs(1), again.absoluteNs(2)]).toEqual([1_000_000_500n, 1_000_001_001n]);
    expect([...again.subjectPrio.subarray(0, 3), ...again.actorPrio.subarray(0, 3)]).toEqual(
      Array<number>(6).fill(none),
    );
    expect([again.arg[0], again.state[2], again.flags[0]]).toEqual([-1, 0, 0]);
    // Who ran on CPU 1 is told by the switch that follows; on CPU 3 nothing tells it, and it is not idle.
    expect(again.tasks.pids[again.actor[0]!]).toBe(8);
    expect(again.actor[1]).toBe(NO_TASK);
    expect(again.metadata.overwrittenEvents).toBeUndefined();
  });

  it('keeps odd names, virtual run times of 64 bits, and losses at both ends', async () => {
    const store = new EventStore();
    const odd = ['a b', 'x-1 [000]', 'a=b pid', '<...>x', 'ü—ß', '(sd-pam)', 'kworker/u4:1-ev', ' lead'];
    store.addLoss(1, 3, 1);
    odd.forEach((comm, at) => {
      const task = store.tasks.intern(100 + at, comm);
      const before = at === 0 ? 0 : store.tasks.intern(99 + at, odd[at - 1]!);
      const state = store.states.intern('D|K');
      store.add(EventType.Switch, 10, at * 2000, 1, before, task, 120, -1, state, 0, 0, 2 + 3 * at);
      store.add(
        EventType.Exec,
        10,
        at * 2000 + 1000,
        1,
        task,
        task,
        UNKNOWN_PRIO,
        UNKNOWN_PRIO,
        0,
        0,
        5,
        3 + 3 * at,
      );
      store.execFiles.set(3 + 3 * at, `/usr/bin/${comm}`);
    });
    addRuntime(store, 11e9, 0, 55, 123, -5n);
    store.addLoss(0, undefined, 1000);
    const text = await exported(store);
    expect(text).toContain('vruntime=18446744073709551611 [ns]');
    const again = await reread(text);
    expectSameRows(again, store);
    expect(lossesOf(again)).toEqual(lossesOf(store));
    expect(again.vruntimeNs![again.length - 1]).toBe(-5n);
    expect([...again.execFiles.values()]).toEqual([...store.execFiles.values()]);
  });

  it('does not let a line end in a name make two lines', async () => {
    const store = new EventStore();
    const evil = store.tasks.intern(9, 'a\nb-1 [000] 1.0: x');
    store.add(EventType.Switch, 1, 0, 0, 0, evil, 120, 120, store.states.intern('R'), 0, 0, 1);
    const again = await reread(await exported(store));
    expect(again.length).toBe(1);
    expect(again.tasks.comms[again.subject[0]!]).toBe('a?b-1 [000] 1.0: x');
  });

  it('is made in pieces of bounded size', async () => {
    const store = new EventStore();
    for (let at = 0; at < 20_000; at += 1) addSwitch(store, at * 1000, at % 4, 1, 2);
    let largest = 0;
    let pieces = 0;
    for await (const piece of exportTrace(store, 'ftrace')) {
      largest = Math.max(largest, piece.length);
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(5);
    expect(largest).toBeLessThan(300_000);
  });
});
