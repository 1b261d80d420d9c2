import { expect, test } from 'vitest';
import {
  dataSetDraft,
  digest,
  standardised,
  type DataSetDraft,
  type DraftOptions,
  type DraftRow,
} from '../../../support/auditedDataSet.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { auditedDraft, evidenceOf, failures } from './auditing.js';

// One flaw each in an otherwise sound data set: the audit finds that one, and nothing else.

interface Planted {
  readonly name: string;
  readonly check: string;
  readonly options?: Partial<DraftOptions>;
  readonly plant: (draft: DataSetDraft) => void;
  /** In the evidence. */
  readonly evidence: RegExp;
}

const rowsOf = (draft: DataSetDraft, part: keyof DataSetDraft['parts']): DraftRow[] =>
  draft.parts[part].flatMap(({ rows }) => rows);

/** A part of rows, by a chance that can be repeated. */
function some(rows: readonly DraftRow[], percent: number, change: (row: DraftRow) => void): void {
  const random = randomNumbers(77);
  for (const row of rows) if (random(100) < percent) change(row);
}

const PLANTED: readonly Planted[] = [
  {
    name: 'unknown tasks have the index of idle',
    check: 'unknown-as-class',
    plant: (draft) => {
      for (const row of rowsOf(draft, 'unseen')) if (row.comm === 'stranger') row.task = 1;
    },
    evidence: /unseen test \d+ rows of 1500 .*stranger as swapper/,
  },
  {
    name: 'index 0 is idle, as in the TCN follow-up',
    check: 'unknown-as-class',
    plant: (draft) => {
      draft.finish = (meta) => {
        const [unknown, idle, ...tasks] = meta.vocabulary.tasks;
        return { ...meta, vocabulary: { ...meta.vocabulary, tasks: [idle!, unknown!, ...tasks] } };
      };
      for (const row of Object.values(draft.parts).flatMap((part) => part.flatMap(({ rows }) => rows)))
        if (row.pid === 0 || row.comm === 'stranger') row.task = 0;
    },
    evidence: /Index 0, which stands for unknown tasks, is "swapper"/,
  },
  {
    name: 'more than half of a test is idle',
    check: 'mostly-idle',
    plant: (draft) =>
      some(rowsOf(draft, 'seen'), 50, (row) => {
        row.pid = 0;
        row.comm = 'swapper/1';
      }),
    evidence: /seen test 5\d\.\d+ % of the answers are idle/,
  },
  {
    name: 'one program is most of a test',
    check: 'one-class-dominates',
    plant: (draft) =>
      some(rowsOf(draft, 'seen'), 60, (row) => {
        row.pid = 100;
        row.comm = 'server';
      }),
    evidence: /server, is 6\d/,
  },
  {
    name: 'a copy of a recording under another name, by its rows',
    check: 'train-in-test',
    plant: (draft) => (draft.recordings[2]!.changes = { rowsSha256: digest('rows web_run0.trace') }),
    evidence: /web_run0\.trace in the training part and web_run2\.trace in the seen test hold the same rows/,
  },
  {
    name: 'the same file twice',
    check: 'train-in-test',
    plant: (draft) =>
      (draft.recordings[5]!.changes = {
        files: [{ path: '/copies/x.trace', sizeBytes: 9, sha256: digest('file mail_run0.trace') }],
      }),
    evidence: /mail_run0\.trace .* and x\.trace .* hold the same file/,
  },
  {
    name: 'a hundred rows of training in a test, which no description tells',
    check: 'train-in-test',
    plant: (draft) => {
      const stretch = draft.parts.train[0]!.rows.slice(333, 433);
      draft.parts.seen[0]!.rows.splice(700, 100, ...structuredClone(stretch));
    },
    evidence: /100 rows of the seen test .* the longest of 100 rows \(web_run0\.trace and web_run2\.trace\)/,
  },
  {
    name: 'a row of another CPU',
    check: 'windows-across-gaps',
    options: { perCpu: true },
    plant: (draft) => (draft.parts.train[0]!.rows[50]!.cpu = 1),
    evidence: /training part a sequence of web_run0\.trace and CPU 0 holds rows of CPU 1/,
  },
  {
    name: 'a sequence of all CPUs in a data set by CPU',
    check: 'windows-across-gaps',
    options: { perCpu: true },
    plant: (draft) => (draft.parts.seen[0]!.cpu = null),
    evidence: /is of no single CPU/,
  },
  {
    name: 'time goes back where two sequences were joined',
    check: 'windows-across-gaps',
    plant: (draft) => (draft.parts.seen[1]!.rows[40]!.deltaNs = -5_000_000),
    evidence: /mail_run2\.trace goes back in time by 5 ms/,
  },
  {
    name: 'the first row of a sequence within another',
    check: 'windows-across-gaps',
    plant: (draft) => (draft.parts.train[1]!.rows[40]!.deltaNs = NaN),
    evidence: /without a time difference in its midst/,
  },
  {
    name: 'more rows than the recording gave',
    check: 'windows-across-gaps',
    plant: (draft) => (draft.recordings[0]!.changes = { rows: 1400 }),
    evidence: /web_run0\.trace gave 1400 rows, .* hold 1500/,
  },
  {
    name: 'a sequence goes on behind the end of its recording',
    check: 'windows-across-gaps',
    plant: (draft) => (draft.recordings[3]!.changes = { endNs: '4000050000000' }),
    evidence: /mail_run0\.trace ends .* after the recording does/,
  },
  {
    name: 'events were lost, and nothing was cut there',
    check: 'windows-across-gaps',
    plant: (draft) => {
      draft.recordings[2]!.changes = { lossPlaces: 1, lostEvents: 10 };
      draft.parts.seen[0]!.rows[800]!.deltaNs = 90_000_000;
    },
    evidence: /web_run2\.trace lost events in 1 place and was not cut there: .* a gap of 90 ms/,
  },
  {
    name: 'scaled by everything',
    check: 'scaled-by-test',
    plant: (draft) => {
      draft.parts.unseen[0]!.rows.forEach((row) => (row.deltaNs *= 3));
      draft.features = () => standardised(Object.values(draft.parts).flat());
    },
    evidence: /those figures are of all parts together/,
  },
  {
    name: 'scaled by training and the seen test',
    check: 'scaled-by-test',
    plant: (draft) => (draft.features = (train) => standardised([...train, ...draft.parts.seen])),
    evidence: /those figures are of training and the seen test together/,
  },
  {
    name: 'scaled by figures of other data',
    check: 'scaled-by-test',
    plant: (draft) =>
      (draft.features = (train) => ({ ...standardised(train), delta: { mean: 5, deviation: 2 } })),
    evidence: /delta by mean 5 and deviation 2, .* those figures are of other data/,
  },
  {
    name: 'each task has one successor',
    check: 'label-from-inputs',
    plant: (draft) => {
      const names = ['server', 'client', 'logger', 'backup', 'shell'];
      for (const { rows } of Object.values(draft.parts).flat())
        rows.forEach((row, at) => {
          row.comm = names[at % names.length]!;
          row.pid = 100 + (at % names.length);
        });
    },
    evidence: /a table of who followed whom in training is right in 100 % on average over 5 tasks/,
  },
  {
    name: 'PIDs are given anew',
    check: 'row-identifiers',
    options: { vocabulary: 'pid' },
    plant: (draft) => {
      const programs = ['server', 'client', 'logger', 'backup', 'shell', 'indexer'];
      for (const row of rowsOf(draft, 'seen'))
        if (row.pid > 0) row.pid = 100 + ((programs.indexOf(row.comm) + 1) % programs.length);
    },
    evidence: /seen test \d+ of \d+ targets known by their PID \(100 %\) are another program/,
  },
  {
    name: 'rows of validation in a test',
    check: 'chosen-on-test',
    plant: (draft) => {
      const stretch = draft.parts.validation[1]!.rows.slice(100, 180);
      draft.parts.unseen[0]!.rows.splice(640, 80, ...structuredClone(stretch));
    },
    evidence: /80 rows of the unseen test .* stand in the validation part/,
  },
  {
    name: 'a recording of validation in the test',
    check: 'chosen-on-test',
    plant: (draft) => (draft.recordings[2]!.changes = { rowsSha256: digest('rows web_run1.trace') }),
    evidence: /web_run1\.trace in the validation part and web_run2\.trace in the seen test/,
  },
  {
    name: 'CPU numbers where times belong',
    check: 'axes-mixed',
    plant: (draft) => {
      for (const sequence of Object.values(draft.parts).flat()) scramble(sequence.rows);
    },
    evidence: /training part columns hardly differ .* modulo 2/,
  },
  {
    name: 'a test of a dozen events',
    check: 'too-few-positives',
    plant: (draft) => {
      for (const sequence of draft.parts.seen) sequence.rows = sequence.rows.slice(0, 8);
    },
    evidence: /The seen test has 14 targets in all/,
  },
  {
    name: 'every tenth event was lost',
    check: 'lost-events',
    plant: (draft) => {
      draft.recordings[1]!.changes = { lostEvents: 600, lossPlaces: 3 };
      // Cut, as it should be.
      const [sequence] = draft.parts.validation;
      const rest = sequence!.rows.splice(500);
      rest[0]!.deltaNs = NaN;
      draft.parts.validation.splice(1, 0, { ...sequence!, rows: rest });
    },
    evidence: /web_run1\.trace lost 600 of 6600 events \(9\.091 %\) in 3 places/,
  },
];

test.each(PLANTED)('$check: $name', async ({ check, options, plant, evidence }) => {
  const draft = dataSetDraft(options);
  plant(draft);
  const audit = await auditedDraft(draft);
  expect(failures(audit)).toEqual([check]);
  expect(evidenceOf(audit, check)).toMatch(evidence);
});

/** Reads the table [time, (cpu, delta)] as [features, time] and transposes it, as KernelOracle of 2019 did. */
function scramble(rows: DraftRow[]): void {
  rows[0]!.deltaNs = 1000;
  const flat = rows.flatMap(({ cpu, deltaNs }) => [cpu, Math.min(65_535, deltaNs)]);
  rows.forEach((row, at) => {
    row.cpu = flat[at]!;
    row.deltaNs = flat[rows.length + at]!;
  });
  rows[0]!.deltaNs = NaN;
}
