import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { root } from '../../../../scripts/lib/paths.mjs';
import { readClaimTable } from '../../../../src/learning/audit/claims/claimTable.js';
import { claimsProblems, readClaims } from '../../../../src/learning/audit/claims/claims.js';
import { precisionAt } from '../../../../src/learning/audit/checks/rare.js';
import type { Audit } from '../../../../src/protocol/audit.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { auditedClaims, evidenceOf, failures, inFolder, outcomesOf } from './auditing.js';

// Published results as somebody wrote them down: one flaw each, and those of the earlier systems.

type Entries = Record<string, unknown>;

function audited(changes: Entries, table?: string): Promise<Audit> {
  return inFolder((folder) => {
    if (table !== undefined) writeFileSync(join(folder, 'rows.csv'), table);
    const path = join(folder, 'claims.yaml');
    const claim = { ...CLEAN, ...changes };
    writeFileSync(path, stringify({ title: 'A model', source: 'here', claims: [claim] }));
    return auditedClaims(path);
  });
}

const CLEAN: Entries = {
  name: 'The model',
  accuracy: 0.8,
  constantAccuracy: 0.3,
  baselines: [{ name: 'Markov 1', accuracy: 0.6 }],
  idleShare: 0.1,
  classes: [
    { name: 'a', count: 300 },
    { name: 'b', count: 300 },
    { name: 'idle', count: 66 },
  ],
  unknowns: { codedAs: 'own-class', share: 0.02 },
  balanced: { recall: 0.97, falsePositiveRate: 0.001, prevalences: [{ of: 'all', share: 0.1 }] },
  positives: [{ of: 'a', count: 300 }],
  latencies: [{ of: 'the model', milliseconds: 0.4, batch: 1, isDivided: false }],
  ratios: [
    {
      of: 'run time',
      quoted: 0.95,
      pairs: [
        { of: 'x', before: 10, after: 9.4 },
        { of: 'y', before: 12, after: 11.5 },
      ],
      beforeIs: 'seconds',
      afterIs: 'seconds',
    },
  ],
  layout: { stored: ['time', 'feature'], readAs: ['time', 'feature'] },
  scaling: { fittedOn: 'training' },
  checkpoint: { chosenOn: 'validation' },
  windows: { cross: [] },
  splits: { by: 'recording', train: ['r0'], validation: ['r1'], test: ['r2'] },
  inputs: ['task', 'state'],
  rule: { says: 'x > 1', accuracy: 0.7 },
  forecast: { deviation: 0.8, ofWhatCame: 1 },
  repeats: 5,
  lost: { events: 1_000_000, lost: 10 },
};

test('a claim that tells all and has no flaw', async () => {
  const audit = await audited({});
  expect(failures(audit)).toEqual([]);
  const { 'outdated-evaluation': outdated, ...others } = outcomesOf(audit);
  // Only a run has weights that can change.
  expect(outdated).toBe('skipped');
  for (const [id, outcome] of Object.entries(others)) expect(outcome, id).toBe('passed');
});

