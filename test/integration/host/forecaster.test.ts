/** The process that makes forecasts for the editor, as the extension starts it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs, nativeAddons } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { isFailure } from '../../../src/base/errors.js';
import {
  forecastInProcess,
  type ForecastOptions,
} from '../../../src/host/inspection/forecast/forecastProcess.js';
import { ForecastSource } from '../../../src/host/inspection/forecast/forecastSource.js';
import { forecastRun } from '../../../src/learning/forecast/forecastRun.js';
import { FIRST_SETTINGS, type ForecastSettings } from '../../../src/protocol/forecastMessages.js';
import { littleRuns, type LittleRuns } from '../../support/littleRuns.js';
import { makeDirectory } from '../cliProcess.js';

let directory: string;
let program: string;
let runs: LittleRuns;
let folder: string;

beforeAll(async () => {
  directory = await makeDirectory();
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/forecaster.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir, external: nativeAddons });
  program = join(outdir, 'forecaster.cjs');
  runs = await littleRuns(directory);
  folder = await runs.train('run', { epochs: 1 });
}, 180_000);

afterAll(() => {
  runs.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const SETTINGS: ForecastSettings = { ...FIRST_SETTINGS, steps: 50, samples: 3, seed: 5 };

function make(changes: Partial<ForecastOptions> = {}, path = program) {
  const signal = new AbortController().signal;
  const usual = { folder, dataset: null, settings: SETTINGS, signal, onProgress: () => undefined };
  return forecastInProcess(path)({ ...usual, ...changes });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('its forecast is the one that is made in this process, and it tells how far it is', async () => {
  const shares: number[] = [];
  const made = await make({ onProgress: (share) => shares.push(share) });
  const { start, ...rest } = SETTINGS;
  if (start.kind !== 'part') throw new Error('not in a part');
  expect(made).toEqual(await forecastRun(folder, { ...rest, at: { part: start.part, row: start.row } }));
  expect(made.origin).toMatchObject({ place: { part: 'seen' }, isChosen: true });
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
}, 120_000);

test('one that is cancelled ends, and the next one is made', async () => {
  const cancellation = new AbortController();
  const settings = { ...SETTINGS, steps: 1000, samples: 200 };
  const work = make({ settings, signal: cancellation.signal, onProgress: () => cancellation.abort() });
  expect(isFailure(await failureOf(work), 'cancelled')).toBe(true);
  const source = new ForecastSource(folder, forecastInProcess(program), () => undefined);
  const overtaken = failureOf(source.forecast(null, settings));
  const [last, first] = [await source.forecast(null, SETTINGS), await overtaken];
  expect(isFailure(first, 'cancelled')).toBe(true);
  expect(last.samples).toHaveLength(3);
  source.dispose();
}, 120_000);

test('what it cannot forecast it says', async () => {
  const none = await failureOf(make({ folder: join(directory, 'none') }));
  expect(isFailure(none, 'bad-input')).toBe(true);
  expect(String(none)).toContain('is no run');
  const start = { kind: 'part', part: 'seen', row: 999_999 } as const;
  const outside = await failureOf(make({ settings: { ...SETTINGS, start } }));
  expect(String(outside)).toMatch(/The part seen has no row 999999: its rows are 0 to \d+/);
}, 120_000);

test('a process that cannot begin is told of', async () => {
  const failure = await failureOf(make({}, join(directory, 'no-such-program.cjs')));
  expect(isFailure(failure, 'too-large')).toBe(true);
  expect(String(failure)).toContain('The process that forecasts ended by itself');
});
