import * as v from 'valibot';
import { expect, test } from 'vitest';
import { answersOf } from '../../../../src/host/inspection/panelKind.js';
import { INSPECTION_PARAMS, readInspectionMemory } from '../../../../src/protocol/inspectionSchemas.js';

interface Table {
  double: { params: { readonly value: number }; result: number };
}

const answers = answersOf<Table>(
  { double: v.strictObject({ value: v.number() }) },
  { double: ({ value }) => 2 * value },
);

test('an answer gets parameters that were checked', () => {
  expect(answers.get('double')!({ value: 4 })).toBe(8);
  expect(() => answers.get('double')!({ value: 'x' })).toThrow(/"double" is malformed at value/);
  expect(() => answers.get('double')!({ value: 1, more: 2 })).toThrow(/malformed at more/);
});

test.each(['../x.csv', 'a/b.png', 'a\\b.png', 'x.sh', '', `${'x'.repeat(200)}.csv`])(
  'a file is not saved under the name %j',
  (name) => {
    const content = { kind: 'csv', text: '' };
    expect(v.safeParse(INSPECTION_PARAMS.saveFile, { name, content }).success).toBe(false);
  },
);

test('a picture is base64, and nothing else', () => {
  const file = (base64: string) => ({ name: 'a.png', content: { kind: 'png', base64 } });
  expect(v.safeParse(INSPECTION_PARAMS.saveFile, file('iVBORw0KGgo=')).success).toBe(true);
  expect(v.safeParse(INSPECTION_PARAMS.saveFile, file('<svg onload=x>')).success).toBe(false);
});

test('what a webview kept is read with whatever the view keeps beside it', () => {
  expect(readInspectionMemory({ folders: ['/a'], tab: 'figures' })).toEqual({ folders: ['/a'] });
  for (const kept of [null, {}, { folders: [] }, { folders: 'x' }, { folders: [3] }]) {
    expect(readInspectionMemory(kept)).toBeNull();
  }
});
