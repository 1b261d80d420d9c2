import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  archiveOf,
  isFor,
  readBounded,
  readEmitted,
  readSwap,
} from '../../../../src/remote/deploy/emittedFolder.js';

const folder = mkdtempSync(join(tmpdir(), 'ko-emitted-'));
const NOW = new Date('2026-01-02T03:04:05Z');
const TOLD = {
  ...{ format: 'kernel-oracle-emitted', version: 1, target: 'ebpf', form: 'fixed', bits: 8 },
  ...{ run: { name: 'r', made: 'x' }, experiment: 3, features: ['delta'], wordsSha256: 'c'.repeat(64) },
  files: ['control', 'emitted.json', 'libml/libml.h', 'model.swap'],
};

function tell(over: object = {}): void {
  writeFileSync(join(folder, 'emitted.json'), JSON.stringify({ ...TOLD, ...over }));
}

beforeEach(() => {
  mkdirSync(join(folder, 'libml'), { recursive: true });
  for (const name of ['control', 'libml/libml.h', 'model.swap']) writeFileSync(join(folder, name), name);
  tell();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a folder becomes an archive with its id last', async () => {
  const { files, model, target } = await readEmitted(folder, NOW);
  expect(target).toBe('ebpf');
  expect(model).toEqual({
    ...{ run: 'r', experiment: 3, features: ['delta'], wordsSha256: 'c'.repeat(64), bits: 8 },
    at: '2026-01-02T03:04:05.000Z',
  });
  const found: [string, string, number | undefined][] = [];
  const reader = extract();
  reader.end(await archiveOf(files, 'the id'));
  for await (const entry of reader) {
    let content = '';
    for await (const piece of entry as AsyncIterable<Buffer>) content += piece.toString();
    found.push([entry.header.name, content.slice(0, 20), entry.header.mode]);
  }
  expect(found.map(([name]) => name)).toEqual([
    ...['libml/', 'control', 'emitted.json', 'libml/libml.h', 'model.swap', 'deployment.id'],
  ]);
  expect(found.at(-1)).toEqual(['deployment.id', 'the id', 0o600]);
  expect(found[1]).toEqual(['control', 'control', 0o700]);
});

test('floats have 32 bits, a tree none', async () => {
  tell({ form: 'float', bits: null });
  expect((await readSwap(folder, NOW)).model.bits).toBe(32);
  tell({ form: 'tree', bits: null });
  expect((await readSwap(folder, NOW)).model.bits).toBeNull();
});

test.each([
  ['another format', { format: 'x' }],
  ['a path out of it', { files: ['control', '../secret'] }],
  ['an absolute path', { files: ['control', '/etc/passwd'] }],
  ['a hidden way up', { files: ['control', 'libml/../../x'] }],
  ['no digest', { wordsSha256: 'x' }],
  ['not for a kernel', { target: 'c', files: ['emitted.json'] }],
])('%s is refused', async (_name, over) => {
  tell(over);
  await expect(readEmitted(folder, NOW)).rejects.toMatchObject({ code: 'bad-input' });
});

test('what is not there, or too large', async () => {
  await expect(readEmitted(join(folder, 'nowhere'), NOW)).rejects.toMatchObject({ code: 'read-failed' });
  tell({ files: ['control', 'gone'] });
  await expect(readEmitted(folder, NOW)).rejects.toMatchObject({ code: 'read-failed' });
  tell({ files: ['control'] });
  await expect(readSwap(folder, NOW)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(readBounded(join(folder, 'control'), 3)).rejects.toMatchObject({ code: 'too-large' });
});

test('a patched kernel takes what a module does', () => {
  expect([isFor('module', 'patched'), isFor('module', 'module'), isFor('ebpf', 'module')]).toEqual([
    true,
    true,
    false,
  ]);
});
