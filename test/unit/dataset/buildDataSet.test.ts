import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataSet } from '../../../src/dataset/dataSet.js';
import type { RecordingEntry } from '../../../src/dataset/files/dataSetMeta.js';
import { PART_NAMES } from '../../../src/dataset/sequences.js';
import { build, csvRows, CSV_HEADER, dataSetFolder } from '../../support/dataSetInputs.js';

const LOSSES = fileURLToPath(new URL('../../../samples/lost-events.ftrace', import.meta.url));
const MIXED = fileURLToPath(new URL('../../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await dataSetFolder();
  out = join(folder, 'out');
  await mkdir(join(folder, 'in'));
});
afterEach(() => rm(folder, { recursive: true }));

async function input(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'in', name);
  await writeFile(path, content);
  return path;
}

/** Three categories with two runs each, all in one file, as the TCN follow-up writes them. */
function manyRecordings(rows = 400): string {
  return (
    CSV_HEADER +
    ['alpha', 'beta', 'gamma'].map((name) => csvRows(name, 0, rows) + csvRows(name, 1, rows)).join('')
  );
}

describe('a data set of a CSV with many recordings', () => {
  it('tells recordings apart, splits them, and says where everything came from', async () => {
    const path = await input('all.csv', manyRecordings());
    const meta = await build([path], out, { holdOut: 'beta' });
    const bytes = await readFile(path);
    const file = { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    expect(
      meta.recordings.map(({ category, workload, run, traceId }) => [category, workload, run, traceId]),
    ).toEqual(
      ['alpha', 'beta', 'gamma'].flatMap((name) =>
        [0, 1].map((run) => [name, name, run, `${name}_run${run}`]),
      ),
    );
    for (const recording of meta.recordings) {
      expect(recording).toMatchObject({
        files: [file],
        format: 'kernel-oracle-csv',
        events: 400,
        rows: 400,
        cpus: 2,
      });
      expect(recording.parts.unseen).toBe(recording.category === 'beta' ? 400 : 0);
    }
    expect(meta).toMatchObject({
      heldOut: 'beta',
      kernelOracleVersion: '1.2.3',
      created: '1970-01-01T00:00:00.000Z',
    });
    expect(JSON.parse(await readFile(join(out, 'dataset_meta.json'), 'utf8'))).toEqual(meta);
    expect(meta.vocabulary.tasks.slice(0, 2)).toEqual(['UNK', 'swapper']);
    // What only the category that was held out has is unknown, and so is never right.
    expect(new Set(meta.vocabulary.tasks.slice(2))).toEqual(new Set(['alpha', 'gamma']));
    const { unknownTargets, idleTargets, targets } = meta.parts.unseen;
    expect(unknownTargets + idleTargets).toBe(targets);
  });

  it('has the rows that the file has, and standardises by the training part alone', async () => {
    const text = manyRecordings();
    const meta = await build([await input('all.csv', text)], out, { vocabulary: 'pid', split: 'run' });
    const set = await openDataSet(out);
    const lines = text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    for (const name of PART_NAMES) {
      const part = await set.part(name);
      part.starts.forEach((start, at) => {
        const { recording } = part.origins[at]!;
        const own = lines.filter((fields) => fields[8] === meta.recordings[recording]!.traceId);
        const first = own.findIndex(
          (fields) => BigInt(fields[0]!.replace('.', '')) * 1000n === part.startNs[at],
        );
        const end = part.starts[at + 1] ?? part.rows;
        own.slice(first, first + end - start).forEach((fields, row) => {
          const expected = [
            fields[3],
            fields[4],
            fields[5],
            row === 0 ? 'NaN' : String(Math.round(Number(fields[1]) * 1e9)),
          ];
          const index = part.task[start + row]!;
          const pid = String(part.pid[start + row]);
          expect(index === 0 ? pid : meta.vocabulary.tasks[index]).toBe(pid);
          expect([
            pid,
            String(part.cpu[start + row]),
            meta.vocabulary.states[part.state[start + row]!],
            String(part.deltaNs[start + row]),
          ]).toEqual(expected);
        });
      });
    }
    const train = await set.part('train');
    const deltas = [...train.deltaNs].filter((ns) => !Number.isNaN(ns));
    const mean = deltas.reduce((sum, ns) => sum + ns, 0) / deltas.length;
    expect(meta.features.delta.mean).toBeCloseTo(mean, 6);
    const variance = deltas.reduce((sum, ns) => sum + (ns - mean) ** 2, 0) / deltas.length;
    expect(meta.features.delta.deviation).toBeCloseTo(Math.sqrt(variance), 6);
    const logs = deltas.map((ns) => Math.log(1 + ns));
    expect(meta.features.logDelta.mean).toBeCloseTo(logs.reduce((sum, ns) => sum + ns, 0) / logs.length, 9);
  });

  it('counts what is to be predicted as a plain count does', async () => {
    await build([await input('all.csv', manyRecordings())], out, { holdOut: 'none' });
    const set = await openDataSet(out);
    const successors = new Map<number, Map<number, number>>();
    const train = await set.part('train');
    const pairsOf = ({ task, starts }: typeof train) =>
      [...task].flatMap((next, row) => (starts.includes(row) ? [] : [[task[row - 1]!, next] as const]));
    for (const [before, next] of pairsOf(train)) {
      const counts = successors.get(before) ?? new Map<number, number>();
      successors.set(before, counts.set(next, (counts.get(next) ?? 0) + 1));
    }
    const best = new Map(
      [...successors].map(([before, counts]) => [
        before,
        [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]![0],
      ]),
    );
    for (const name of ['train', 'validation', 'seen'] as const) {
      const pairs = pairsOf(await set.part(name));
      expect(set.meta.parts[name]).toMatchObject({
        targets: pairs.length,
        idleTargets: pairs.filter(([, next]) => next === 1).length,
        unknownTargets: pairs.filter(([, next]) => next === 0).length,
        mostFrequentSuccessor: pairs.filter(([before, next]) => next !== 0 && best.get(before) === next)
          .length,
      });
    }
  });

  it('is the same, byte for byte, for the same recordings and seed', async () => {
    const path = await input('all.csv', manyRecordings());
    const first = await build([path], out);
    const second = await build([path], join(folder, 'again'));
    expect(second).toEqual(first);
    expect((await build([path], join(folder, 'other'), { seed: 5 })).parts).not.toEqual(first.parts);
  });

  it('reads the form with task codes as a recording of one CPU', async () => {
    const rows = Array.from(
      { length: 50 },
      (_, at) => `A${at % 3},${10 + at / 100},sh-${at % 3},${7 + (at % 3)}`,
    );
    const path = await input('codes.csv', `task_code,time,name,pid\n${rows.join('\n')}\n`);
    const meta = await build([path], out, { split: 'walk-forward', holdOut: 'none' });
    expect(meta.recordings[0]).toMatchObject({ workload: 'codes', rows: 50, cpus: 1, traceId: null });
    expect(meta.vocabulary.tasks).toEqual(['UNK', 'swapper', 'sh']);
  });
});

describe('a data set of recordings', () => {
  it('ends sequences at lost events', async () => {
    const meta = await build([LOSSES], out, { perCpu: true });
    const [recording] = meta.recordings as [RecordingEntry];
    expect(recording.lossPlaces).toBeGreaterThan(0);
    const sequences = PART_NAMES.reduce((sum, name) => sum + meta.parts[name].sequences, 0);
    expect(sequences).toBeGreaterThan(recording.cpus);
    expect(meta.recordings[0]).toMatchObject({ format: 'tracefs-text', category: 'lost-events', run: null });
  });

  it('takes category and run from the description beside it, from folders, or from the option', async () => {
    const trace = await readFile(MIXED);
    await mkdir(join(folder, 'in', 'builds'));
    const described = await input('a.ftrace.gz', trace);
    const meta = {
      format: 'kernel-oracle-recording',
      recording: { sha256: 'x' },
      category: 'web',
      run: 3,
      workload: { name: 'nginx_small' },
    };
    await input('a.ftrace.gz.meta.json', JSON.stringify(meta));
    await input('builds/run2.ftrace.gz', trace);
    await input('hackbench_pipe_small_run1.ftrace.gz', trace);
    const built = await build([join(folder, 'in')], out, { holdOut: 'none' });
    const facts = built.recordings.map(({ files, category, workload, run, categoryFrom }) => [
      files[0]!.path.slice(join(folder, 'in').length + 1),
      category,
      workload,
      run,
      categoryFrom,
    ]);
    expect(facts).toEqual([
      ['a.ftrace.gz', 'web', 'nginx_small', 3, 'meta.json'],
      ['builds/run2.ftrace.gz', 'builds', 'builds', 2, 'folder'],
      ['hackbench_pipe_small_run1.ftrace.gz', 'hackbench', 'hackbench_pipe_small', 1, 'name'],
    ]);
    expect(built.recordings[0]!.remarks).toEqual([
      expect.stringMatching(/meta\.json describes another content/),
    ]);
    const forced = await build([described], join(folder, 'forced'), { category: 'mine' });
    expect(forced.recordings[0]).toMatchObject({ category: 'mine', categoryFrom: 'option', run: 3 });
  });

  it('passes over what is no recording in a folder, but not when it was named', async () => {
    const notes = await input('NOTES.md', 'what I did\n'.repeat(50));
    await input('a_run0.csv', CSV_HEADER + csvRows('a', 0, 300));
    const meta = await build([join(folder, 'in')], out);
    expect(meta.leftOut).toEqual([
      { path: notes, reason: expect.stringMatching(/is not in a format/) as string },
    ]);
    await expect(build([notes], join(folder, 'x'))).rejects.toThrow(/is not in a format/);
    await expect(build(['/dev/null'], join(folder, 'x'))).rejects.toThrow(/neither a file nor a folder/);
    await symlink(join(folder, 'in'), join(folder, 'in', 'circle'));
    await symlink(join(folder, 'gone'), join(folder, 'in', 'dangling'));
    const again = await build([join(folder, 'in')], join(folder, 'again'));
    expect(again.recordings).toHaveLength(1);
  });
});

describe('what to mind', () => {
  it('is told: copies in two parts, few runs, parts without rows, recordings that lost much', async () => {
    const text = CSV_HEADER + csvRows('a', 0, 300);
    await input('a_run0.csv', text);
    await input('a_run1.csv.gz', gzipSync(text));
    const { warnings } = await build([join(folder, 'in')], out, { validation: 0 });
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /a_run1\.csv\.gz.* is the same recording as .*a_run0\.csv.*tested was trained on/,
        ),
        expect.stringMatching(/The validation part has no rows/),
        expect.stringMatching(/No category is held out/),
      ]),
    );
    const lossy = await build([LOSSES], join(folder, 'lossy'));
    expect(lossy.warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/There is one recording of lost-events/),
        expect.stringMatching(/lost .* % of its events/),
      ]),
    );
  });
});

