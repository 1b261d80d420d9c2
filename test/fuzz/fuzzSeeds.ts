/** What the fuzzer starts from: small pieces of the importers' fixtures. */
import { FORMATS } from '../../src/trace/formats.js';
import { importerFixtures, type ImporterFixture } from '../support/importerFixtures.js';
import { tarOf, type ArchiveMember } from '../support/tarArchive.js';

/** A small recording, whole or cut from a fixture. */
export interface FuzzSeed {
  readonly name: string;
  readonly format: string;
  readonly bytes: Uint8Array;
  /** Whether it is cut and changed by lines rather than by blocks. */
  readonly isText: boolean;
  /** Of a recording in several files; `bytes` is then their archive. */
  readonly members?: readonly ArchiveMember[];
}

export interface FuzzCorpus {
  /** By format. A format without fixtures has none and is not fuzzed. */
  readonly seeds: ReadonlyMap<string, readonly FuzzSeed[]>;
  /** Words of all fixtures: what parsers look for. */
  readonly words: readonly Uint8Array[];
}

const WHOLE_TEXT_BYTES = 12 * 1024;
const TEXT_HEAD_BYTES = 2 * 1024;
const TEXT_PIECE_BYTES = 6 * 1024;
/** Binary files do not survive being cut in pieces: what is larger than this is only ever seen cut off. */
const WHOLE_BINARY_BYTES = 192 * 1024;
const CUT_BINARY_BYTES = 96 * 1024;
/** A text has no NUL in this much of its beginning. */
const LOOKED_AT_BYTES = 4096;
const NEWLINE = 0x0a;

export function fuzzCorpus(fixtures: readonly ImporterFixture[] = importerFixtures()): FuzzCorpus {
  const seeds = new Map<string, readonly FuzzSeed[]>();
  for (const { name } of FORMATS) {
    const pieces = fixtures.filter(({ format }) => format === name).flatMap(piecesOf);
    if (pieces.length > 0) seeds.set(name, pieces);
  }
  return { seeds, words: wordsOf([...seeds.values()].flat()) };
}

function piecesOf({ name, format, bytes }: ImporterFixture): FuzzSeed[] {
  const members = tarMembers(bytes);
  if (members !== undefined) {
    return [{ name, format, bytes: tarOf(members), isText: false, members }];
  }
  const isText = !bytes.subarray(0, LOOKED_AT_BYTES).includes(0);
  const pieces = isText ? textPieces(bytes) : binaryPieces(bytes);
  return pieces.map((piece, index) => ({ name: `${name}#${index}`, format, bytes: piece, isText }));
}

/** The header lines with some lines from the beginning, the middle and the end. */
function textPieces(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length <= WHOLE_TEXT_BYTES) return [bytes];
  const head = bytes.subarray(0, lineStart(bytes, TEXT_HEAD_BYTES));
  const rest = bytes.length - head.length - TEXT_PIECE_BYTES;
  return [0, 0.5, 1].map((share) => {
    const from = lineStart(bytes, head.length + Math.floor(rest * share));
    return joined([head, bytes.subarray(from, lineStart(bytes, from + TEXT_PIECE_BYTES))]);
  });
}

function binaryPieces(bytes: Uint8Array): Uint8Array[] {
  return [bytes.slice(0, bytes.length <= WHOLE_BINARY_BYTES ? bytes.length : CUT_BINARY_BYTES)];
}

/** Where the next line starts, at or after a place. */
export function lineStart(bytes: Uint8Array, at: number): number {
  if (at <= 0) return 0;
  const newline = bytes.indexOf(NEWLINE, at - 1);
  return newline < 0 ? bytes.length : newline + 1;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The regular files of a tar archive; undefined when the bytes are none. */
function tarMembers(bytes: Uint8Array): ArchiveMember[] | undefined {
  const text = (from: number, length: number) =>
    new TextDecoder('latin1').decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, '');
  if (text(257, 5) !== 'ustar') return undefined;
  const members: ArchiveMember[] = [];
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const content = bytes.slice(at + 512, at + 512 + size);
    const isFile = text(at + 156, 1) === '0' || bytes[at + 156] === 0;
    if (isFile) members.push({ path: text(at, 100), bytes: content });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

/** So that each fixture has its say. */
const MAX_WORDS_A_SEED = 80;

function wordsOf(seeds: readonly FuzzSeed[]): Uint8Array[] {
  const words = new Set<string>();
  for (const { bytes, isText } of seeds) {
    const text = new TextDecoder('latin1').decode(bytes.subarray(0, CUT_BINARY_BYTES));
    const own = new Set(text.match(isText ? /[^\s\d][^\s=]{0,30}=?/g : /[!-~]{3,30}/g) ?? []);
    for (const word of [...own].slice(0, MAX_WORDS_A_SEED)) words.add(word);
  }
  return [...words].map((word) => Uint8Array.from(word, (character) => character.charCodeAt(0)));
}
