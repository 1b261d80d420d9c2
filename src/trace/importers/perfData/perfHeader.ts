/**
 * The header of a perf.data file. Sources: tools/perf/Documentation/perf.data-file-format.txt, perf_file_header__read
 * and perf_session__read_header in tools/perf/util/header.c.
 *
 *       0 "PERFILE2", on big-endian machines "2ELIFREP"
 *       8 u64 size: 104; 72 before there were features; 16 when written to a pipe, which has nothing but records
 *      16 u64 size of an attribute with the place of its ids
 *      24 attributes · 40 data · 56 event types: each u64 offset, u64 size
 *      72 256 bits: features that follow the data, first a table of {u64 offset, u64 size}, one a bit that is set
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import type { EventStore } from '../../model/eventStore.js';
import { COMPRESSED_FEATURE } from './perfFeatures.js';
import { attrBytes, MAX_ATTR_BYTES, MIN_ATTR_BYTES, readAttr, readU64, type PerfAttr } from './perfAttr.js';

const MAGIC = 'PERFILE2';
const SWAPPED_MAGIC = '2ELIFREP';
/** perf before 2.6.36. */
const OLD_MAGIC = 'PERFFILE';

const FILE_HEADER_BYTES = 104;
const HEADER_BYTES_WITHOUT_FEATURES = 72;
const PIPE_HEADER_BYTES = 16;
const FEATURE_WORDS = 4;
const HOSTNAME = 3;
/** Attributes are counted with 16 bits here; the largest recordings have some thousand. */
const MAX_ATTRS = 65_000;
/** One an event and CPU: a machine of 8192 CPUs with 500 events. */
const MAX_IDS = 4 * 1024 * 1024;

