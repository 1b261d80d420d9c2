import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LatencyFiles } from '../../../../src/analysis/latency/latencyFiles.js';
import { USUAL_SETTINGS } from '../../../../src/analysis/latency/latencyStudy.js';
import { LatencyDocument } from '../../../../src/host/latency/latencyDocument.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-latency-'));
  await writeFile(join(folder, 'lat_off_ns.txt'), '1000\n1100\n1200\n');
  await writeFile(join(folder, 'lat_on_ns.txt'), '2000\n2100\n2200\n');
});

afterAll(() => rm(folder, { recursive: true }));

function made(): LatencyDocument {
  const files = new LatencyFiles({
    readResults: () => Promise.reject(new Error('none')),
    describe: () => Promise.resolve({}),
  });
  return new LatencyDocument(files, { baseline: '', sets: [], settings: USUAL_SETTINGS }, null);
}

it('adds files, and compares with the side without a model', async () => {
  const document = made();
  await document.add([join(folder, 'lat_on_ns.txt'), join(folder, 'lat_off_ns.txt')]);
  const { study, isChanged, densities, version } = await document.state();
  expect(study.baseline).toBe('off');
  expect(isChanged).toBe(true);
  expect(densities.sets[0]!.ratios!.ofMedians).toBeCloseTo(2100 / 1100, 12);
  document.saved('/x/a.latency.json');
  const saved = await document.state();
  expect(saved.isChanged).toBe(false);
  expect(saved.version).toBeGreaterThan(version);
});

it('keeps the baseline with the set that is renamed, and finds another one when it is removed', async () => {
  const document = made();
  await document.add([join(folder, 'lat_on_ns.txt'), join(folder, 'lat_off_ns.txt')]);
  document.changeSet({ set: 1, label: 'original kernel', unit: undefined });
  expect(document.current.baseline).toBe('original kernel');
  expect(document.current.sets[1]).toMatchObject({ label: 'original kernel', unit: 'ns' });
  document.removeSet(1);
  expect(document.current.baseline).toBe('on');
  expect(() => document.removeSet(5)).toThrow(/removed meanwhile/);
});

it('adds nothing when one of several files cannot be read', async () => {
  const document = made();
  const paths = [join(folder, 'lat_on_ns.txt'), join(folder, 'missing.txt')];
  await expect(document.add(paths)).rejects.toThrow(/missing\.txt does not exist/);
  expect(document.current.sets).toEqual([]);
});
