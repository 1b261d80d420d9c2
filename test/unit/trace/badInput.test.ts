import { appendFile, mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesSource, fileSource, type ByteSource } from '../../../src/base/byteSource.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import type { EventStore } from '../../../src/trace/model/eventStore.js';
import { compressed } from '../../support/compressed.js';
import { rowText } from '../../support/storeRows.js';

const SAMPLE = fileURLToPath(new URL('../../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));
const CHUNK = 64 * 1024;
const encoder = new TextEncoder();

let text: Uint8Array;
let whole: EventStore;
let directory: string;
beforeAll(async () => {
  text = new Uint8Array(gunzipSync(await readFile(SAMPLE)));
  whole = await importTrace(bytesSource('sample', text));
  directory = await mkdtemp(join(tmpdir(), 'bad-input-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What was read is the beginning of the whole trace, event for event. */
function expectBeginning(store: EventStore, atLeast: number): void {
  expect(store.length).toBeGreaterThan(atLeast);
  for (let row = 0; row < store.length; row += 1) {
    if (rowText(store, row) !== rowText(whole, row)) expect(rowText(store, row)).toBe(rowText(whole, row));
  }
}

const open = (bytes: Uint8Array, name = 'my.trace') => importTrace(bytesSource(name, bytes, CHUNK));

describe('input that is no trace', () => {
  it('says that an empty file is empty, compressed or not', async () => {
    const empty = new Uint8Array(0);
    for (const bytes of [
      empty,
      compressed('gzip', empty),
      compressed('zstd', empty),
      compressed('xz', empty),
    ]) {
      await expect(open(bytes)).rejects.toMatchObject({
        code: 'empty-input',
        message: 'my.trace is empty: there is nothing to show.',
      });
    }
  });

  it.each([
    ['binary', Uint8Array.from({ length: 300_000 }, (_, at) => Math.imul(at, 2654435761) >>> 13)],
    ['zeros', new Uint8Array(300_000)],
    ['prose', encoder.encode('It was a dark and stormy night.\n'.repeat(5000))],
    ['one byte', encoder.encode('x')],
  ])('says for each format why it is not that one: %s', async (_, bytes) => {
    const error = await open(bytes).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'unknown-format' });
    expect((error as Error).message).toMatch(
      /^my\.trace (is not in a format|cannot be opened: it is binary)[^\n]*:\n( {2}- .+: .+\n?){2,}$/,
    );
  });

  it.each(['utf-16le', 'utf-16be'])('names the encoding: %s', async (encoding) => {
    const little = Buffer.from(`\ufeff${new TextDecoder().decode(text.subarray(0, 200_000))}`, 'utf16le');
    const bytes = new Uint8Array(encoding === 'utf-16be' ? little.swap16() : little);
    await expect(open(bytes)).rejects.toThrow(/UTF-16/);
  });

  it('has a header, but no event of the scheduler', async () => {
    const header = encoder.encode(
      '# tracer: nop\n#\n     bash-1     [000] .....     1.000001: sys_enter: NR 1 (2)\n',
    );
    await expect(open(header)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/^my\.trace holds no scheduler events/) as unknown,
    });
  });
});

describe('one enormous line', () => {
  function endless(before: Uint8Array, bytes: number, after: Uint8Array): ByteSource {
    return {
      name: 'huge',
      sizeBytes: undefined,
      async *chunks() {
        yield before;
        const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x61);
        for (let given = 0; given < bytes; given += chunk.length) {
          yield chunk;
          await Promise.resolve();
        }
        yield after;
      },
    };
  }

  it('as the whole input is refused after its beginning', async () => {
    let given = 0;
    const source = endless(encoder.encode('a'), 500e6, encoder.encode('\n'));
    const counting: ByteSource = {
      ...source,
      async *chunks(signal) {
        for await (const chunk of source.chunks(signal)) {
          given += chunk.length;
          yield chunk;
        }
      },
    };
    await expect(importTrace(counting)).rejects.toMatchObject({ code: 'unknown-format' });
    expect(given).toBeLessThan(20e6);
  });

  it('of 500 MB between events is skipped in bounded memory; the rest is shown', async () => {
    const cut = text.indexOf(0x0a, text.length / 2) + 1;
    let peak = 0;
    const store = await importTrace(
      endless(text.subarray(0, cut), 500e6, Buffer.concat([encoder.encode('\n'), text.subarray(cut)])),
      {
        onProgress: () => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)),
      },
    );
    expect(store.length).toBe(whole.length);
    expect(peak).toBeLessThan(200e6);
    expect(store.diagnostics).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/longer than 1 MiB/) as unknown },
    ]);
  });
});

