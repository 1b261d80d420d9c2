import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAudit } from '../../../../src/learning/audit/auditFile.js';
import { auditDataSet, auditRun } from '../../../../src/learning/audit/auditRun.js';
import { dataSetDraft, writeDraft, type DataSetDraft } from '../../../support/auditedDataSet.js';
import { interArrivalDraft, nextTaskDraft, writeRunDraft } from '../../../support/auditedRun.js';
import { build, CSV_HEADER, csvRows } from '../../../support/dataSetInputs.js';
import {
  auditedDraft,
  auditedRunDraft,
  evidenceOf,
  failures,
  inFolder,
  OPTIONS,
  outcomesOf,
} from './auditing.js';

// What has no flaw raises no alarm.

const IN_DATA_SETS = [
  'unknown-as-class',
  'mostly-idle',
  'one-class-dominates',
  'train-in-test',
  'windows-across-gaps',
  'scaled-by-test',
  'label-from-inputs',
  'row-identifiers',
  'chosen-on-test',
  'axes-mixed',
  'too-few-positives',
  'lost-events',
];

const DATA_SETS: readonly { readonly name: string; readonly make: () => DataSetDraft }[] = [
  { name: 'merged CPUs', make: () => dataSetDraft() },
  { name: 'a sequence a CPU', make: () => dataSetDraft({ perCpu: true }) },
  { name: 'PIDs of one boot', make: () => dataSetDraft({ vocabulary: 'pid' }) },
  { name: 'cut at losses', make: cutAtLosses },
];

test.each(DATA_SETS)('a data set: $name', async ({ make }) => {
  const audit = await auditedDraft(make());
  expect(failures(audit)).toEqual([]);
  const outcomes = outcomesOf(audit);
  for (const id of IN_DATA_SETS) expect(outcomes[id], id).toBe('passed');
});

test('a run of a next-task model', async () => {
  const audit = await auditedRunDraft(nextTaskDraft(), dataSetDraft({ perCpu: true }));
  expect(failures(audit)).toEqual([]);
  expect(outcomesOf(audit)).toMatchObject({
    'constant-beats-model': 'passed',
    'simple-rule-beats-model': 'passed',
    'batch-as-latency': 'passed',
    'balanced-rare-event': 'passed',
    'collapsed-forecast': 'skipped',
  });
});

test('a run that forecasts times: what tasks are is not asked', async () => {
  const dataSet = dataSetDraft();
  for (const row of dataSet.parts.seen.flatMap(({ rows }) => rows)) {
    row.pid = 0;
    row.comm = 'swapper/0';
  }
  const audit = await auditedRunDraft(interArrivalDraft(), dataSet);
  expect(failures(audit)).toEqual([]);
  expect(outcomesOf(audit)).toMatchObject({ 'mostly-idle': 'skipped', 'collapsed-forecast': 'passed' });
});

test('what was built from recordings, by whole recordings and by time', () =>
  inFolder(async (folder) => {
    const recordings = join(folder, 'recordings');
    mkdirSync(recordings);
    for (const workload of ['web', 'mail', 'video']) {
      for (const run of [0, 1, 2]) {
        const text = CSV_HEADER + csvRows(workload, run, 900);
        writeFileSync(join(recordings, `${workload}_run${run}.csv`), text);
      }
    }
    for (const [name, options] of [
      ['whole', {}],
      ['cut', { split: 'walk-forward', perCpu: true }],
    ] as const) {
      await build([recordings], join(folder, name), options);
      const audit = await auditDataSet(join(folder, name), OPTIONS);
      expect(failures(audit), name).toEqual([]);
    }
  }));

test('the audit of a run is kept in its folder; without its data set the rest is looked at', () =>
  inFolder(async (folder) => {
    const data = join(folder, 'data');
    const run = join(folder, 'run');
    writeRunDraft(run, nextTaskDraft(), join(folder, 'elsewhere'), await writeDraft(data, dataSetDraft()));
    expect(await readAudit(run)).toBeNull();
    const audit = await auditRun(run, OPTIONS);
    expect(await readAudit(run)).toEqual(audit);
    expect(audit).toMatchObject({ audited: '1970-01-01T00:00:00.000Z', subject: { kind: 'run', path: run } });
    expect(evidenceOf(audit, 'scaled-by-test')).toMatch(/not where the run found it, .*elsewhere/);
    expect(outcomesOf(audit)['constant-beats-model']).toBe('passed');
    const found = await auditRun(run, { ...OPTIONS, dataset: data });
    expect(outcomesOf(found)['scaled-by-test']).toBe('passed');
    const other = join(folder, 'other');
    await writeDraft(other, dataSetDraft({ rows: 400 }));
    await expect(auditRun(run, { ...OPTIONS, dataset: other })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(auditRun(data, OPTIONS)).rejects.toMatchObject({ code: 'not-found' });
    writeFileSync(join(run, 'audit.json'), '{"format":"kernel-oracle-audit"}');
    await expect(readAudit(run)).rejects.toMatchObject({ code: 'bad-input' });
  }));

/** Few events were lost, and the sequence ends there. */
function cutAtLosses(): DataSetDraft {
  const draft = dataSetDraft();
  draft.recordings[0]!.changes = { lostEvents: 20, lossPlaces: 1 };
  const [sequence] = draft.parts.train;
  const rest = sequence!.rows.splice(700);
  rest[0]!.deltaNs = NaN;
  draft.parts.train.splice(1, 0, { ...sequence!, rows: rest });
  return draft;
}
