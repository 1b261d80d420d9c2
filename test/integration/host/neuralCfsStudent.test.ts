/** The process that studies migration records for the editor, as the extension starts it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs, nativeAddons } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { studyInProcess } from '../../../src/host/neuralCfs/studyProcess.js';
import { readStudy } from '../../../src/learning/migrations/study/studyFile.js';
import type { StudyProgress } from '../../../src/learning/migrations/study/studyProgress.js';
import { settingsFor, type StudyChoices } from '../../../src/learning/migrations/study/studySettings.js';
import type { StudiedSummary } from '../../../src/workers/neuralCfsStudentMessages.js';
import { STUDIED_FILES, UNTOLD_RECORDS, writeFiles } from '../../support/studiedRecords.js';
import { makeDirectory } from '../cliProcess.js';

let directory: string;
let program: string;
let records: string;

beforeAll(async () => {
  directory = await makeDirectory();
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/neuralCfsStudent.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir, external: nativeAddons });
  program = join(outdir, 'neuralCfsStudent.cjs');
  records = join(directory, 'records');
  await writeFiles(records, STUDIED_FILES);
  await writeFiles(join(directory, 'untold'), { 'smp4_alpha.csv': UNTOLD_RECORDS });
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function study(
  paths: string[],
  output: string,
  choices: Partial<StudyChoices>,
  onProgress: (progress: StudyProgress) => void = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<StudiedSummary> {
  const command = {
    kind: 'study',
    settings: settingsFor(paths, choices),
    output: join(directory, output),
  } as const;
  return studyInProcess({ program, command, signal, onProgress });
}

const FEW = { experiments: [3], models: ['libml', 'rule'], importanceOf: null, transferOf: null } as const;

test('makes a study with a real network, tells of its progress, and ends', async () => {
  const told: StudyProgress[] = [];
  const summary = await study([records], 'a.neural-cfs.json', { ...FEW, ways: ['group'] }, (each) =>
    told.push(each),
  );
  expect(summary).toMatchObject({ rows: 2860, recordings: 3, leftOut: 1, warnings: [] });
  expect(told.length).toBeGreaterThan(0);
  const { results } = await readStudy(join(directory, 'a.neural-cfs.json'));
  const [whole] = results!.experiments[0]!.ways[0]!.parts;
  expect(whole!.models.map(({ name, failure }) => [name, failure])).toEqual([
    ['libml', null],
    ['rule', null],
  ]);
}, 60_000);

test('one that is cancelled leaves no file', async () => {
  const cancellation = new AbortController();
  await expect(
    study([records], 'cancelled.neural-cfs.json', FEW, () => cancellation.abort(), cancellation.signal),
  ).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(directory).filter((name) => name.includes('cancelled'))).toEqual([]);
}, 60_000);

test('what cannot be studied comes back in words', async () => {
  await expect(study([join(directory, 'untold')], 'untold.neural-cfs.json', FEW)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('Choose experiment 1 alone') as string,
  });
  await expect(study([join(directory, 'gone')], 'gone.neural-cfs.json', FEW)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('gone') as string,
  });
}, 60_000);
