import { expect, test } from 'vitest';
import {
  EXPERIMENT_CHOICES,
  experimentsText,
  MODEL_CHOICES,
  modelsText,
  objectionTo,
  ONE_MODEL_CHOICES,
  oneModelText,
  studiedText,
  studyFileName,
  WAY_CHOICES,
  waysText,
} from '../../../../src/host/neuralCfs/studyChoices.js';
import {
  CLASSIFIER_KINDS,
  classifierKinds,
} from '../../../../src/learning/migrations/models/classifierKinds.js';
import { settingsFor, USUAL_STUDY } from '../../../../src/learning/migrations/study/studySettings.js';

test('what is offered is what there is', () => {
  expect(MODEL_CHOICES.map(({ value }) => value)).toEqual(CLASSIFIER_KINDS.map(({ name }) => name));
  expect(EXPERIMENT_CHOICES.map(({ value }) => value)).toEqual(USUAL_STUDY.experiments);
  expect(WAY_CHOICES.map(({ value }) => value)).toEqual(expect.arrayContaining([...USUAL_STUDY.ways]));
  expect(ONE_MODEL_CHOICES.at(-1)!.value).toBeNull();
});

test('models by name, in our order; one that nobody knows', () => {
  expect(classifierKinds(['tree', 'mlp']).map(({ name }) => name)).toEqual(['mlp', 'tree']);
  expect(() => classifierKinds(['forest'])).toThrow(/There is no model "forest"\. There are: mlp, libml/);
});

test('what was chosen, in words', () => {
  expect(experimentsText(USUAL_STUDY)).toBe('1, 2, 3');
  expect(waysText(USUAL_STUDY)).toBe('as published, by history group');
  expect(waysText({ ...USUAL_STUDY, ways: [] })).toBe('none: no model is judged');
  expect(modelsText(USUAL_STUDY)).toBe('all 7');
  expect(modelsText({ ...USUAL_STUDY, models: ['libml', 'rule'] })).toBe('LibML, The kernel’s rule');
  expect([oneModelText('mlp'), oneModelText(null)]).toEqual(['MLP', 'none']);
  expect(objectionTo(USUAL_STUDY)).toBeNull();
  expect(objectionTo({ ...USUAL_STUDY, experiments: [] })).toBe('Check at least one experiment.');
});

test('settings: a model that is not carried is carried nowhere', () => {
  const settings = settingsFor(['/shop'], { transferOf: null, seed: 7 });
  expect(settings).toEqual({ ...USUAL_STUDY, paths: ['/shop'], transferOf: null, transferBy: [], seed: 7 });
});

test('the file that is proposed', () => {
  expect(studyFileName(['/data/smp4_shop.migrations.csv.gz'])).toBe('smp4_shop.neural-cfs.json');
  expect(studyFileName(['/data/can_migrate_task'], 2)).toBe('can_migrate_task-2.neural-cfs.json');
  expect(studyFileName(['/a.csv', '/b.csv'])).toBe('migrations.neural-cfs.json');
  expect(studyFileName(['/data/.hidden'])).toBe('migrations.neural-cfs.json');
});

test('what came of it', () => {
  const summary = { kind: 'studied', rows: 57520, recordings: 23, elapsedSeconds: 61.2 } as const;
  expect(studiedText('shop', { ...summary, leftOut: 0, warnings: [] })).toBe(
    'shop: 57,520 calls of 23 recordings, studied in 61 s.',
  );
  expect(studiedText('shop', { ...summary, leftOut: 1, warnings: ['a', 'b'] })).toMatch(
    / 1 file was left out\. 2 warnings: see the view\.$/,
  );
});
