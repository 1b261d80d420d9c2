import { appendFile, chmod, mkdtemp, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource, fileSource, type ByteSource } from '../../../src/base/byteSource.js';

const CHUNK = 1000;

describe('fileSource', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bytes-'));
    path = join(directory, 'file');
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Number of bytes read; `between` runs after the first chunk. */
  async function readAll(source: ByteSource, between?: () => Promise<void>): Promise<number> {
    let bytes = 0;
    let isFirst = true;
    for await (const chunk of source.chunks()) {
      bytes += chunk.length;
      if (isFirst) await between?.();
      isFirst = false;
    }
    return bytes;
  }

  it('hands out the bytes in order, whatever the chunk size', async () => {
    const bytes = Uint8Array.from({ length: 10_007 }, (_, at) => (at * 7) % 251);
    await writeFile(path, bytes);
    for (const size of [97, CHUNK, 10_007, 1 << 20]) {
      const source = await fileSource(path, size);
      expect(source.sizeBytes).toBe(bytes.length);
      const parts: Buffer[] = [];
      // A chunk is only valid until the next one.
      for await (const chunk of source.chunks()) parts.push(Buffer.from(chunk));
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    }
  });

  it('can be read several times, also by two readers at once', async () => {
    await writeFile(path, Buffer.alloc(10 * CHUNK));
    const source = await fileSource(path, CHUNK);
    expect(await readAll(source)).toBe(10 * CHUNK);
    expect(await Promise.all([readAll(source), readAll(source)])).toEqual([10 * CHUNK, 10 * CHUNK]);
  });

  it('says that a file became shorter while it was read', async () => {
    await writeFile(path, Buffer.alloc(10 * CHUNK));
    const source = await fileSource(path, CHUNK);
    await expect(readAll(source, () => truncate(path, 4 * CHUNK + 5))).rejects.toMatchObject({
      code: 'file-changed',
      message: expect.stringMatching(/became shorter.*4005 of 10000 bytes/) as unknown,
    });
  });

  it('reads a growing file up to the size it had', async () => {
    await writeFile(path, Buffer.alloc(10 * CHUNK));
    const source = await fileSource(path, CHUNK);
    expect(await readAll(source, () => appendFile(path, Buffer.alloc(50 * CHUNK)))).toBe(10 * CHUNK);
  });

  it('goes on reading a file that is deleted meanwhile, and says when it is gone before', async () => {
    await writeFile(path, Buffer.alloc(10 * CHUNK));
    const source = await fileSource(path, CHUNK);
    expect(await readAll(source, () => unlink(path))).toBe(10 * CHUNK);
    await expect(readAll(source)).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(fileSource(path)).rejects.toMatchObject({ message: `${path} does not exist.` });
  });

  it('refuses a directory', async () => {
    await expect(fileSource(directory)).rejects.toMatchObject({ code: 'file-is-directory' });
  });

  it.skipIf(process.platform !== 'linux')('reports an error of the disk with its reason', async () => {
    // Reading address 0 of a process is an I/O error that every Linux can provide.
    const source = await fileSource('/proc/self/mem', CHUNK);
    await expect(readAll(source)).rejects.toMatchObject({
      code: 'read-failed',
      message: expect.stringContaining('/proc/self/mem failed: ') as unknown,
    });
  });

  it.skipIf(process.platform !== 'linux')('reads files without a size to their end', async () => {
    const source = await fileSource('/proc/self/status', 64);
    expect(source.sizeBytes).toBeUndefined();
    expect(await readAll(source)).toBeGreaterThan(64);
  });

  it('says that a file may not be read', async (context) => {
    if (process.getuid?.() === 0) {
      console.warn('SKIPPED: root may read everything; the command-line tests try it as another user');
      context.skip();
    }
    await writeFile(path, 'x');
    await chmod(path, 0);
    await expect(fileSource(path)).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('stops at once when cancelled, and closes the file when the reader leaves', async () => {
    await writeFile(path, Buffer.alloc(1000 * CHUNK));
    const source = await fileSource(path, CHUNK);
    const cancel = new AbortController();
    let chunks = 0;
    const reading = (async () => {
      for await (const chunk of source.chunks(cancel.signal)) {
        chunks += chunk.length / CHUNK;
        if (chunks === 3) cancel.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(chunks).toBe(3);
    // With files left open this would run into the limit of 1024 or more.
    for (let round = 0; round < 2000; round += 1) {
      for await (const chunk of source.chunks()) if (chunk.length > 0) break;
    }
  });
});

describe('bytesSource', () => {
  it('cuts bytes into chunks', async () => {
    const sizes: number[] = [];
    for await (const chunk of bytesSource('x', new Uint8Array(10), 4).chunks()) sizes.push(chunk.length);
    expect(sizes).toEqual([4, 4, 2]);
  });
});
