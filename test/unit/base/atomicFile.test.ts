import { mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically } from '../../../src/base/atomicFile.js';
import { Failure } from '../../../src/base/errors.js';

describe('writeFileAtomically', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'atomic-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const leftovers = () => readdir(directory);

  it('writes text and bytes in order', async () => {
    await writeFileAtomically(join(directory, 'out'), ['ä', new Uint8Array([0, 255]), '\n']);
    expect(await readFile(join(directory, 'out'))).toEqual(Buffer.from([0xc3, 0xa4, 0, 255, 10]));
    expect(await leftovers()).toEqual(['out']);
  });

  it('does not show the file before it is whole', async () => {
    const seen: string[][] = [];
    async function* chunks(): AsyncGenerator<string> {
      yield 'one';
      seen.push((await leftovers()).filter((name) => !name.startsWith('.')));
      yield 'two';
    }
    await writeFileAtomically(join(directory, 'out'), chunks());
    expect(seen).toEqual([[]]);
    expect(await readFile(join(directory, 'out'), 'utf8')).toBe('onetwo');
  });

  it('leaves the old file and nothing else when the chunks fail', async () => {
    await writeFile(join(directory, 'out'), 'old');
    const cause = new Error('boom');
    function* chunks(): Generator<string> {
      yield 'new';
      throw cause;
    }
    const writing = writeFileAtomically(join(directory, 'out'), chunks());
    await expect(writing).rejects.toMatchObject({ code: 'write-failed', cause });
    expect(await leftovers()).toEqual(['out']);
    expect(await readFile(join(directory, 'out'), 'utf8')).toBe('old');
  });

  it('passes on failures of the chunks as they are', async () => {
    const failure = new Failure('bad-input', 'no good');
    // eslint-disable-next-line require-yield -- it fails before
    function* chunks(): Generator<string> {
      throw failure;
    }
    await expect(writeFileAtomically(join(directory, 'out'), chunks())).rejects.toBe(failure);
    expect(await leftovers()).toEqual([]);
  });

  it.each(['before it starts', 'in the middle', 'after the last piece'])(
    'leaves nothing when cancelled %s',
    async (when) => {
      const cancel = new AbortController();
      let pulled = 0;
      function* chunks(): Generator<string> {
        for (; pulled < 10; pulled += 1) {
          if (when === 'in the middle' && pulled === 4) cancel.abort();
          yield 'piece';
        }
        if (when === 'after the last piece') cancel.abort();
      }
      if (when === 'before it starts') cancel.abort();
      const writing = writeFileAtomically(join(directory, 'out'), chunks(), cancel.signal);
      await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
      expect(await leftovers()).toEqual([]);
      if (when === 'in the middle') expect(pulled).toBe(4);
    },
  );

  it('says which file cannot be written, and why', async () => {
    const path = join(directory, 'missing', 'out');
    await expect(writeFileAtomically(path, ['x'])).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining(path) as unknown,
    });
    expect(await leftovers()).toEqual([]);
  });

  it('refuses a directory and a device instead of replacing them', async () => {
    await mkdir(join(directory, 'inner'));
    for (const path of [join(directory, 'inner'), '/dev/null']) {
      await expect(writeFileAtomically(path, ['x'])).rejects.toMatchObject({
        code: 'write-failed',
        message: `${path} cannot be written: it exists and is not a file.`,
      });
    }
    expect(await leftovers()).toEqual(['inner']);
  });

  it('follows a symbolic link instead of replacing it', async () => {
    await mkdir(join(directory, 'inner'));
    await writeFile(join(directory, 'inner', 'real'), 'old');
    await symlink(join('inner', 'real'), join(directory, 'link'));
    await writeFileAtomically(join(directory, 'link'), ['new']);
    expect(await readlink(join(directory, 'link'))).toBe(join('inner', 'real'));
    expect(await readFile(join(directory, 'inner', 'real'), 'utf8')).toBe('new');
    expect(await readdir(join(directory, 'inner'))).toEqual(['real']);
  });
});
