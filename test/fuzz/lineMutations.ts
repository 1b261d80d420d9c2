/** Changes that know of lines, words and decimal numbers: for text, and for the text inside binary files. */
import { oneOf, type RandomNumbers } from '../support/randomNumbers.js';
import { insertWord } from './blockMutations.js';
import { lineStart } from './fuzzSeeds.js';
import { MAX_INPUT_BYTES, someLength, somePlace, spliced, type Mutation } from './mutation.js';

const SPACE = 0x20;
const NEWLINE = 0x0a;
const encoder = new TextEncoder();

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '007',
  '127',
  '255',
  '256',
  '32767',
  '32768',
  '-32769',
  '65535',
  '65536',
  '4194304',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615',
  '99999999999999999999999999',
  '9'.repeat(400),
  '0.0000000001',
  '1e9',
  '+5',
  'NaN',
  'Infinity',
  '0x7fffffff',
  '',
  '-',
  '.',
].map((text) => encoder.encode(text));

/** Names that tracers print, and such as break what is not careful. */
const NAMES = [
  '<idle>',
  '<...>',
  'swapper/0',
  ':-1',
  ':4242',
  'a-1',
  '-1',
  ' ',
  '\t',
  '\0',
  '\r',
  '==>',
  '=',
  ':',
  ',',
  '"',
  '"a,b"',
  '[000]',
  '(-----)',
  '__proto__',
  'constructor',
  '</script>',
  '\u001b[31m',
  '\ufeff',
  '😀',
  'prev_comm=',
  ' next_pid=',
  '##### CPU 3 buffer started ####',
  'CPU:1 [LOST 18446744073709551615 EVENTS]',
  'CPU:99999999999 [LOST 1 EVENTS]',
].map((text) => encoder.encode(text));

/** Bytes that are no UTF-8: a lone continuation, an overlong form, a surrogate, a character cut off. */
const NO_UTF8 = [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xff, 0xfe]].map((codes) =>
  Uint8Array.from(codes),
);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isSpace(byte: number | undefined): boolean {
  return byte === undefined || byte === SPACE || byte === NEWLINE;
}

/** The next run of bytes of a kind, from a place on: `[start, end)`, empty at the end when there is none. */
function nextRun(bytes: Uint8Array, from: number, isOfKind: (byte: number | undefined) => boolean) {
  let start = from;
  while (start < bytes.length && !isOfKind(bytes[start])) start += 1;
  let end = start;
  while (end < bytes.length && isOfKind(bytes[end])) end += 1;
  return { start, end };
}

function someWord(bytes: Uint8Array, random: RandomNumbers) {
  return nextRun(bytes, somePlace(random, bytes.length), (byte) => !isSpace(byte));
}

/** Where some line starts, and the one after it. */
function someLine(bytes: Uint8Array, random: RandomNumbers) {
  const start = lineStart(bytes, somePlace(random, bytes.length));
  return { start, end: lineStart(bytes, start + 1) };
}

function someLines(bytes: Uint8Array, random: RandomNumbers) {
  const { start } = someLine(bytes, random);
  let end = start;
  for (let i = someLength(random, 16); i > 0; i -= 1) end = lineStart(bytes, end + 1);
  return { start, end };
}

const replaceNumber: Mutation = (bytes, { random }) => {
  const { start, end } = nextRun(bytes, somePlace(random, bytes.length), isDigit);
  return spliced(bytes, start, end, oneOf(random, NUMBERS));
};

const changeDigit: Mutation = (bytes, { random }) => {
  const { start, end } = nextRun(bytes, somePlace(random, bytes.length), isDigit);
  if (end > start) bytes[start + random(end - start)] = 0x30 + random(10);
  return bytes;
};

const replaceWord: Mutation = (bytes, { random, words }) => {
  const { start, end } = someWord(bytes, random);
  return spliced(bytes, start, end, oneOf(random, [oneOf(random, words), oneOf(random, NAMES)]));
};

