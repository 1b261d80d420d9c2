// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { ConfusionModel } from '../../../webview/confusion/model/confusionModel.js';
import { createHeader } from '../../../webview/confusion/panels/header.js';

const MATRIX = {
  query: { part: 'seen', slice: 'all', baseline: null, classes: 2, order: 'frequency' },
  ...{ classes: [], allClasses: 0, covered: 1, events: 0, right: 0, unknown: 0, rightOfOther: 0 },
  ...{ target: new Uint32Array(0), guess: new Uint32Array(0), count: new Uint32Array(0) },
} as const;
const RUN = {
  ...{ folder: '/r', title: 'r', model: 'tcn', evaluated: '2026-11-21T18:00:00.000Z' },
  ...{ parts: [], baselines: [], warnings: [] },
};

test('a matrix of weights that are gone says so, and its button evaluates again', () => {
  const model = new ConfusionModel();
  let asked = 0;
  const header = createHeader(model, document.createElement('div'), () => (asked += 1));
  const sentence = header.querySelector<HTMLElement>('.confusion-outdated')!;
  expect(sentence.hidden).toBe(true);
  model.accept({ kind: 'ready', run: { ...RUN, isOutdated: true }, matrix: MATRIX });
  expect(sentence.hidden).toBe(false);
  expect(sentence.textContent).toContain('The weights of this run have changed since its evaluation');
  sentence.querySelector('button')!.click();
  expect(asked).toBe(1);
  model.accept({ kind: 'ready', run: { ...RUN, isOutdated: false }, matrix: MATRIX });
  expect(sentence.hidden).toBe(true);
});