describe('files that change while they are read', () => {
  async function file(name: string): Promise<[string, ByteSource]> {
    const path = join(directory, name);
    await writeFile(path, text);
    return [path, await fileSource(path, CHUNK)];
  }

  /** Imports and does something to the file after the third chunk. */
  async function importMeanwhile(source: ByteSource, change: () => Promise<void>): Promise<EventStore> {
    let chunks = 0;
    return importTrace(source, {
      onRows: async () => {
        chunks += 1;
        if (chunks === 3) await change();
      },
    });
  }

  it('keeps what was read of a file that shrinks', async () => {
    const [path, source] = await file('shrinks');
    const store = await importMeanwhile(source, () => truncate(path, 10 * CHUNK));
    expectBeginning(store, 3000);
    expect(store.length).toBeLessThan(whole.length / 2);
    expect(store.diagnostics[0]).toMatchObject({
      severity: 'error',
      message: expect.stringMatching(/became shorter while it was read: 655360 of \d+ bytes/) as unknown,
    });
  });

  it('reads a file to its end that is deleted or grows', async () => {
    const [gone, deleted] = await file('deleted');
    expect((await importMeanwhile(deleted, () => unlink(gone))).length).toBe(whole.length);
    const [path, grows] = await file('grows');
    const store = await importMeanwhile(grows, () => appendFile(path, 'garbage\n'.repeat(100_000)));
    expect(store.length).toBe(whole.length);
    expect(store.diagnostics).toEqual([]);
  });

  it('says that a file is gone', async () => {
    const [path, source] = await file('vanished');
    await unlink(path);
    await expect(importTrace(source)).rejects.toMatchObject({
      code: 'file-not-found',
      message: `${path} does not exist.`,
    });
  });
});

describe('damaged compressed files', () => {
  it.each(['gzip', 'zstd', 'xz'] as const)('keeps what comes before the cut: %s', async (kind) => {
    const bytes = compressed(kind, text);
    const store = await open(bytes.subarray(0, bytes.length * 0.7));
    expectBeginning(store, 5000);
    expect(store.length).toBeLessThan(whole.length);
    expect(store.diagnostics[0]).toMatchObject({
      severity: 'error',
      message: expect.stringMatching(
        new RegExp(`my\\.trace is damaged or cut off: its ${kind} data .* after byte \\d+`),
      ) as unknown,
    });
  });

  it('says so when nothing is left', async () => {
    const bytes = compressed('gzip', text).slice(0, 15);
    await expect(open(bytes)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('keeps all events of a text whose last line is cut', async () => {
    const store = await open(text.subarray(0, text.length - 10));
    expect(store.length).toBe(whole.length - 1);
    expect(store.diagnostics).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/last line/) as unknown },
    ]);
  });
});

describe('failures of the source', () => {
  function failing(after: number, error: Error): ByteSource {
    return {
      name: 'source',
      sizeBytes: text.length,
      async *chunks() {
        for (let at = 0; at < after; at += CHUNK) {
          yield text.subarray(at, at + CHUNK);
          await Promise.resolve();
        }
        throw error;
      },
    };
  }

  it('that nobody expected are never swallowed', async () => {
    const defect = new TypeError('x is not a function');
    await expect(importTrace(failing(text.length / 2, defect))).rejects.toBe(defect);
  });
});

describe('cancellation', () => {
  it.each(['plain', 'gzip', 'zstd', 'xz'] as const)('stops reading at once: %s', async (kind) => {
    const bytes = kind === 'plain' ? text : compressed(kind, text);
    const size = Math.ceil(bytes.length / 40);
    const cancel = new AbortController();
    let given = 0;
    let closed = false;
    const source: ByteSource = {
      name: 'source',
      sizeBytes: bytes.length,
      async *chunks(signal) {
        try {
          for (let at = 0; at < bytes.length; at += size) {
            expect(signal).toBe(cancel.signal);
            given += 1;
            yield bytes.subarray(at, at + size);
            await Promise.resolve();
          }
        } finally {
          closed = true;
        }
      },
    };
    let atCancel = 0;
    const importing = importTrace(source, {
      signal: cancel.signal,
      onProgress: ({ events }) => {
        if (events < 500 || cancel.signal.aborted) return;
        atCancel = given;
        cancel.abort();
      },
    });
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
    expect(atCancel).toBeGreaterThan(0);
    if (kind === 'plain') expect(given - atCancel).toBeLessThanOrEqual(1);
  });

  it('before the start reads nothing', async () => {
    const path = join(directory, 'unread');
    await writeFile(path, text);
    const importing = importTrace(await fileSource(path, CHUNK), { signal: AbortSignal.abort() });
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
  });
});
