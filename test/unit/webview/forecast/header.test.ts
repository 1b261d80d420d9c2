// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { ForecastModel } from '../../../../webview/forecast/model/forecastModel.js';
import { createHeader } from '../../../../webview/forecast/panels/header.js';

const FORECAST = {
  model: 'tcn',
  task: 'next-task',
  steps: 1,
  seed: 7,
  observed: { deltaNs: [null], task: [1] },
  actual: { deltaNs: [], task: [] },
  samples: [{ deltaNs: [1], task: [1] }],
  quantiles: null,
  companion: null,
  taskNames: ['UNK', 'swapper'],
  warnings: [],
} as const;
const ORIGIN = { recording: '/a/trace.dat', cpu: 1, timeNs: '5000000000' };

function textOf(place: { part: string; row: number } | null, isChosen: boolean): string {
  const model = new ForecastModel();
  const header = createHeader(model, () => undefined);
  model.accept({ ...FORECAST, origin: { ...ORIGIN, place, isChosen } });
  return header.textContent;
}

test('the header tells the row that a forecast began at, and when it was chosen for the user', () => {
  const named = textOf({ part: 'seen', row: 1234 }, false);
  expect(named).toContain('at 5.000000000 s · row 1,234 of the part seen · one free run');
  expect(named).not.toContain('chosen');
  expect(textOf({ part: 'seen', row: 1234 }, true)).toContain(
    'row 1,234 of the part seen · chosen as suits: the middle of the longest sequence',
  );
  expect(textOf(null, true)).toContain('at 5.000000000 s · chosen as suits');
});
