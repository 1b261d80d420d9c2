import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  MAX_STUDY_BYTES,
  readStudy,
  requireFree,
  writeStudy,
} from '../../../../../src/learning/migrations/study/studyFile.js';
import type { NeuralCfsStudy } from '../../../../../src/protocol/neuralCfsStudy.js';
import { littleStudy } from '../../../../support/studiedRecords.js';
import { folderWith } from '../../../dataset/migrations/setBuilder.js';

let study: NeuralCfsStudy;
beforeAll(async () => {
  study = await littleStudy();
});

async function written(change: (study: NeuralCfsStudy) => unknown): Promise<string> {
  const path = join(await folderWith({}), 'a.neural-cfs.json');
  await writeFile(path, JSON.stringify(change(study)));
  return path;
}

test('what was written is read, and nothing else is left', async () => {
  const folder = await folderWith({});
  const path = join(folder, 'alpha.neural-cfs.json');
  await writeStudy(path, study, { replace: false });
  expect(await readStudy(path)).toEqual(study);
  expect(await readdir(folder)).toEqual(['alpha.neural-cfs.json']);
});

test('never over what is there, unless that is wanted; never under a name that the editor would not know', async () => {
  const path = await written(() => 'mine');
  await expect(writeStudy(path, study, { replace: false })).rejects.toMatchObject({
    code: 'write-failed',
    message: expect.stringContaining('is there already') as string,
  });
  expect(await readFile(path, 'utf8')).toBe('"mine"');
  await writeStudy(path, study, { replace: true });
  expect((await readStudy(path)).rows).toBe(study.rows);
  await expect(requireFree(path.replace('.neural-cfs', ''), true)).rejects.toMatchObject({
    code: 'wrong-usage',
  });
});

describe('what is no study is told', () => {
  const cases: [string, (study: NeuralCfsStudy) => unknown, RegExp][] = [
    ['something else', () => ({ recipes: [] }), /is no study of migration records: it does not say/],
    ['another format', () => ({ format: 'eval', version: 1 }), /its format is "eval"/],
    ['results alone', ({ results }) => results, /its format is "kernel-oracle-neural-cfs"/],
    ['a later version', (each) => ({ ...each, version: 2 }), /is of version 2, .* reads version 1/],
    ['a field', (each) => ({ ...each, rows: -1 }), /not as KernelOracle writes it: rows: /],
    [
      'a matrix',
      (each) => ({ ...each, transfers: [{ ...each.transfers[0], names: ['one'] }] }),
      /transfers\.0: is no matrix/,
    ],
  ];
  test.each(cases)('%s', async (_what, change, message) => {
    await expect(readStudy(await written(change))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(message) as string,
    });
  });

  test('half a file', async () => {
    const path = await written((each) => each);
    await truncate(path, 1000);
    await expect(readStudy(path)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/is no JSON, or only the beginning of one.*neural-cfs study/s) as string,
    });
  });

  test('one that is far too large is not read', async () => {
    const path = await written(() => 'x');
    await truncate(path, MAX_STUDY_BYTES + 1);
    onTestFinished(() => truncate(path, 0));
    await expect(readStudy(path)).rejects.toMatchObject({ code: 'too-large' });
  });

  test('none', async () => {
    await expect(readStudy('/nowhere/a.neural-cfs.json')).rejects.toMatchObject({ code: 'file-not-found' });
  });
});
