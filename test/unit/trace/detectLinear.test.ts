import { expect, it } from 'vitest';
import { DETECTION_BYTES } from '../../../src/trace/detect.js';
import { recogniseForeign } from '../../../src/trace/foreignContent.js';
import { FORMATS } from '../../../src/trace/formats.js';

/** Pieces that stand many times, so that a pattern that tries all ways of dividing them does not end. */
const PIECES = [
  '# a # b\n',
  '#\n \n',
  '<!---->',
  '<!-- ',
  '/**/',
  '// a\n',
  ' \n',
  '\t',
  'a-1 [000] ',
  'a 1 [000] 1.000000: ',
  '{"a":[',
  'cpus=1\n',
  'CPU 1 is empty\n',
  '1,',
  '*A0 ',
];

it.each(PIECES)('a beginning full of %j is looked at in linear time', (piece) => {
  const text = piece.repeat(Math.ceil(DETECTION_BYTES / piece.length)).slice(0, DETECTION_BYTES - 1);
  const head = new TextEncoder().encode(`${text}!`);
  // Patterns that go back over everything again and again do not come to an end here.
  for (const importer of FORMATS) expect(importer.detect(head)).toHaveProperty('matches');
  recogniseForeign(head);
});
