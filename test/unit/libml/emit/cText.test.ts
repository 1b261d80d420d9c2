import { describe, expect, test } from 'vitest';
import {
  blockComment,
  commentSafe,
  longLiteral,
  members,
  plainText,
} from '../../../../src/libml/emit/cText.js';

test.each([
  ['a */ int main(void);', 'a * / int main(void);'],
  ['/*/ and /**/', '/ * / and / ** /'],
  ['two\nlines\r\u2028\\', 'two.lines..\\'],
  ['what??/ how???', 'what? ?/ how? ? ?'],
  ['\u202edrow \u{1f600} ünder', '.drow . .nder'],
])('%j in a comment', (text, safe) => {
  expect(commentSafe(text)).toBe(safe);
});

describe('a comment', () => {
  const hostile = ['*/', '/*', 'x'.repeat(300), `${'*'.repeat(7)}/${'/'.repeat(4)}*`, '\n*/\n#error', ''];
  const comment = blockComment(hostile);

  test('ends where it ends', () => {
    expect(comment.indexOf('*/')).toBe(comment.length - 2);
    expect(comment.lastIndexOf('/*')).toBe(0);
    expect(comment).not.toMatch(/^#/m);
  });

  test('is wrapped', () => {
    const lines = blockComment([`  0 name ${'word '.repeat(40)}`, 'word '.repeat(40)]).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(104);
    expect(lines[2]).toMatch(/^ \* {5}word/);
    expect(lines.at(-2)).toMatch(/^ \* word/);
  });
});

test('numbers of 64 bits', () => {
  expect([0n, -5n, 2n ** 31n - 1n].map(longLiteral)).toEqual(['0', '-5', '2147483647']);
  expect([2n ** 31n, -(2n ** 31n), 2n ** 63n - 1n].map(longLiteral)).toEqual([
    'INT64_C(2147483648)',
    '-INT64_C(2147483648)',
    'INT64_C(9223372036854775807)',
  ]);
  expect(longLiteral(-(2n ** 63n))).toBe('(-INT64_C(9223372036854775807) - 1)');
});

test('members of an array', () => {
  const lines = members(Array.from({ length: 60 }, (_, at) => String(100 + at))).split('\n');
  expect(lines.length).toBe(3);
  expect(lines.join(' ').match(/\d+,/g)!.length).toBe(60);
});

test('a text keeps commands in one line', () => {
  const command = `    cc ${'-Wall '.repeat(40)}x.c`;
  expect(plainText(['word '.repeat(40), '', command]).split('\n')).toContain(command);
});
