import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bitsChoices,
  deployedThere,
  inputObjection,
  missingText,
  modeChoices,
  planText,
  usualChoices,
  withWay,
} from '../../../../src/host/deploy/deployChoices.js';
import { newerRecordings } from '../../../../src/host/deploy/newRecordings.js';
import { statusText } from '../../../../src/host/deploy/statusText.js';
import type { DeployedStatus } from '../../../../src/protocol/deployment.js';
import type { DeploymentPlan } from '../../../../src/remote/deploy/deployment.js';
import { MODEL, STATS } from '../../../support/fakeControl.js';

const RUNNING: DeployedStatus = {
  ...{ machine: 'lab', kernel: '6.1.0-49', bootId: 'x', state: 'running' },
  ...{ way: 'module', model: MODEL, stats: STATS, trouble: [] },
};
const NOTHING: DeployedStatus = { ...RUNNING, state: 'none', way: null, model: null, stats: null };

const PLAN: DeploymentPlan = {
  ...{ way: 'module', mode: 'shadow', emitted: '/x', machine: 'lab', kernel: '6.1.0-49', model: MODEL },
  ...{ steps: ['Writes 4 files.', 'Compiles the module.'], stepKinds: ['put', 'build'] },
  ...{ missing: [], install: null, installText: '', warnings: [], deployed: NOTHING },
};

test('eBPF neither decides nor has floats; nothing decides unless that is chosen', () => {
  expect(modeChoices('ebpf').map(({ value }) => value)).toEqual(['shadow', 'off']);
  expect(modeChoices('module').map(({ value }) => value)).toEqual(['shadow', 'active', 'off']);
  expect(bitsChoices('ebpf').map(({ value }) => value)).toEqual([16, 8]);
  expect(usualChoices(false)).toEqual({ way: 'ebpf', mode: 'shadow', bits: 16 });
  expect(usualChoices(true).bits).toBeNull();
});

test('what another way does not have goes back to the usual', () => {
  const chosen = { way: 'module', mode: 'active', bits: 32 } as const;
  expect(withWay(chosen, 'ebpf')).toEqual({ way: 'ebpf', mode: 'shadow', bits: 16 });
  expect(withWay({ way: 'ebpf', mode: 'off', bits: 8 }, 'module')).toMatchObject({ mode: 'off', bits: 8 });
  expect(withWay({ ...chosen, bits: null }, 'ebpf').bits).toBeNull();
});

test('a plan says every step, what makes room, and what active does', () => {
  const text = planText({ ...PLAN, warnings: ['Schedstats are off.'] });
  expect(text).toBe(
    'On lab, Linux 6.1.0-49:\n\n1. Writes 4 files.\n2. Compiles the module.\n\nMind: Schedstats are off.',
  );
  expect(planText({ ...PLAN, deployed: RUNNING })).toContain(
    'What is there makes room: first (kernel module, shadow).',
  );
  expect(planText({ ...PLAN, mode: 'active' })).toContain('never one that is pinned, running or throttled');
  expect(deployedThere(NOTHING)).toBeNull();
  expect(deployedThere({ ...RUNNING, way: 'ebpf' })).toBe('first (eBPF, shadow)');
});

test('what is missing is told with what brings it', () => {
  const missing = [{ what: 'the program clang', packages: ['clang'], advice: 'Install clang.' }];
  expect(missingText({ ...PLAN, missing, installText: 'apt-get install clang' })).toBe(
    'Missing: the program clang. Install clang.\nThis would be run there:\n\napt-get install clang',
  );
});

test('what keeps a model from taking the place of another', () => {
  const { features, experiment } = MODEL;
  expect(inputObjection(MODEL, { features: [...features], experiment })).toBeNull();
  expect(inputObjection(MODEL, { features: ['cpu_idle'], experiment })).toMatch(
    /lacks the input delta.*vary/,
  );
  expect(inputObjection(MODEL, { features: [...features, 'pid'], experiment })).toMatch(
    /the input pid besides/,
  );
  expect(inputObjection(MODEL, { features: [...features].reverse(), experiment })).toMatch(/another order/);
  expect(inputObjection(MODEL, { features, experiment: 3 })).toBe(
    'The one there answers experiment 1, the new one 3.',
  );
});

test('a status in lines: figures beside the baseline, troubles, what a reboot means', () => {
  const lines = statusText({ ...RUNNING, trouble: ['BUG: oops'] });
  expect(lines[0]).toBe('first (kernel module, shadow) is in the kernel of lab.');
  expect(lines.join('\n')).toContain('accuracy 98.3 %; always saying the more frequent 93.8 %');
  expect(lines.slice(-2)).toEqual(['Its kernel complains:', 'BUG: oops']);
  expect(statusText(NOTHING)[0]).toBe('No model is deployed on lab.');
  expect(statusText({ ...RUNNING, state: 'rebooted', stats: null })[0]).toMatch(/It may have crashed\.$/);
  expect(statusText({ ...RUNNING, trouble: Array<string>(40).fill('x') }).at(-1)).toBe('… and 28 more lines');
});

test('newer recordings are those that the run did not know, the newest first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-newer-'));
  const file = (name: string, second: number) => {
    const path = join(folder, name);
    writeFileSync(path, 'x');
    utimesSync(path, second, second);
    return path;
  };
  const own = { name: '', workload: '', machine: null, sha256: '', rows: 1 };
  const [known, old] = [file('known.csv', 5000), file('old.csv', 10)];
  const [newer, newest] = [file('newer.csv.gz', 3000), file('newest.migrations.csv', 4000)];
  file('notes.txt', 6000);
  const info = { made: new Date(2_000_000).toISOString(), recordings: [{ ...own, path: known }] };
  expect(await newerRecordings(info, [join(folder, 'gone')])).toEqual([newest, newer]);
  expect(old).not.toBe(newer);
  rmSync(folder, { recursive: true });
});