const PLANTED: readonly (readonly [check: string, changes: Entries, evidence: RegExp])[] = [
  ['unknown-as-class', { unknowns: { codedAs: 'idle', share: 0.9 } }, /90 % .*are coded as idle/],
  ['unknown-as-class', { unknowns: { codedAs: 'real-task' } }, /coded as some real task/],
  ['mostly-idle', { idleShare: 0.6 }, /60 % of the answers are idle/],
  ['one-class-dominates', { classes: [{ name: 'a', share: 0.7 }] }, /a, is 70 %/],
  ['constant-beats-model', { constantAccuracy: 0.85 }, /right in 80 %, a constant answer in 85 %/],
  [
    'constant-beats-model',
    { accuracy: undefined, loss: 0.04, constantLoss: 0.0333 },
    /loss is 0\.04, that of a constant answer 0\.0333/,
  ],
  ['simple-rule-beats-model', { baselines: [{ name: 'last', accuracy: 0.81 }] }, /"last" in 81 %/],
  ['train-in-test', { splits: { train: ['r0', 'r1'], test: ['r1'] } }, /In training and test there is r1/],
  [
    'train-in-test',
    {
      splits: {
        train: [{ name: 'a', sha256: 'ab'.repeat(32) }],
        test: [{ name: 'b', sha256: 'ab'.repeat(32) }],
      },
    },
    /In training and test there is b/,
  ],
  ['train-in-test', { splits: { by: 'row' } }, /dealt out .* one by one/],
  ['windows-across-gaps', { windows: { cross: ['cpus', 'losses'] } }, /across cpus and losses/],
  ['scaled-by-test', { scaling: { fittedOn: 'everything' } }, /fitted on everything, the test included/],
  ['label-from-inputs', { rule: { says: 'x > 1', accuracy: 0.995 } }, /"x > 1" gets 99\.5 %/],
  ['row-identifiers', { inputs: ['pid', 'load'], splits: { by: 'time' } }, /pid identifies rows/],
  ['chosen-on-test', { checkpoint: { chosenOn: 'test' } }, /best result on the test were kept/],
  ['chosen-on-test', { splits: { validation: ['r2'], test: ['r2'] } }, /In validation and test there is r2/],
  [
    'balanced-rare-event',
    { balanced: { accuracy: 0.974, prevalences: [{ of: 'arrayfire', share: 0.0065 }] } },
    /97\.4 % are on balanced classes, and 19\.68 % at 0\.65 % \(arrayfire\)/,
  ],
  [
    'axes-mixed',
    { layout: { stored: ['time', 'f'], readAs: ['f', 'time'] } },
    /\[time, f\] are read as \[f, time\]/,
  ],
  [
    'batch-as-latency',
    { latencies: [{ of: 'TCN', milliseconds: 1.393, batch: 128, isDivided: true }] },
    /1\.393 ms .* divided by its 128 events; .* took 178\.3 ms/,
  ],
  ['too-few-positives', { positives: [{ of: 'hackbench', count: 29 }] }, /29 of hackbench/],
  ['lost-events', { lost: { events: 900, lost: 100 } }, /100 events \(10 %\) were lost/],
  [
    'mean-of-ratios',
    {
      ratios: [
        {
          of: 'time',
          pairs: [
            { of: 'x', before: 1, after: 50 },
            { of: 'y', before: 100, after: 110 },
          ],
        },
      ],
    },
    /mean of ratios is 25\.55 .* ratio of means 1\.584/,
  ],
  [
    'mean-of-ratios',
    {
      ratios: [
        {
          of: 'time',
          quoted: 0.9,
          pairs: [
            { of: 'x', before: 10, after: 9.9 },
            { of: 'y', before: 9, after: 8.8 },
          ],
        },
      ],
    },
    /0\.9 is quoted, which is neither/,
  ],
  [
    'unlike-compared',
    {
      ratios: [
        { of: 'time', pairs: [{ of: 'x', before: 17, after: 1.5 }], beforeIs: 'a step', afterIs: 'an epoch' },
      ],
    },
    /before it is a step, after it an epoch/,
  ],
  ['collapsed-forecast', { forecast: { deviation: 0.05, ofWhatCame: 1 } }, /varies 5 % as much/],
  ['measured-once', { repeats: 1 }, /one run each/],
];

test.each(PLANTED)('%s: %j', async (check, changes, evidence) => {
  const audit = await audited(changes);
  expect(failures(audit)).toEqual([check]);
  expect(evidenceOf(audit, check)).toMatch(evidence);
});

/** Rows as can_migrate_task() has them; the last column is the label. */
function rowsOf(kind: 'honest' | 'formula' | 'pid' | 'mixed', rows = 3000): string {
  const random = randomNumbers(5);
  const risky = new Set([3, 7, 11, 19, 23]);
  const lines = ['pid,delta,failed,tries,load,label'];
  for (let row = 0; row < rows; row += 1) {
    const [delta, failed, tries, load] = [random(2e6), random(6), random(4), random(1000)];
    const pid = 1000 + random(40);
    const signal = load > 500 ? 70 : 30;
    const label =
      kind === 'formula'
        ? failed > tries && delta < 500_000
        : kind === 'pid'
          ? risky.has(pid % 40)
          : random(100) < signal;
    lines.push(`${[pid, delta, failed, tries, load].join()},${label ? 'yes' : 'no'}`);
  }
  return lines.join('\n');
}

const TABLE = { file: 'rows.csv', label: 'label' };

test('a table of rows: a formula that gives the label is found, and told', async () => {
  const audit = await audited({ table: TABLE }, rowsOf('formula'));
  expect(failures(audit)).toEqual(['label-from-inputs']);
  const evidence = evidenceOf(audit, 'label-from-inputs');
  expect(evidence).toMatch(/of 2 questions gets (98|99|100)[.\d]* % of "label" right/);
  expect(evidence).toMatch(
    /failed − tries > 0 and delta ≤ 49\d{4}(\.\d+)? gives yes|delta ≤ 49\d{4} and failed − tries > 0 gives yes/,
  );
});

test('a table of rows: a number that was given once carries the score', async () => {
  const audit = await audited({ table: TABLE }, rowsOf('pid'));
  expect(failures(audit)).toEqual(['row-identifiers']);
  expect(evidenceOf(audit, 'row-identifiers')).toMatch(
    /[89]\d[.\d]* % right .*pid .*and [45]\d[.\d]* % without/,
  );
});

test('a table of rows: what is chance in part is neither; nor is a number that carries nothing', async () => {
  const audit = await audited({ table: TABLE }, rowsOf('honest'));
  expect(failures(audit)).toEqual([]);
  expect(evidenceOf(audit, 'label-from-inputs')).toMatch(/gets (6|7)\d[.\d]* % of "label" right/);
  expect(outcomesOf(audit)).toMatchObject({ 'row-identifiers': 'passed', 'axes-mixed': 'passed' });
});

