import { expect, test } from 'vitest';
import { printableText } from '../../../src/remote/printableText.js';

test('plain text stays as it is, with its lines and tabs', () => {
  expect(printableText('one\ttwo\nthree é 😀', 100)).toBe('one\ttwo\nthree é 😀');
  expect(printableText('one\r\ntwo\rthree', 100)).toBe('one\ntwo\nthree');
});

test.each([
  ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
  ['clearing the screen', 'a\u001b[2J\u001b[Hb', 'ab'],
  ['the title of the window', '\u001b]0;owned\u0007text', 'text'],
  ['a link', '\u001b]8;;https://example.org\u001b\\text', 'text'],
  ['a device string', '\u001bPq#0\u001b\\text', 'text'],
  ['an unfinished sequence', 'text\u001b[31', 'text31'],
  ['eight-bit controls', 'a\u009b31mb', 'a·31mb'],
  ['bells, backspaces and NUL', 'a\u0007\u0008\u0000b', 'a···b'],
  ['marks that turn the direction of writing', 'exe\u202etxt', 'exe·txt'],
])('%s is taken out', (_what, text, wanted) => {
  expect(printableText(text, 100)).toBe(wanted);
});

test('what is too long ends with an ellipsis', () => {
  expect(printableText('abcdef', 6)).toBe('abcdef');
  expect(printableText('abcdefg', 6)).toBe('abcde…');
  expect(printableText('x'.repeat(10_000_000), 50)).toHaveLength(50);
});