export interface Section {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface PerfHeader {
  readonly isLittle: boolean;
  readonly isPipe: boolean;
  readonly attrs: readonly PerfAttr[];
  /** Where the records are, as far as the file goes. */
  readonly data: Section;
  /** By number of the feature. */
  readonly features: ReadonlyMap<number, Section>;
  /** Why the features are not there, as part of a sentence; undefined: they are. */
  readonly cutOff: string | undefined;
}

/** `little`, `big`, `old` for perf's first format, undefined for anything else. */
export function byteOrderOf(head: Uint8Array): 'little' | 'big' | 'old' | undefined {
  const magic = new TextDecoder('latin1').decode(head.subarray(0, 8));
  if (magic === MAGIC) return 'little';
  if (magic === SWAPPED_MAGIC) return 'big';
  return magic === OLD_MAGIC ? 'old' : undefined;
}

/** Whether records may be compressed, as far as the beginning of the file tells: one written to a pipe does not. */
export function mayBeCompressed(head: Uint8Array): boolean {
  const isLittle = byteOrderOf(head) === 'little';
  const view = viewOf(head);
  if (head.length < FILE_HEADER_BYTES || readU64(view, 8, isLittle) !== FILE_HEADER_BYTES) return true;
  const features = featureBits(view, isLittle);
  // perf writes the bits when it ends.
  return features.includes(COMPRESSED_FEATURE) || !features.includes(HOSTNAME);
}

/** Reads the header. Failure `bad-input` when there is no way to the records. */
export function readHeader(file: RandomAccess, store: EventStore): PerfHeader {
  const bytes = file.read(0, FILE_HEADER_BYTES);
  const order = byteOrderOf(bytes);
  if (order === undefined || order === 'old' || bytes.length < PIPE_HEADER_BYTES) {
    throw new Failure(
      'bad-input',
      `${file.name} does not begin as a perf.data file of perf 2.6.36 or later.`,
    );
  }
  const isLittle = order === 'little';
  const view = viewOf(bytes);
  const headerBytes = readU64(view, 8, isLittle);
  if (headerBytes === PIPE_HEADER_BYTES) {
    const data = { offset: headerBytes, sizeBytes: file.sizeBytes - headerBytes };
    return { isLittle, isPipe: true, attrs: [], data, features: new Map(), cutOff: undefined };
  }
  const isKnownSize = headerBytes === FILE_HEADER_BYTES || headerBytes === HEADER_BYTES_WITHOUT_FEATURES;
  if (!isKnownSize || bytes.length < headerBytes) {
    throw new Failure(
      'bad-input',
      `${file.name} is cut off or damaged at byte 8: a header of perf.data has ${FILE_HEADER_BYTES} bytes, or ${PIPE_HEADER_BYTES} when it was written to a pipe; this one says ${headerBytes} in a file of ${file.sizeBytes} bytes.`,
    );
  }
  return readFileHeader(file, view, isLittle, headerBytes, store);
}

function readFileHeader(
  file: RandomAccess,
  view: DataView,
  isLittle: boolean,
  headerBytes: number,
  store: EventStore,
): PerfHeader {
  const section = (at: number) => ({
    offset: readU64(view, at, isLittle),
    sizeBytes: readU64(view, at + 8, isLittle),
  });
  const attrs = readAttrs(file, section(24), readU64(view, 16, isLittle), isLittle, store);
  const told = section(40);
  const available = file.sizeBytes - told.offset;
  if (available <= 0) {
    throw new Failure(
      'bad-input',
      `${file.name} is cut off: its records begin at byte ${told.offset}, and it has ${file.sizeBytes} bytes. Copy the file again.`,
    );
  }
  const data = {
    offset: told.offset,
    sizeBytes: told.sizeBytes === 0 ? available : Math.min(told.sizeBytes, available),
  };
  const cutOff = whyCutOff(file, told);
  const bits = headerBytes < FILE_HEADER_BYTES ? [] : featureBits(view, isLittle);
  const features = new Map<number, Section>();
  if (cutOff === undefined) readFeatureTable(file, told.offset + told.sizeBytes, bits, isLittle, features);
  return { isLittle, isPipe: false, attrs, data, features, cutOff };
}

function whyCutOff(file: RandomAccess, { offset, sizeBytes }: Section): string | undefined {
  if (sizeBytes === 0) {
    return 'perf was ended before it could complete the file: its header says at byte 48 that there are 0 bytes of records';
  }
  if (offset + sizeBytes <= file.sizeBytes) return undefined;
  return `the file is cut off: its records should end at byte ${offset + sizeBytes}, and it has ${file.sizeBytes} bytes`;
}

/** Numbers of the features in the file. perf wrote the bits as words of the recording machine's `long`. */
function featureBits(view: DataView, isLittle: boolean): number[] {
  const words64 = bitsOf(64, (word) => readBits(view, 72 + 8 * word, 8, isLittle));
  if (isLittle || words64.includes(HOSTNAME)) return words64;
  // Big-endian with 32-bit longs: perf knows them by the host name, which is always there.
  const words32 = bitsOf(32, (word) => readBits(view, 72 + 4 * word, 4, isLittle));
  return words32.includes(HOSTNAME) ? words32 : words64;
}

function bitsOf(wordBits: number, wordAt: (word: number) => readonly boolean[]): number[] {
  const bits: number[] = [];
  for (let word = 0; word < (FEATURE_WORDS * 64) / wordBits; word += 1) {
    wordAt(word).forEach((isSet, bit) => {
      if (isSet) bits.push(word * wordBits + bit);
    });
  }
  return bits;
}

/** The bits of a word, lowest first. */
function readBits(view: DataView, at: number, bytes: number, isLittle: boolean): boolean[] {
  return Array.from({ length: 8 * bytes }, (_, bit) => {
    const byte = isLittle ? bit >> 3 : bytes - 1 - (bit >> 3);
    return ((view.getUint8(at + byte) >> (bit & 7)) & 1) === 1;
  });
}

function readFeatureTable(
  file: RandomAccess,
  at: number,
  bits: readonly number[],
  isLittle: boolean,
  features: Map<number, Section>,
): void {
  const table = viewOf(file.read(at, 16 * bits.length));
  bits.forEach((feature, i) => {
    if (16 * i + 16 > table.byteLength) return;
    const offset = readU64(table, 16 * i, isLittle);
    const sizeBytes = readU64(table, 16 * i + 8, isLittle);
    if (offset < file.sizeBytes) {
      features.set(feature, { offset, sizeBytes: Math.min(sizeBytes, file.sizeBytes - offset) });
    }
  });
}

function readAttrs(
  file: RandomAccess,
  { offset, sizeBytes }: Section,
  entryBytes: number,
  isLittle: boolean,
  store: EventStore,
): PerfAttr[] {
  const count = Math.floor(sizeBytes / entryBytes);
  const isUsable =
    entryBytes >= MIN_ATTR_BYTES + 16 &&
    entryBytes <= MAX_ATTR_BYTES &&
    sizeBytes <= file.sizeBytes &&
    count <= MAX_ATTRS;
  const bytes = isUsable ? file.read(offset, sizeBytes) : new Uint8Array(0);
  const view = viewOf(bytes);
  const attrs: PerfAttr[] = [];
  // No more ids than the file can hold, however often the attributes name the same ones.
  let idBudget = Math.min(MAX_IDS, Math.floor(file.sizeBytes / 8));
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const size = attrBytes(view, at, isLittle);
    if (size === undefined || at + size + 16 > bytes.length) break;
    const idsOffset = readU64(view, at + size, isLittle);
    const idCount = Math.floor(readU64(view, at + size + 8, isLittle) / 8);
    const ids = readIds(file, idsOffset, Math.min(idCount, idBudget), isLittle);
    idBudget -= ids.length;
    attrs.push(readAttr(view, at, size, isLittle, ids));
  }
  if (attrs.length === 0) {
    throw new Failure(
      'bad-input',
      `${file.name} is cut off or damaged: the descriptions of its events should be ${sizeBytes} bytes at byte ${offset}, and cannot be read there. Copy the file again.`,
    );
  }
  if (attrs.length < count) {
    store.diagnostics.push({
      severity: 'warning',
      message: `${count - attrs.length} of ${count} event descriptions at byte ${offset} are damaged and were left out, with their events.`,
    });
  }
  return attrs;
}

function readIds(file: RandomAccess, offset: number, count: number, isLittle: boolean): number[] {
  if (offset >= file.sizeBytes) return [];
  const view = viewOf(file.read(offset, 8 * count));
  return Array.from({ length: Math.floor(view.byteLength / 8) }, (_, i) => readU64(view, 8 * i, isLittle));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
