/** The exported Parquet and CSV files in the programs that people open them with: DuckDB and pandas. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/base/byteSource.js';
import { EVENT_COLUMNS } from '../../src/trace/exporters/eventColumns.js';
import { writeExport } from '../../src/trace/exporters/exportTrace.js';
import { importTrace } from '../../src/trace/importTrace.js';
import { EventType } from '../../src/trace/model/eventType.js';
import { EventStore, UNKNOWN_PRIO } from '../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';
import { SAMPLES, makeDirectory, run } from './cliProcess.js';
import { pythonWith, type PythonEnvironment } from './pythonEnvironment.js';

const PACKAGES = ['duckdb>=1,<2', 'pandas>=2,<4', 'pyarrow>=15'];

/** Everything that is compared, by both programs; numbers of 64 bits as text. */
const SCRIPT = `
import duckdb, json, sys
import pandas as pd

parquet, csv = sys.argv[1:3]

def facts(source):
    table = f"{source}"
    columns = duckdb.sql(f"describe select * from {table}").fetchall()
    names = [row[0] for row in columns]
    counts = ", ".join(f'count("{name}")' for name in names)
    lines = ", ".join(f'cast("{name}" as varchar)' for name in names)
    return {
        "types": {row[0]: row[1] for row in columns},
        "rows": duckdb.sql(f"select count(*) from {table}").fetchone()[0],
        "filled": dict(zip(names, duckdb.sql(f"select {counts} from {table}").fetchone())),
        "span": duckdb.sql(f"select cast(min(time_ns) as varchar), cast(max(time_ns) as varchar), cast(sum(cast(time_ns as hugeint)) as varchar) from {table}").fetchone(),
        "events": dict(duckdb.sql(f"select event, count(*) from {table} group by event").fetchall()),
        "first": [list(row) for row in duckdb.sql(f"select {lines} from {table} limit 12").fetchall()],
    }

frame = pd.read_parquet(parquet)
metadata = dict(duckdb.sql(f"select decode(key), decode(value) from parquet_kv_metadata('{parquet}')").fetchall())
print(json.dumps({
    "parquet": facts(f"read_parquet('{parquet}')"),
    "csv": facts(f"read_csv('{csv}', all_varchar=true, quote='\\"', nullstr='')"),
    "metadata": metadata,
    "pandas": {
        "rows": len(frame),
        "time": str(frame["time_ns"].dtype),
        "times": [str(value) for value in frame["time_ns"].head(12)],
        "comms": [None if pd.isna(value) else value for value in frame["subject_comm"].head(12)],
        "unknown": {name: int(frame[name].isna().sum()) for name in frame.columns},
    },
}))
`;

interface Table {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly filled: Readonly<Record<string, number>>;
  readonly span: readonly string[];
  readonly events: Readonly<Record<string, number>>;
  readonly first: readonly (readonly (string | null)[])[];
}

interface Answer {
  readonly parquet: Table;
  readonly csv: Table;
  readonly metadata: Readonly<Record<string, string>>;
  readonly pandas: {
    readonly rows: number;
    readonly time: string;
    readonly times: readonly string[];
    readonly comms: readonly (string | null)[];
    readonly unknown: Readonly<Record<string, number>>;
  };
}

let environment: PythonEnvironment;
let directory: string;
beforeAll(async () => {
  environment = await pythonWith('python-parquet', PACKAGES);
  directory = await makeDirectory();
  await writeFile(join(directory, 'facts.py'), SCRIPT);
}, 600_000);
afterAll(() => rm(directory, { recursive: true }));
beforeEach((context) => {
  if ('missing' in environment) context.skip(`DuckDB and pandas cannot be installed: ${environment.missing}`);
});

async function factsOf(store: EventStore): Promise<Answer> {
  if ('missing' in environment) throw new Error(environment.missing);
  const paths = [join(directory, 'events.parquet'), join(directory, 'events.csv')] as const;
  await writeExport(store, { format: 'parquet', path: paths[0] });
  await writeExport(store, { format: 'csv', path: paths[1] });
  const { status, stdout, stderr } = await run(environment.python, [join(directory, 'facts.py'), ...paths]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}

/** Names that need quoting or are not ASCII, times beyond 2^53 ns, and everything unknown that can be. */
function oddStore(): EventStore {
  const store = new EventStore();
  const none = UNKNOWN_PRIO;
  const names = ['a, b', 'say "hi"', 'ü—ß 漢字', "it's", ' lead', 'null', 'NaN', '=1+1', 'x;y'];
  const seconds = 1_760_000_000;
  names.forEach((name, at) => {
    const task = store.tasks.intern(100 + at, name);
    const state = store.states.intern('D|K');
    const line = 2 * at + 1;
    store.add(EventType.Waking, seconds, 1001 * at + 1, 1, NO_TASK, task, none, none, 0, 0, -1, line);
    store.add(EventType.Switch, seconds, 1001 * at + 2, 3, 0, task, 120, -1, state, 0, 0, line + 1);
  });
  return store;
}

function expectEqualTo(store: EventStore, { parquet, csv, pandas }: Answer): void {
  const rows = Array.from({ length: store.length }, (_, row) => row);
  const absolute = rows.map((row) => store.absoluteNs(row));
  const span = [absolute[0]!, absolute.at(-1)!, absolute.reduce((sum, each) => sum + each, 0n)].map(String);
  const filled = Object.fromEntries(
    EVENT_COLUMNS.map(({ name, cell }) => [name, rows.filter((row) => cell(store, row) !== null).length]),
  );
  const first = rows
    .slice(0, 12)
    .map((row) => EVENT_COLUMNS.map(({ cell }) => cell(store, row)).map((each) => each?.toString() ?? null));
  for (const table of [parquet, csv]) {
    expect(table.rows).toBe(store.length);
    expect(table.filled).toEqual(filled);
    expect(table.events).toEqual(store.eventCounts());
    expect(table.first).toEqual(first);
  }
  expect(parquet.span).toEqual(span);
  expect(pandas.rows).toBe(store.length);
  expect(pandas.times).toEqual(absolute.slice(0, 12).map(String));
  expect(pandas.comms).toEqual(first.map((cells) => cells[9]));
  expect(pandas.unknown).toEqual(
    Object.fromEntries(Object.entries(filled).map(([name, count]) => [name, store.length - count])),
  );
}

describe('an exported table', () => {
  it('is what the recording holds', { timeout: 120_000 }, async () => {
    const store = await importTrace(await fileSource(`${SAMPLES}mixed-io-and-cpu.ftrace.gz`));
    expectEqualTo(store, await factsOf(store));
  });

  it('keeps nanoseconds of this century, odd names, and what is unknown', { timeout: 120_000 }, async () => {
    const store = oddStore();
    const answer = await factsOf(store);
    expectEqualTo(store, answer);
    const duckType = { INT32: 'INTEGER', INT64: 'BIGINT', STRING: 'VARCHAR' } as const;
    expect(answer.parquet.types).toEqual(
      Object.fromEntries(EVENT_COLUMNS.map(({ name, type }) => [name, duckType[type]])),
    );
    expect(answer.pandas.time).toBe('int64');
    expect(answer.metadata['kernel_oracle.losses']).toBe('[]');
  });
});
