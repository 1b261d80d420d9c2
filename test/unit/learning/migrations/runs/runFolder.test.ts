import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  readNeuralCfsRun,
  requireRunFree,
  RUN_FILE_NAME,
  writeNeuralCfsRun,
} from '../../../../../src/learning/migrations/runs/runFolder.js';
import type { NewRun } from '../../../../../src/learning/migrations/runs/trainRun.js';
import { drawnCalls, newRun } from '../../../../support/trainedRuns.js';
import { folderWith, setOf } from '../../../dataset/migrations/setBuilder.js';

let run: NewRun;
let folder: string;

beforeAll(async () => {
  run = await newRun(await setOf({ smp4_alpha: drawnCalls(1500) }), 'tree');
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-run-'));
  await writeNeuralCfsRun(run, { path: join(folder, 'model'), replace: false });
});

afterAll(() => rm(folder, { recursive: true }));

async function written(): Promise<string> {
  const path = join(await folderWith({}), 'model');
  await cp(join(folder, 'model'), path, { recursive: true });
  return path;
}

test('what was written is read', async () => {
  const path = await written();
  expect((await readdir(path)).sort()).toEqual([
    'calibration.csv',
    'model.json',
    'neural-cfs-run.json',
    'samples.csv',
    'test.csv',
  ]);
  const { info, ...rest } = await readNeuralCfsRun(path);
  const { info: own, ...ownRest } = run;
  expect(rest).toEqual(ownRest);
  expect(info).toMatchObject(JSON.parse(JSON.stringify(own)) as object);
  expect(Object.keys(info.files)).toEqual(['model', 'calibration', 'test', 'samples']);
});

test('never over what is there, unless it is a run and that is wanted', async () => {
  const path = await written();
  await expect(requireRunFree({ path, replace: false })).rejects.toMatchObject({ code: 'write-failed' });
  await writeNeuralCfsRun(run, { path, replace: true });
  await writeFile(join(path, 'notes.txt'), 'mine');
  await expect(writeNeuralCfsRun(run, { path, replace: true })).rejects.toMatchObject({
    message: expect.stringContaining('it is no trained model') as string,
  });
  expect(await readFile(join(path, 'notes.txt'), 'utf8')).toBe('mine');
});

describe('refused', () => {
  async function changed(name: string, change: (text: string) => string): Promise<string> {
    const path = await written();
    await writeFile(join(path, name), change(await readFile(join(path, name), 'utf8')));
    return path;
  }

  test('a folder without a run', async () => {
    await expect(readNeuralCfsRun(await folderWith({}))).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each([
    [RUN_FILE_NAME, (text: string) => text.slice(0, 100), /is no JSON/],
    [RUN_FILE_NAME, (text: string) => text.replace('"version": 1', '"version": 9'), /is of version 9/],
    [RUN_FILE_NAME, (text: string) => text.replace('"seed": 42', '"seed": -1'), /seed/],
    ['model.json', (text: string) => text.replace('"cut": ', '"cut": 1'), /is not the one that/],
    ['samples.csv', (text: string) => text.slice(1), /is not the one that/],
    ['test.csv', () => '', /is not the one that/],
  ] as const)('%s that was changed', async (name, change, message) => {
    await expect(readNeuralCfsRun(await changed(name, change))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(message) as string,
    });
  });
});
