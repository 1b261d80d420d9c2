import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfusionSource } from '../../../../src/host/inspection/confusion/confusionSource.js';
import { ModelSource } from '../../../../src/host/inspection/model/modelSource.js';
import { auditRun } from '../../../../src/learning/audit/auditRun.js';
import {
  evaluationPaths,
  readEvaluation,
  readEvents,
} from '../../../../src/learning/evaluation/evaluationFiles.js';
import { evaluateRun } from '../../../../src/learning/evaluation/evaluateRun.js';
import { readRunConfig } from '../../../../src/learning/trainer/resumedConfig.js';
import { train } from '../../../../src/learning/trainer/train.js';
import { readConfusionState } from '../../../../src/protocol/confusionSchemas.js';
import { readModelState } from '../../../../src/protocol/modelPanelSchemas.js';
import { dataSetFolder } from '../../../support/dataSetInputs.js';
import { littleRuns, type LittleRuns } from '../../../support/littleRuns.js';

// An evaluation of weights that are gone, and files of two evaluations mixed: nothing of either is taken for what it is not.

let folder: string;
let runs: LittleRuns;
let run: string;

beforeAll(async () => {
  folder = await dataSetFolder();
  runs = await littleRuns(folder);
  run = await runs.train('run', { epochs: 1 });
  await evaluate(run, 0);
}, 120_000);

afterAll(async () => {
  runs.dispose();
  await rm(folder, { recursive: true });
});

const VERSION = { kernelOracleVersion: '1.2.3' };

function evaluate(path: string, timeMs: number) {
  const now = () => new Date(timeMs);
  return evaluateRun(path, { ...VERSION, engine: runs.engine, measureCost: false, maxTargets: 256, now });
}

async function copyOf(path: string, name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(path, copy, { recursive: true });
  return copy;
}

/** Goes on to more epochs, of which one has better weights. */
async function resume(path: string): Promise<void> {
  const config = { ...(await readRunConfig(path)), epochs: 3 };
  await train(config, path, { ...VERSION, engine: runs.engine, resume: true });
}

/** What audit and panels say, in the form in which views take it. */
async function said(path: string) {
  const audit = await auditRun(path, VERSION);
  const check = (id: string) => audit.checks.find((each) => each.id === id)!;
  return { check, model: await modelOf(path), confusion: await confusionOf(path) };
}

async function modelOf(path: string) {
  return readModelState(await new ModelSource(path, (each) => each).state())!;
}

async function confusionOf(path: string) {
  const state = readConfusionState(await new ConfusionSource(path).state(null))!;
  if (state.kind !== 'ready') throw new Error(state.message);
  return state.run;
}

test('of a run that was resumed the evaluation is not judged, and all say so until it is evaluated again', async () => {
  const resumed = await copyOf(run, 'resumed');
  const before = await said(resumed);
  expect(before.check('outdated-evaluation').outcome).toBe('passed');
  expect(before.model).toMatchObject({ isOutdated: false, isAuditOutdated: false });
  expect(before.confusion.isOutdated).toBe(false);

  await resume(resumed);
  expect(await modelOf(resumed)).toMatchObject({ isOutdated: true, isAuditOutdated: true });
  const after = await said(resumed);
  expect(after.check('outdated-evaluation').outcome).toBe('failed');
  expect(after.check('outdated-evaluation').evidence).toMatch(
    /^The evaluation of 1970-.* is of weights of epoch 1 \(\w{8}\); the run now has others, of epoch [23] \(\w{8}\)\..*evaluate the run again/,
  );
  expect(after.check('balanced-rare-event')).toMatchObject({
    outcome: 'skipped',
    evidence: 'Its evaluation is of weights that the run no longer has: evaluate it again.',
  });
  // What the end of the training measured is of the weights that are there.
  expect(after.check('constant-beats-model').outcome).not.toBe('skipped');
  expect(after.model).toMatchObject({ isOutdated: true, isAuditOutdated: false });
  expect(after.confusion.isOutdated).toBe(true);

  await evaluate(resumed, 1000);
  expect(await modelOf(resumed)).toMatchObject({ isOutdated: false, isAuditOutdated: true });
  const again = await said(resumed);
  expect(again.check('outdated-evaluation').outcome).toBe('passed');
  expect(again.model.isAuditOutdated).toBe(false);
  expect(again.confusion.isOutdated).toBe(false);
}, 120_000);

test('while a run that had ended goes on, what it measured at its end is not taken for its own', async () => {
  const going = await copyOf(run, 'going');
  const cancel = new AbortController();
  const config = { ...(await readRunConfig(going)), epochs: 500 };
  const { state } = await train(config, going, {
    ...{ ...VERSION, engine: runs.engine, resume: true, signal: cancel.signal },
    onEpoch: () => cancel.abort(),
  });
  expect(state).toBe('cancelled');
  const { check } = await said(going);
  expect(check('constant-beats-model')).toMatchObject({ outcome: 'skipped' });
  expect(check('constant-beats-model').evidence).toContain('evaluate it again');
}, 120_000);

test('events of another evaluation are refused, though they are as many of the same recordings', async () => {
  const first = await copyOf(run, 'first');
  const other = await runs.train('other', { epochs: 1, seed: 7 });
  await evaluate(other, 0);
  const fileOf = (path: string) => join(evaluationPaths(path).folder, 'seen.columns');
  expect((await readEvents(first, 'seen')).count).toBe((await readEvents(other, 'seen')).count);
  await cp(fileOf(other), fileOf(first));
  await expect(readEvents(first, 'seen')).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(
      /seen\.columns is not of the evaluation beside it\. Evaluate .* again/,
    ) as string,
  });
  await expect(confusionOf(first)).rejects.toThrow(/not of the evaluation beside it/);
  await rm(fileOf(first));
  await expect(readEvents(first, 'seen')).rejects.toMatchObject({
    code: 'file-not-found',
    message: expect.stringMatching(/seen\.columns is missing\. Evaluate the run again/) as string,
  });
}, 120_000);

test('a process that was ended between events and figures leaves what is known for such', async () => {
  const ended = await copyOf(run, 'ended');
  const { json } = evaluationPaths(ended);
  const figures = await readFile(json);
  await resume(ended);
  await evaluate(ended, 1000);
  await writeFile(json, figures);
  expect(await readEvaluation(ended)).not.toBeNull();
  for (const part of ['validation', 'seen', 'unseen']) {
    await expect(readEvents(ended, part)).rejects.toThrow(/not of the evaluation beside it/);
  }
  // Deterministic: evaluated again it is whole.
  await evaluate(ended, 2000);
  expect((await readEvents(ended, 'seen')).count).toBeGreaterThan(0);
}, 120_000);

test('an evaluation of another version is said to be one', async () => {
  const older = await copyOf(run, 'older');
  const { json } = evaluationPaths(older);
  await writeFile(json, JSON.stringify({ ...(await readEvaluation(older)), version: 1 }));
  await expect(readEvaluation(older)).rejects.toThrow(
    /is of version 1, .* reads version 2\. Evaluate the run/,
  );
});