describe('what can go wrong', () => {
  it('never overwrites a folder, but a data set when asked to', async () => {
    const path = await input('all.csv', manyRecordings());
    await build([path], out);
    await expect(build([path], out)).rejects.toThrow(/out exists: .*--replace/);
    const replaced = await build([path], out, { seed: 7 }, { replace: true });
    expect((await openDataSet(out)).meta).toEqual(replaced);
    await expect(build([path], join(folder, 'in'), {}, { replace: true })).rejects.toThrow(
      /only data sets are replaced/,
    );
    await expect(build([path], path)).rejects.toThrow(/exists and is a file/);
    await expect(build([path], join(folder, 'no', 'way'))).rejects.toThrow(/cannot be written/);
    expect((await readdir(folder)).sort()).toEqual(['in', 'out']);
  });

  it('leaves nothing when it is cancelled, whenever that is', async () => {
    const path = await input('all.csv', manyRecordings());
    let steps = 0;
    await build([path], out, {}, { onProgress: () => (steps += 1) });
    for (let stop = 1; stop <= steps; stop += 1) {
      const cancel = new AbortController();
      let step = 0;
      const onProgress = () => {
        step += 1;
        if (step === stop) cancel.abort();
      };
      const work = build([path], join(folder, 'x'), {}, { signal: cancel.signal, onProgress });
      await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    }
    expect((await readdir(folder)).sort()).toEqual(['in', 'out']);
  });

  it('says what is wrong with a CSV, and reads what is right in it', async () => {
    const rows = csvRows('a', 0, 40).split('\n');
    rows.splice(5, 0, 'x,y,z', 'noon,0,a,1,0,S,b,a,a_run0', '1e9,0,a,1,0,S,b,a,a_run0');
    const path = await input('a.csv', CSV_HEADER + rows.join('\n'));
    const meta = await build([path], out, { validation: 0 });
    expect(meta.recordings[0]!.rows).toBe(40);
    expect(meta.recordings[0]!.remarks).toEqual([
      expect.stringMatching(/^2 rows were left out: .* \(first in line 8\)$/),
      expect.stringMatching(/^line 7: This line cannot be read/),
    ]);
    await expect(build([await input('b.csv', CSV_HEADER)], join(folder, 'b'))).rejects.toThrow(
      /no row that can be read/,
    );
    const ids = Array.from({ length: 17_000 }, (_, at) => `${at},0,a,1,0,S,b,a,${at}x`).join('\n');
    await expect(
      build([await input('ids.csv', `${CSV_HEADER}${ids}\n`)], join(folder, 'ids')),
    ).rejects.toThrow(/names more than 16384 recordings/);
  });

  it('refuses a data set that is not whole, or put together of two', async () => {
    const path = await input('all.csv', manyRecordings());
    await build([path], out);
    const other = join(folder, 'other');
    await build([path], other, { minCount: 100_000 });
    await writeFile(join(out, 'train.columns'), await readFile(join(other, 'train.columns')));
    await expect((await openDataSet(out)).part('train')).rejects.toThrow(
      /not the file that .* was built with/,
    );
    await rm(join(other, 'seen.columns'));
    await expect((await openDataSet(other)).part('seen')).rejects.toThrow(/seen\.columns is missing/);
    await writeFile(join(other, 'dataset_meta.json'), '{"format":"kernel-oracle-dataset","version":1}');
    await expect(openDataSet(other)).rejects.toThrow(/dataset_meta\.json is not as KernelOracle writes it: /);
    await writeFile(join(other, 'dataset_meta.json'), '{');
    await expect(openDataSet(other)).rejects.toThrow(/is no JSON/);
    await expect(openDataSet(join(folder, 'in'))).rejects.toThrow(/is no data set/);
  });
});
