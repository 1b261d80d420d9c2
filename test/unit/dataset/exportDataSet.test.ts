import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataSet, type DataSet, type StoredPart } from '../../../src/dataset/dataSet.js';
import { exportDataSet } from '../../../src/dataset/exportDataSet.js';
import type { ExportKind } from '../../../src/dataset/files/exportKinds.js';
import { windowsOf } from '../../../src/dataset/windows.js';
import { build, csvRows, CSV_HEADER, dataSetFolder } from '../../support/dataSetInputs.js';
import { parseNpz } from '../../support/npyText.js';

const LOSSES = fileURLToPath(new URL('../../../samples/lost-events.ftrace', import.meta.url));

let folder: string;
let set: DataSet;
beforeEach(async () => {
  folder = await dataSetFolder();
  const csv = join(folder, 'all.csv');
  await writeFile(
    csv,
    CSV_HEADER +
      csvRows('a', 0, 300) +
      csvRows('a', 1, 200) +
      csvRows('b, "c"', 0, 90).replaceAll('b, "c"', '"b, ""c"""'),
  );
  await build([csv, LOSSES], join(folder, 'set'), { holdOut: 'none', split: 'run' });
  set = await openDataSet(join(folder, 'set'));
});
afterEach(() => rm(folder, { recursive: true }));

function exported(to: ExportKind, output: string, length = 64, stride = 4) {
  return exportDataSet({ folder: set.folder, to, output: join(folder, output), length, stride });
}

/** What a row says, whatever its numbers are in this data set. */
function meaning(part: StoredPart, { meta }: DataSet): string[] {
  return Array.from({ length: part.rows }, (_, row) => {
    const state = part.state[row]! === 0 ? '' : meta.vocabulary.states[part.state[row]!]!;
    const comm = part.pid[row] === 0 ? 'idle' : meta.comms[part.comm[row]!]!;
    return [comm, part.pid[row], part.cpu[row], part.deltaNs[row], state].join(' ');
  });
}

describe('KernelOracle CSV of a data set', () => {
  it('is read back as the same rows, in the same sequences', async () => {
    const files = await exported('kernel-oracle-csv', 'csv');
    expect(files.map(({ name }) => name)).toEqual([
      'vocabulary.json',
      'train.csv',
      'validation.csv',
      'seen.csv',
    ]);
    for (const name of ['train', 'seen'] as const) {
      const path = join(folder, 'csv', `${name}.csv`);
      await build([path], join(folder, name), {
        split: 'walk-forward',
        holdOut: 'none',
        seen: 0,
        validation: 0,
      });
      const again = await openDataSet(join(folder, name));
      const [before, after] = [await set.part(name), await again.part('train')];
      expect([...after.starts]).toEqual([...before.starts]);
      expect([...after.startNs]).toEqual([...before.startNs]);
      expect(meaning(after, again)).toEqual(meaning(before, set));
      const ofRecordings = new Set(before.origins.map(({ recording }) => recording));
      expect(again.meta.recordings.map(({ category }) => category)).toEqual(
        [...ofRecordings].map((recording) => set.meta.recordings[recording]!.category),
      );
    }
  });

  it('has the header and the columns of the family', async () => {
    await exported('kernel-oracle-csv', 'csv');
    const lines = (await readFile(join(folder, 'csv', 'train.csv'), 'utf8')).split('\n');
    expect(`${lines[0]!}\n`).toBe(CSV_HEADER);
    expect(lines[1]).toMatch(/^\d+\.\d{9},0\.000000000,[^,]+,\d+,[01],[RS],,a,a_run0$/);
    expect(lines[2]).toMatch(/^\d+\.\d{9},0\.0000\d{5},/);
  });
});

describe('CSV with task codes of a data set', () => {
  it('is a file for each CPU and sequence, with the rows of that CPU', async () => {
    await exported('task-code-csv', 'codes');
    const train = await set.part('train');
    const files = await readdir(join(folder, 'codes', 'train'));
    expect(files).toContain('a_run0.cpu0.csv');
    expect(files).toContain('a_run0.cpu1.csv');
    let rows = 0;
    for (const file of files) {
      const lines = (await readFile(join(folder, 'codes', 'train', file), 'utf8')).trim().split('\n');
      expect(lines[0]).toBe('task_code,time,name,pid');
      for (const line of lines.slice(1))
        expect(line).toMatch(/^(?:\.,[\d.]+,swapper,0|[A-Z]\d+,[\d.]+,.+,\d+)$/);
      rows += lines.length - 1;
    }
    expect(rows).toBe(train.rows);
    const one = join(folder, 'codes', 'train', 'a_run0.cpu0.csv');
    const meta = await build([one], join(folder, 'one'), { split: 'walk-forward', validation: 0, seen: 0 });
    expect(meta.parts.train.rows).toBe(
      [...train.cpu].filter((cpu, row) => cpu === 0 && row < (train.starts[1] ?? train.rows)).length,
    );
  });
});

describe('NPZ of a data set', () => {
  it('has the windows that training has, as numpy writes them', async () => {
    await exported('npz', 'npz', 16, 4);
    const part = await set.part('train');
    const arrays = parseNpz(await readFile(join(folder, 'npz', 'train.npz')));
    const features = set.meta.features;
    const windows = windowsOf(part, {
      length: 16,
      stride: 4,
      seed: null,
      features: [],
      standardisations: features,
    });
    const { count } = windows;
    expect(count).toBeGreaterThan(50);
    expect([...arrays].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['pid', '<i8', [count, 16]],
      ['cont', '<f4', [count, 16, 2]],
      ['state', '<i8', [count, 16]],
      ['y', '<i8', [count]],
      ['seq_len', '<i8', [1]],
    ]);
    for (let window = 0; window < count; window += 1) {
      const row = windows.firstRowOf(window);
      const of = (name: string, width: number) =>
        arrays.get(name)!.values.slice(window * width, (window + 1) * width);
      expect(of('pid', 16)).toEqual([...part.task.subarray(row, row + 16)]);
      expect(of('state', 16)).toEqual([...part.state.subarray(row, row + 16)]);
      expect(of('y', 1)).toEqual([part.task[row + 16]]);
      const cont = Array.from({ length: 16 }, (_, at) => {
        const ns = part.deltaNs[row + at]!;
        return [part.cpu[row + at]!, Math.fround(Number.isNaN(ns) ? 0 : ns / 1e9)];
      });
      expect(of('cont', 32)).toEqual(cont.flat());
    }
    expect(arrays.get('seq_len')!.values).toEqual([16]);
    const vocabulary = JSON.parse(await readFile(join(folder, 'npz', 'vocabulary.json'), 'utf8')) as object;
    expect(vocabulary).toEqual({
      kind: 'comm',
      tasks: set.meta.vocabulary.tasks,
      states: set.meta.vocabulary.states,
    });
  });

  it('is refused a window that is none, and leaves no folder then', async () => {
    await expect(exported('npz', 'bad', 0)).rejects.toThrow(/length of a window is 0/);
    await expect(exported('npz', 'set')).rejects.toThrow(/exists: choose another folder/);
    expect((await readdir(folder)).filter((name) => /bad|part/.test(name))).toEqual([]);
  });
});
