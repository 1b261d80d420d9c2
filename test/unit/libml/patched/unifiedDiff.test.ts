import { expect, test } from 'vitest';
import { fileDiff } from '../../../../src/libml/patched/unifiedDiff.js';

const LINES = Array.from({ length: 20 }, (_, at) => `line ${at + 1}\n`);
const TEXT = LINES.join('');

test('a new file, and one that stays', () => {
  expect(fileDiff('a/b.c', null, 'x\ny\n')).toBe('--- /dev/null\n+++ b/a/b.c\n@@ -0,0 +1,2 @@\n+x\n+y\n');
  expect(fileDiff('a/b.c', TEXT, TEXT)).toBe('');
});

test('lines that come, go and change have three others about them', () => {
  const after = TEXT.replace('line 2\n', '').replace('line 15\n', 'new 15\nnew 15b\n');
  expect(fileDiff('f', TEXT, after)).toBe(
    [
      ...['--- a/f', '+++ b/f', '@@ -1,5 +1,4 @@', ' line 1', '-line 2', ' line 3', ' line 4', ' line 5'],
      ...['@@ -12,7 +11,8 @@', ' line 12', ' line 13', ' line 14', '-line 15', '+new 15', '+new 15b'],
      ...[' line 16', ' line 17', ' line 18', ''],
    ].join('\n'),
  );
});

test('changes that are near each other stand together, at the end, too', () => {
  const after = TEXT.replace('line 14\n', 'new\nline 14\n').replace('line 20\n', 'last\n');
  const hunks = fileDiff('f', TEXT, after).split('@@ -').slice(1);
  expect(hunks).toHaveLength(1);
  expect(hunks[0]).toMatch(/^11,10 \+11,11 @@\n/);
  expect(hunks[0]!.endsWith(' line 19\n-line 20\n+last\n')).toBe(true);
});