const insertName: Mutation = (bytes, { random }) => {
  const at = random(2) === 0 ? someWord(bytes, random).start : somePlace(random, bytes.length);
  return spliced(bytes, at, at, oneOf(random, NAMES));
};

const removeWord: Mutation = (bytes, { random }) => {
  const { start, end } = someWord(bytes, random);
  return spliced(bytes, start, end, new Uint8Array(0));
};

const swapWords: Mutation = (bytes, { random }) => {
  const first = someWord(bytes, random);
  const second = nextRun(bytes, first.end, (byte) => !isSpace(byte));
  const words = [
    bytes.subarray(second.start, second.end),
    bytes.subarray(first.end, second.start),
    bytes.subarray(first.start, first.end),
  ];
  let at = first.start;
  for (const word of words.map((each) => each.slice())) {
    bytes.set(word, at);
    at += word.length;
  }
  return bytes;
};

const insertNoUtf8: Mutation = (bytes, { random }) => {
  const at = somePlace(random, bytes.length);
  return spliced(bytes, at, at + random(2), oneOf(random, NO_UTF8));
};

const removeLines: Mutation = (bytes, { random }) => {
  const { start, end } = someLines(bytes, random);
  return spliced(bytes, start, end, new Uint8Array(0));
};

const repeatLines: Mutation = (bytes, { random }) => {
  const { start, end } = someLines(bytes, random);
  const lines = bytes.slice(start, end);
  let result = bytes;
  for (let i = someLength(random, 8); i > 0; i -= 1) result = spliced(result, start, start, lines);
  return result;
};

const moveLines: Mutation = (bytes, { random }) => {
  const { start, end } = someLines(bytes, random);
  const lines = bytes.slice(start, end);
  const rest = spliced(bytes, start, end, new Uint8Array(0));
  const at = lineStart(rest, somePlace(random, rest.length));
  return spliced(rest, at, at, lines);
};

const takeLinesFromDonor: Mutation = (bytes, { random, donor }) => {
  const { start, end } = someLines(donor, random);
  const at = someLine(bytes, random).start;
  return spliced(bytes, at, at, donor.subarray(start, end));
};

const cutLine: Mutation = (bytes, { random }) => {
  const { start, end } = someLine(bytes, random);
  const at = start + random(Math.max(1, end - start));
  return spliced(bytes, at, Math.max(at, end - 1), new Uint8Array(0));
};

const joinLines: Mutation = (bytes, { random }) => {
  const { start } = someLine(bytes, random);
  return start === 0 ? bytes : spliced(bytes, start - 1, start, new Uint8Array(0));
};

const splitLine: Mutation = (bytes, { random }) => {
  const at = somePlace(random, bytes.length);
  return spliced(bytes, at, at, encoder.encode(oneOf(random, ['\n', '\r\n', '\n\n', '\r', '\n\\\n'])));
};

/** A word that goes on for some hundred kilobytes at most. */
const stretchWord: Mutation = (bytes, { random }) => {
  const { start, end } = someWord(bytes, random);
  const room = Math.max(1, MAX_INPUT_BYTES - bytes.length);
  const length = someLength(random, random(8) === 0 ? room : 4096);
  const long = new Uint8Array(length);
  const word = bytes.subarray(start, Math.min(end, start + 64));
  for (let at = 0; at < length; at += 1) long[at] = word[at % Math.max(1, word.length)] ?? 0x61;
  return spliced(bytes, end, end, long);
};

export const LINE_MUTATIONS: readonly Mutation[] = [
  replaceNumber,
  replaceNumber,
  replaceNumber,
  changeDigit,
  replaceWord,
  replaceWord,
  insertName,
  insertWord,
  removeWord,
  swapWords,
  insertNoUtf8,
  removeLines,
  repeatLines,
  moveLines,
  takeLinesFromDonor,
  cutLine,
  joinLines,
  splitLine,
  stretchWord,
];
