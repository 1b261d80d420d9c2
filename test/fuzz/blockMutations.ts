/** Changes that know of bytes, numbers and blocks: for binary formats. */
import { oneOf, type RandomNumbers } from '../support/randomNumbers.js';
import { someLength, somePlace, spliced, type Mutation } from './mutation.js';

const WIDTHS = [1, 2, 4, 8] as const;
/** Ring-buffer pages and sectors: whole ones are moved, so that what is inside stays readable. */
const PAGE_BYTES = 4096;

const flipBits: Mutation = (bytes, { random }) => {
  const count = someLength(random, 8);
  for (let i = 0; i < count && bytes.length > 0; i += 1) {
    bytes[somePlace(random, bytes.length)]! ^= 1 << random(8);
  }
  return bytes;
};

const changeByte: Mutation = (bytes, { random }) => {
  if (bytes.length > 0)
    bytes[somePlace(random, bytes.length)] = oneOf(random, [0, 1, 0x7f, 0x80, 0xff, random(256)]);
  return bytes;
};

/** 0, ±1, the limits of signed and unsigned numbers, powers of two and their neighbours, sizes of this file. */
function interestingNumber(random: RandomNumbers, bits: number, sizeBytes: number, at: number): bigint {
  const power = 1n << BigInt(random(bits));
  return oneOf(random, [
    0n,
    1n,
    -1n,
    power,
    power - 1n,
    power + 1n,
    -power,
    (1n << BigInt(bits - 1)) - 1n,
    1n << BigInt(bits - 1),
    BigInt(sizeBytes + random(3) - 1),
    BigInt(Math.max(0, sizeBytes - at + random(3) - 1)),
    BigInt(at + random(16)),
  ]);
}

function writeNumber(bytes: Uint8Array, at: number, width: number, isLittle: boolean, value: bigint): void {
  let rest = BigInt.asUintN(width * 8, value);
  for (let i = 0; i < width; i += 1) {
    bytes[at + (isLittle ? i : width - 1 - i)] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function readNumber(bytes: Uint8Array, at: number, width: number, isLittle: boolean): bigint {
  let value = 0n;
  for (let i = 0; i < width; i += 1) {
    value = (value << 8n) | BigInt(bytes[at + (isLittle ? width - 1 - i : i)]!);
  }
  return value;
}

/** Where a number of this width may lie: aligned to it mostly. */
function numberPlace(random: RandomNumbers, length: number, width: number): number | undefined {
  if (length < width) return undefined;
  const place = Math.min(somePlace(random, length), length - width);
  return random(4) === 0 ? place : place - (place % width);
}

const setNumber: Mutation = (bytes, { random }) => {
  const width = oneOf(random, WIDTHS);
  const at = numberPlace(random, bytes.length, width);
  if (at === undefined) return bytes;
  const value = interestingNumber(random, width * 8, bytes.length, at);
  writeNumber(bytes, at, width, random(4) !== 0, value);
  return bytes;
};

const addToNumber: Mutation = (bytes, { random }) => {
  const width = oneOf(random, WIDTHS);
  const at = numberPlace(random, bytes.length, width);
  if (at === undefined) return bytes;
  const isLittle = random(4) !== 0;
  const step = BigInt(someLength(random, 64)) * (random(2) === 0 ? 1n : -1n);
  writeNumber(bytes, at, width, isLittle, readNumber(bytes, at, width, isLittle) + step);
  return bytes;
};

/** A number of seven bits a byte, as protocol buffers have it: the largest, one that never ends, one in a long form. */
const setVarint: Mutation = (bytes, { random }) => {
  if (bytes.length < 12) return bytes;
  const at = Math.min(somePlace(random, bytes.length), bytes.length - 11);
  const digits = 1 + random(10);
  bytes.fill(oneOf(random, [0xff, 0x80]), at, at + digits);
  bytes[at + digits] = oneOf(random, [0, 1, 0x7f, 0xff]);
  return bytes;
};

const removeBlock: Mutation = (bytes, { random }) => {
  const from = somePlace(random, bytes.length);
  return spliced(bytes, from, from + someLength(random, bytes.length - from), new Uint8Array(0));
};

const repeatBlock: Mutation = (bytes, { random }) => {
  const from = somePlace(random, bytes.length);
  const block = bytes.slice(from, from + someLength(random, Math.min(PAGE_BYTES, bytes.length - from)));
  let result = bytes;
  for (let i = someLength(random, 8); i > 0; i -= 1) result = spliced(result, from, from, block);
  return result;
};

/** Over other bytes of the same file: nothing behind it moves. */
const copyBlock: Mutation = (bytes, { random }) => {
  const from = random(bytes.length);
  bytes.copyWithin(somePlace(random, bytes.length), from, from + someLength(random, bytes.length - from));
  return bytes;
};

const fillBlock: Mutation = (bytes, { random }) => {
  const from = somePlace(random, bytes.length);
  const length = someLength(random, Math.min(PAGE_BYTES, bytes.length - from));
  bytes.fill(oneOf(random, [0, 0xff, 0x20, random(256)]), from, from + length);
  return bytes;
};

const swapPages: Mutation = (bytes, { random }) => {
  const pages = Math.floor(bytes.length / PAGE_BYTES);
  if (pages < 2) return bytes;
  const [a, b] = [random(pages) * PAGE_BYTES, random(pages) * PAGE_BYTES];
  const kept = bytes.slice(a, a + PAGE_BYTES);
  bytes.copyWithin(a, b, b + PAGE_BYTES);
  bytes.set(kept, b);
  return bytes;
};

/** Some bytes of another recording: over those here, or between them. */
const takeFromDonor: Mutation = (bytes, { random, donor }) => {
  const from = random(donor.length);
  const block = donor.subarray(from, from + someLength(random, Math.min(PAGE_BYTES, donor.length - from)));
  const at = random(3) === 0 ? Math.min(from, bytes.length) : somePlace(random, bytes.length);
  return spliced(bytes, at, random(4) === 0 ? at : Math.min(bytes.length, at + block.length), block);
};

/** The beginning of this, the end of another. */
const joinWithDonor: Mutation = (bytes, { random, donor }) => {
  const at = random(bytes.length);
  return spliced(
    bytes,
    at,
    bytes.length,
    donor.subarray(random(2) === 0 ? Math.min(at, donor.length) : random(donor.length)),
  );
};

const cutOff: Mutation = (bytes, { random }) => bytes.slice(0, random(bytes.length));

export const insertWord: Mutation = (bytes, { random, words }) => {
  const word = oneOf(random, words);
  const at = somePlace(random, bytes.length);
  return spliced(bytes, at, random(4) === 0 ? at : Math.min(bytes.length, at + word.length), word);
};

/** What lies behind stays where it is. Numbers stand several times: they are what headers and sizes are made of. */
export const BLOCK_MUTATIONS: readonly Mutation[] = [
  flipBits,
  changeByte,
  changeByte,
  setNumber,
  setNumber,
  setNumber,
  setNumber,
  addToNumber,
  addToNumber,
  setVarint,
  copyBlock,
  fillBlock,
  swapPages,
  takeFromDonor,
  insertWord,
];

/** What lies behind moves or is lost, and with it all that offsets lead to. */
export const MOVING_MUTATIONS: readonly Mutation[] = [
  removeBlock,
  repeatBlock,
  takeFromDonor,
  joinWithDonor,
  cutOff,
  cutOff,
  insertWord,
];
