import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { bytesAccess } from '../../../../src/base/randomAccess.js';
import { isFailure } from '../../../../src/base/errors.js';
import { exportTrace } from '../../../../src/trace/exporters/exportTrace.js';
import { FORMATS } from '../../../../src/trace/formats.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { tarFolder } from '../../../../src/trace/recording/tarFolder.js';
import { NO_TASK } from '../../../../src/trace/model/taskTable.js';
import { checkStore } from '../../../fuzz/storeInvariants.js';
import { importerFixtures } from '../../../support/importerFixtures.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { rowText, rowTexts } from '../../../support/storeRows.js';

const SMALL_CHUNK_BYTES = 97;
const PIPE_CHUNK_BYTES = 4096;
/** Columns of a row's text. */
const ACTOR_COLUMN = 3;
const LINE_COLUMN = 9;
const DAMAGED_COPIES = 24;

async function read(bytes: Uint8Array, format?: string, chunkBytes?: number): Promise<EventStore> {
  return importTrace(bytesSource('unknown', bytes, chunkBytes), format === undefined ? {} : { format });
}

/** As the importer leaves it, in source order. */
async function readUnsorted(bytes: Uint8Array, format: string): Promise<EventStore> {
  const store = new EventStore();
  const importer = FORMATS.find((each) => each.name === format)!;
  try {
    if (importer.kind === 'stream') {
      const session = importer.begin(store);
      session.push(bytes);
      session.end();
    } else if (importer.kind === 'file') [...importer.read(bytesAccess('unknown', bytes), store)].length = 0;
    else {
      const folder = await tarFolder(bytesSource('unknown', bytes).chunks(), 'unknown');
      [...importer.read(folder, store)].length = 0;
    }
  } catch (error) {
    // What was read before the damage is kept.
    if (!isFailure(error)) throw error;
  }
  return store;
}

/** What a user would notice of the model, as text. */
function summaryOf(store: EventStore): string {
  const { metadata, losses, diagnostics, tasks } = store;
  const rows = Array.from({ length: store.length }, (_, row) => row);
  const some = rows.length <= 24 ? rows : [...rows.slice(0, 16), ...rows.slice(-8)];
  return [
    `format ${metadata.format}`,
    `properties ${JSON.stringify([...metadata.properties])}`,
    `capabilities ${JSON.stringify(metadata.capabilities)}`,
    `overwritten ${metadata.overwrittenEvents} · CPUs told ${metadata.cpuCount} · CPUs seen ${store.cpuLimit}`,
    `events ${JSON.stringify(store.eventCounts())}`,
    `${tasks.threadCount} threads, ${tasks.taskCount} tasks · states ${store.states.values().join(' ')}`,
    ...losses.map((loss) => `loss ${JSON.stringify(loss)}`),
    ...diagnostics.map(({ severity, message, line }) => `${severity} line ${line}: ${message}`),
    ...some.map((row) => rowText(store, row)),
    '',
  ].join('\n');
}

/** Everything of a model, for comparing two that should be the same. */
function everythingOf(store: EventStore) {
  const { metadata, losses, diagnostics, tasks } = store;
  return { rows: rowTexts(store), metadata, losses, diagnostics, tgids: tasks.threadTgids };
}

/** The rows of `part` are the first ones of `whole`. Tasks and states are numbered in order of appearance. */
function expectPrefix(part: EventStore, whole: EventStore): void {
  const { length } = part;
  expect(length).toBeLessThanOrEqual(whole.length);
  if (length === 0) return;
  expect(part.baseNs).toBe(whole.baseNs);
  const columns = [
    'timeNs',
    'type',
    'cpu',
    'actor',
    'subject',
    'actorPrio',
    'state',
    'flags',
    'arg',
    'line',
  ] as const;
  for (const column of columns) {
    // Who is next may stand in a later line: then the part does not know it yet.
    const differing = part[column]
      .subarray(0, length)
      .findIndex(
        (value, row) => value !== whole[column][row] && !(column === 'subject' && value === NO_TASK),
      );
    expect({ column, differing }).toEqual({ column, differing: -1 });
  }
  expect(part.tasks.comms).toEqual(whole.tasks.comms.slice(0, part.tasks.taskCount));
  expect(part.tasks.pids).toEqual(whole.tasks.pids.slice(0, part.tasks.taskCount));
  expect(part.states.values()).toEqual(whole.states.values().slice(0, part.states.size));
}

/**
 * As `expectPrefix`, for formats that bring CPUs into order: what is missing of one shifts the others, and the numbers of
 * their records. Who ran is compared by pid, since the name may have stood in the part that is missing.
 */
function expectFirstOfEachCpu(part: EventStore, whole: EventStore): void {
  const rowsOf = (store: EventStore, cpu: number) =>
    rowTexts(store)
      .filter((_, row) => store.cpu[row] === cpu)
      .map((row) => row.split(' | '))
      .map((cells) =>
        cells
          .slice(0, LINE_COLUMN)
          .map((cell, column) => (column === ACTOR_COLUMN ? cell.replace(/.*:/, '') : cell)),
      );
  for (let cpu = 0; cpu < part.cpuLimit; cpu += 1) {
    const rows = rowsOf(part, cpu);
    expect(rows).toEqual(rowsOf(whole, cpu).slice(0, rows.length));
  }
}