test('a table of rows that was cut up along the wrong axis', async () => {
  const lines = rowsOf('honest').split('\n');
  const fields = lines.slice(1).map((line) => line.split(','));
  const flat = fields.flatMap((each) => each.slice(0, 5));
  const mixed = fields.map((each, row) =>
    [0, 1, 2, 3, 4].map((column) => flat[column * fields.length + row]).concat(each[5]),
  );
  const table = [lines[0], ...mixed.map((each) => each.join())].join('\n');
  const audit = await audited({ table: TABLE, layout: undefined }, table);
  expect(failures(audit)).toEqual(['axes-mixed']);
  expect(evidenceOf(audit, 'axes-mixed')).toMatch(/columns hardly differ .* modulo 5/);
});

test('too few rows of a class: no rule is tried', async () => {
  const audit = await audited({ table: TABLE }, rowsOf('formula', 40));
  expect(outcomesOf(audit)['label-from-inputs']).toBe('skipped');
  expect(evidenceOf(audit, 'label-from-inputs')).toMatch(/fewer than 20 rows/);
});

test('tables: gzip, quotes, texts, missing values, lines that are none', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'rows.csv.gz');
    const text = '\uFEFFname,"a, b",label\r\nx,1,0\r\n"y ""z""",,1\r\ncut off\r\nx,3,1\r\n';
    writeFileSync(path, gzipSync(text));
    const { columns, leftOut, ...table } = await readClaimTable(path, 'label', undefined);
    expect(table).toMatchObject({ rows: 3, classes: ['0', '1'], labels: Uint8Array.of(0, 1, 1) });
    expect(leftOut).toBe(1);
    expect(columns).toEqual([
      { name: 'name', values: Float64Array.of(0, 1, 0) },
      { name: 'a, b', values: Float64Array.of(1, NaN, 3) },
    ]);
    await expect(readClaimTable(path, 'other', undefined)).rejects.toMatchObject({
      message: expect.stringMatching(/no column "other"\. It has: name, a, b, label/) as string,
    });
    await expect(readClaimTable(`${path}x`, 'label', undefined)).rejects.toMatchObject({
      code: 'file-not-found',
    });
  }));

test('what is wrong in a file of claims is told with its place', async () => {
  const problems = claimsProblems(
    ['title: x', 'claims:', '  - name: a', '    accuracy: 91.98', '    acuracy: 1', '    latencies: []'].join(
      '\n',
    ),
  );
  expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '1 source is missing',
    '4 accuracy is a share from 0 to 1',
    '6 latencies is empty',
    '5 acuracy is not known here',
  ]);
  expect(claimsProblems('- a')[0]).toMatchObject({
    line: 1,
    message: expect.stringMatching(/has `title:`/) as string,
  });
  await expect(readClaims('/nowhere.yaml')).rejects.toMatchObject({ code: 'file-not-found' });
});

test('precision at the true prevalence (Bayes)', () => {
  expect(precisionAt(0.0065, 0.974, 0.026)).toBeCloseTo(0.1968, 4);
  expect(precisionAt(0.00003, 0.974, 0.026)).toBeCloseTo(0.00112, 5);
  expect(precisionAt(0, 0.9, 0)).toBe(0);
});

// The earlier systems, with the flaws that are known to be in them.
const KNOWN: Readonly<Record<string, readonly (readonly [check: string, evidence: RegExp])[]>> = {
  'kernel-oracle-2019.yaml': [
    ['scaled-by-test', /fitted on everything/],
    ['axes-mixed', /\[sequence, time, feature\] are read as \[sequence, feature, time\]/],
    ['measured-once', /one run/],
  ],
  'enhancement-report.yaml': [
    ['unlike-compared', /a step of L-BFGS .* an epoch of Adam/],
    ['collapsed-forecast', /varies 5\.8 %/],
    ['measured-once', /one run/],
  ],
  'tcn-follow-up.yaml': [
    ['unknown-as-class', /coded as idle.*coded as some real task/],
    ['one-class-dominates', /99\.9 %/],
    [
      'constant-beats-model',
      /right in 97\.15 %, a constant answer in 99\.5 %.*98\.48 %, a constant answer in 99\.9 %/,
    ],
    ['chosen-on-test', /were kept/],
    ['batch-as-latency', /178\.3 ms.*221\.1 ms/],
  ],
  'neural-cfs.yaml': [
    ['train-in-test', /one by one/],
    ['label-from-inputs', /99\.32 %/],
    ['row-identifiers', /pid identifies.*ts and start_runtime identify/],
    ['balanced-rare-event', /19\.68 % at 0\.65 % \(arrayfire\).*0\.1123 % at 0\.003 % \(hackbench\)/],
    ['too-few-positives', /29 of hackbench/],
    ['mean-of-ratios', /27\.48 .* 17\.59 .*\+0\.5155 %.*agree.*−1\.351 %.*which is neither/],
    ['measured-once', /one run/],
  ],
};

test('the claims of the earlier systems', async () => {
  const folder = join(root, 'docs', 'claims');
  expect(
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort(),
  ).toEqual(Object.keys(KNOWN).sort());
  for (const [name, flaws] of Object.entries(KNOWN)) {
    const audit = await auditedClaims(join(folder, name));
    expect(failures(audit), name).toEqual(flaws.map(([check]) => check));
    for (const [check, evidence] of flaws) expect(evidenceOf(audit, check), name).toMatch(evidence);
  }
});
