import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesSource, fileSource } from '../../../../src/base/byteSource.js';
import { EVENT_COLUMNS, typeOf } from '../../../../src/trace/exporters/eventColumns.js';
import { ExportedPart } from '../../../../src/trace/exporters/exportedPart.js';
import { EXPORT_FORMATS, exportTrace, writeExport } from '../../../../src/trace/exporters/exportTrace.js';
import { parquetPieces } from '../../../../src/trace/exporters/parquet.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventType } from '../../../../src/trace/model/eventType.js';
import { EventStore, UNKNOWN_PRIO } from '../../../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../../../src/trace/model/taskTable.js';
import { addRuntime, addSwitch } from '../../../support/storeBuilder.js';

const SAMPLE = fileURLToPath(new URL('../../../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));

const SWITCH =
  /\[(\d+)\] \S+ +([\d.]+): sched_switch: prev_comm=(.*) prev_pid=\d+ prev_prio=\d+ prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d+)/;

let sample: EventStore;
let odd: EventStore;
beforeAll(async () => {
  sample = await importTrace(await fileSource(SAMPLE));
  odd = oddStore();
});

/** One of each event, names that need quoting, and everything unknown that can be. */
function oddStore(): EventStore {
  const store = new EventStore();
  const quoted = store.tasks.intern(1, 'a, "b"\nc');
  const none = UNKNOWN_PRIO;
  store.add(EventType.Wakeup, 1_700_000_000, 1, 0, NO_TASK, quoted, none, none, 0, 0, -1, 1);
  store.add(EventType.Waking, 1_700_000_000, 2, 0, 0, quoted, none, 120, 0, 0, 3, 2);
  store.add(EventType.Migrate, 1_700_000_000, 3, 0, 0, quoted, none, 120, 0, 0, 65536 * 9 + 4, 3);
  addSwitch(store, 1_700_000_000 * 1e9 + 512, 2, 0, 5);
  addRuntime(store, 1_700_000_000 * 1e9 + 1024, 2, 5, 12_345_678_901, -1n);
  const fork = store.add(EventType.Fork, 1_700_000_001, 5, 2, quoted, quoted, none, none, 0, 0, 0, 6);
  store.add(EventType.Exit, 1_700_000_001, 6, 2, quoted, quoted, none, -1, 0, 0, 0, 7);
  store.add(EventType.Exec, 1_700_000_001, 7, 2, quoted, quoted, none, none, 0, 0, 77, 8);
  store.execFiles.set(8, '/bin/x,y');
  store.tasks.setTgid(store.actor[fork]!, 1);
  store.metadata.properties.set('kernel', '6.18');
  store.addLoss(2, 5, 9);
  return store;
}

async function textOf(store: EventStore, format: string): Promise<string> {
  let text = '';
  for await (const piece of exportTrace(store, format)) text += piece as string;
  return text;
}

/** RFC 4180, the plain way. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '\n') rows.push([]);
  }
  rows.pop();
  return rows;
}

describe('csv', () => {
  it.each(['sample', 'odd'])('holds all columns of all events (%s)', async (which) => {
    const store = which === 'odd' ? odd : sample;
    const [header, ...rows] = parseCsv(await textOf(store, 'csv'));
    expect(header).toEqual(EVENT_COLUMNS.map(({ name }) => name));
    expect(rows.length).toBe(store.length);
    rows.forEach((cells, row) => {
      const wanted = EVENT_COLUMNS.map(({ cell }) => String(cell(store, row) ?? ''));
      if (cells.join('|') !== wanted.join('|')) expect(cells).toEqual(wanted);
    });
  });

  it('has exact absolute times and leaves empty what is unknown', async () => {
    const lines = (await textOf(odd, 'csv')).split('\n');
    expect(lines.slice(1, 3)).toEqual([
      '1700000000000000001,0,sched_wakeup,,,,,1,1,"a, ""b""',
      'c",,,,,,,,,,,1',
    ]);
    expect(lines).toContain(
      '1700000000000000512,2,sched_switch,0,,swapper/2,120,5,,task5,120,S,,,,,,,,d..2.,4',
    );
    expect(lines).toContain(
      '1700000000000001024,2,sched_stat_runtime,5,,task5,,5,,task5,,,,,,12345678901,-1,,,,5',
    );
  });
});

describe('kernel-oracle-csv', () => {
  it('has one row a switch, with the next task and the time since the switch before', async () => {
    const rows = parseCsv(await textOf(sample, 'kernel-oracle-csv'));
    expect(rows[0]).toEqual(
      'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id'.split(','),
    );
    expect(rows.length - 1).toBe(sample.countOf(EventType.Switch));
    const lines = gunzipSync(await readFile(SAMPLE))
      .toString()
      .split('\n');
    const switches = lines.flatMap((line) => SWITCH.exec(line)?.slice(1) ?? []);
    // cpu, time, prev_comm, prev_state, next_comm, next_pid as the recording has them.
    const wanted = rows.slice(1).flatMap((row) => [row[4], row[0], row[6], row[5], row[2], row[3]]);
    expect(wanted).toEqual(switches.map((text, at) => (at % 6 === 0 ? String(Number(text)) : text)));
    expect(rows[1]![1]).toBe('0.000000');
    let sumUs = 0;
    for (const row of rows.slice(1)) sumUs += Math.round(Number(row[1]) * 1e6);
    const stampUs = (row: string[]) => Math.round(Number(row[0]) * 1e6);
    expect(sumUs).toBe(stampUs(rows.at(-1)!) - stampUs(rows[1]!));
  });

  it('is read back by the importer of the form, switch by switch', async () => {
    const text = new TextEncoder().encode(await textOf(sample, 'kernel-oracle-csv'));
    const again = await importTrace(bytesSource('again.csv', text));
    expect(again.metadata.format).toBe('kernel-oracle-csv');
    const switches = (store: EventStore) =>
      Array.from({ length: store.length }, (_, row) => row)
        .filter((row) => typeOf(store, row) === EventType.Switch)
        .map((row) => {
          const next = store.subject[row]!;
          const state = store.states.get(store.state[row]!);
          return `${store.absoluteNs(row)} ${store.cpu[row]!} ${state} ${store.tasks.pids[next]!} ${store.tasks.comms[next]!}`;
        });
    expect(switches(again)).toEqual(switches(sample));
  });

  it('has nine digits when there are nanoseconds, and knows workload and trace where told', async () => {
    odd.metadata.properties.set('workload_type', 'hack,bench').set('trace_id', 'run0');
    const rows = parseCsv(await textOf(odd, 'kernel-oracle-csv'));
    expect(rows.slice(1)).toEqual([
      ['1700000000.000000512', '0.000000000', 'task5', '5', '2', 'S', 'swapper/2', 'hack,bench', 'run0'],
    ]);
  });
});

describe('parquet', () => {
  async function bytesOf(store: EventStore, rowsPerGroup?: number): Promise<ArrayBuffer> {
    const pieces = [...parquetPieces(new ExportedPart(store), rowsPerGroup)];
    return new Blob(pieces).arrayBuffer();
  }

  it.each(['sample', 'odd'])('reads back cell by cell (%s)', async (which) => {
    const store = which === 'odd' ? odd : sample;
    const file = await bytesOf(store, 10_000);
    const metadata = parquetMetadata(file);
    expect(Number(metadata.num_rows)).toBe(store.length);
    expect(metadata.row_groups.length).toBe(Math.ceil(store.length / 10_000));
    const rows = await parquetReadObjects({ file });
    rows.forEach((row, at) => {
      for (const { name, cell } of EVENT_COLUMNS) {
        if ((row[name] ?? null) !== cell(store, at))
          expect([at, name, row[name]]).toEqual([at, name, cell(store, at)]);
      }
    });
    expect(rows.length).toBe(store.length);
  });

  it('tells format, properties and losses in its metadata', async () => {
    const { key_value_metadata } = parquetMetadata(await bytesOf(odd));
    const facts = new Map(key_value_metadata?.map(({ key, value }) => [key, value ?? '']));
    expect(JSON.parse(facts.get('kernel_oracle.properties')!)).toMatchObject({ kernel: '6.18' });
    expect(JSON.parse(facts.get('kernel_oracle.losses')!)).toEqual([
      { cpu: 2, afterNs: '1700000001000000007', beforeNs: null, count: 5, line: 9 },
    ]);
  });

  it('needs the memory of one row group, not of the trace', () => {
    const sizes = [...parquetPieces(new ExportedPart(sample), 5_000)].map((piece) => piece.length);
    expect(sizes.length).toBe(Math.ceil(sample.length / 5_000) + 1);
    expect(Math.max(...sizes)).toBeLessThan(200_000);
  });
});

describe('writeExport', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'export-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each(EXPORT_FORMATS.map(({ name }) => name))('writes %s and returns its size', async (format) => {
    const path = join(directory, format);
    const shares: number[] = [];
    const { bytes, events } = await writeExport(odd, {
      format,
      path,
      onProgress: (share) => shares.push(share),
    });
    expect(events).toBe(format.endsWith('csv') && format !== 'csv' ? 1 : odd.length);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect((await stat(path)).size).toBe(bytes);
    const pieces: (string | Uint8Array)[] = [];
    for await (const piece of exportTrace(odd, format)) pieces.push(piece);
    expect(
      Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))).equals(await readFile(path)),
    ).toBe(true);
  });

  it('leaves nothing when cancelled, and knows its formats', async () => {
    const before = await readdir(directory);
    const cancelled = writeExport(sample, {
      format: 'csv',
      path: join(directory, 'no'),
      signal: AbortSignal.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect(writeExport(sample, { format: 'xls', path: join(directory, 'no') })).rejects.toMatchObject({
      code: 'wrong-usage',
      message:
        'There is no export format "xls". Known: csv, kernel-oracle-csv, task-code-csv, ftrace, parquet.',
    });
    expect(await readdir(directory)).toEqual(before);
  });
});