/** A sound store, or undefined when the content was refused; everything but a `Failure` is a defect. */
async function storeOrFailure(reading: () => Promise<EventStore>): Promise<EventStore | undefined> {
  try {
    const store = await reading();
    checkStore(store);
    return store;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** A copy with flipped bits, moved pieces, and bytes that text does not have. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomNumbers(seed);
  const copy = bytes.slice(0, 20_000);
  const flips = seed % 3 === 0 ? 3 : Math.ceil(copy.length * 0.01);
  for (let i = 0; i < flips; i += 1) copy[random(copy.length)]! ^= 1 << random(8);
  for (let i = 0; i < seed % 4; i += 1) {
    const from = random(copy.length);
    copy.copyWithin(random(copy.length), from, from + random(2000));
  }
  if (seed % 5 === 0) copy.fill([0, 0xff, 0x30, 0x0a][random(4)]!, random(copy.length), copy.length - 1000);
  return copy;
}

async function bytesOf(pieces: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  return Uint8Array.from(Buffer.concat(parts));
}

/**
 * Rows without what ftrace text cannot keep: the line they stood in, and, of the other formats, the actor: tracefs names
 * whoever was switched to last, under the name he had then, and has no way to say that it is not known.
 */
function rowsForFtrace(store: EventStore, format: string): string[] {
  const isKept = (column: number) =>
    column !== LINE_COLUMN && (format === 'tracefs-text' || column !== ACTOR_COLUMN);
  return rowTexts(store).map((row) =>
    row
      .split(' | ')
      .filter((_, column) => isKept(column))
      .join(' | '),
  );
}

function hasTool(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`SKIPPED: "${name}" is not installed, so that reading its compression is not tested.`);
    return false;
  }
}

const COMPRESSORS: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ...['zstd', 'xz']
    .filter(hasTool)
    .map((tool): [string, (bytes: Uint8Array) => Uint8Array] => [
      tool,
      (bytes) => execFileSync(tool, ['-c', '-q'], { input: bytes, maxBuffer: 2 ** 28 }),
    ]),
];

const FIXTURES = importerFixtures();

it('finds fixtures of every format', () => {
  expect(new Set(FIXTURES.map(({ format }) => format))).toEqual(new Set(FORMATS.map(({ name }) => name)));
});

describe.each(FIXTURES)('$name', ({ name, format, bytes }) => {
  it('is read as it always was', async () => {
    checkStore(await read(bytes, format));
    const snapshot = `__snapshots__/${name.replaceAll('/', '__')}.snap`;
    await expect(summaryOf(await read(bytes, format))).toMatchFileSnapshot(snapshot);
  });

  it('is recognised by its content alone', async () => {
    expect(everythingOf(await read(bytes))).toEqual(everythingOf(await read(bytes, format)));
  });

  it('is the same in small chunks', async () => {
    const chunked = await read(bytes, undefined, SMALL_CHUNK_BYTES);
    expect(everythingOf(chunked)).toEqual(everythingOf(await read(bytes, format)));
  });

  it('is the same from a pipe, which is read once and in order', async () => {
    const file = bytesSource('unknown', bytes, PIPE_CHUNK_BYTES);
    const piped = await importTrace({ name: file.name, sizeBytes: undefined, chunks: () => file.chunks() });
    expect(everythingOf(piped)).toEqual(everythingOf(await read(bytes, format)));
  });

  it.each(COMPRESSORS)('is the same compressed with %s', async (_tool, compress) => {
    const whole = everythingOf(await read(bytes, format));
    expect(everythingOf(await read(Uint8Array.from(compress(bytes))))).toEqual(whole);
  });

  it('is read as far as it goes when it is cut off', async () => {
    const whole = await readUnsorted(bytes, format);
    const importer = FORMATS.find((each) => each.name === format)!;
    for (let percent = 0; percent < 100; percent += 1) {
      const part = bytes.subarray(0, Math.floor((bytes.length * percent) / 100));
      const expectPart = importer.kind === 'stream' ? expectPrefix : expectFirstOfEachCpu;
      expectPart(await readUnsorted(part, format), whole);
      if (percent % 5 !== 0) continue;
      const store = await storeOrFailure(() => read(part));
      if (store !== undefined) expect(store.metadata.format).toBe(format);
    }
  });

  it('does no harm when it is damaged', async () => {
    for (let seed = 1; seed <= DAMAGED_COPIES; seed += 1) {
      const copy = damaged(bytes, seed);
      await storeOrFailure(() => read(copy));
      await storeOrFailure(() => read(copy, format, 1 + (seed % 500)));
    }
  });

  it('survives being exported as ftrace text and read again', async () => {
    const store = await read(bytes, format);
    const again = await read(await bytesOf(exportTrace(store, 'ftrace')));
    expect(rowsForFtrace(again, format)).toEqual(rowsForFtrace(store, format));
    expect(again.losses.map(({ cpu, count }) => [cpu, count])).toEqual(
      store.losses.map(({ cpu, count }) => [cpu, count]),
    );
  });

  it('keeps its switches when it is exported as KernelOracle CSV and read again', async () => {
    const store = await read(bytes, format);
    const again = await read(await bytesOf(exportTrace(store, 'kernel-oracle-csv')));
    const what = (row: string) =>
      row.split(' | ').filter((_, column) => column !== ACTOR_COLUMN && column < 5);
    // One to somebody unknown has no place in a table of who was switched to.
    const switches = rowTexts(store).filter((row) => /\| sched_switch \| [^|]* \| (?!\? \|)/.test(row));
    expect(rowTexts(again).map(what)).toEqual(switches.map(what));
  });
});
