/**
 * safetensors: https://github.com/huggingface/safetensors#format. A little-endian uint64, the length of the header; the
 * header, JSON `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {…}}`; the values.
 */
import { open } from 'node:fs/promises';
import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';
import { writeFileAtomically } from '../../base/atomicFile.js';

/** A table of values, row-major. The type of the array is the type in the file: F32 or F64. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorValues>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** As the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_FILE_BYTES = 8 * 1024 ** 3;
const MAX_TENSORS = 100_000;
const WIDTHS = { F32: 4, F64: 8 } as const;

const entrySchema = v.strictObject({
  dtype: v.picklist(['F32', 'F64']),
  shape: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.maxLength(8)),
  data_offsets: v.tuple([
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  ]),
});
const metadataSchema = v.record(v.string(), v.string());
const headerSchema = v.record(v.string(), v.unknown());

/** Writes a file whole or not at all. Failure `write-failed`. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorValues>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // All at once, for a wrong shape is a defect of the caller and no failure to write; the values are not copied.
  await writeFileAtomically(path, [...safetensorsChunks(tensors, metadata)]);
}

/** The bytes of a file. The same tensors and metadata give the same bytes. */
export function* safetensorsChunks(
  tensors: ReadonlyMap<string, TensorValues>,
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    if (shape.reduce((product, size) => product * size, 1) !== values.length || name === '__metadata__')
      throw new RangeError(`${name}: ${values.length} values for the shape ${shape.join(' × ')}`);
    const dtype = values instanceof Float32Array ? 'F32' : 'F64';
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  // Spaces at the end let the values begin at a multiple of eight.
  const length = Math.ceil(text.length / 8) * 8;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length), 0);
  text.copy(start, 8);
  yield start;
  for (const { values } of tensors.values())
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Reads a file and checks that its values are those that the header tells of, without gaps or overlaps.
 * Failures: `file-not-found`, `read-failed`, `too-large`, `bad-input`.
 * @param maxBytes what the file may have
 */
export async function readSafetensors(path: string, maxBytes = MAX_FILE_BYTES): Promise<SafetensorsFile> {
  let bytes: Uint8Array;
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxBytes)
        throw new Failure('too-large', `${path} has ${size} bytes; at most ${maxBytes} are read.`);
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-not-found' : 'read-failed';
    throw new Failure(code, `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseSafetensors(bytes, path);
}

/** @param name of the file, for messages. Failure `bad-input`. */
export function parseSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  const fail = (what: string): never => {
    throw new Failure('bad-input', `${name} is no sound safetensors file: ${what}.`);
  };
  if (bytes.length < 8) fail('it is shorter than 8 bytes');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || 8 + length > bytes.length) fail(`its header would have ${length} bytes`);
  const header = headerOf(bytes.subarray(8, 8 + length), fail);
  const data = bytes.subarray(8 + length);
  const { __metadata__: rawMetadata = {}, ...rest } = header;
  const metadata = v.safeParse(metadataSchema, rawMetadata);
  const names = Object.keys(rest);
  if (names.length > MAX_TENSORS) fail(`it tells of ${names.length} tensors`);
  const entries = names.map((each) => {
    const parsed = v.safeParse(entrySchema, rest[each]);
    return parsed.success
      ? { name: each, ...parsed.output }
      : fail(`the entry of ${each} is wrong: ${parsed.issues[0].message}`);
  });
  entries.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const tensors = new Map<string, TensorValues>();
  let end = 0;
  for (const { name: each, dtype, shape, data_offsets: offsets } of entries) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (offsets[0] !== end) fail(`the values of ${each} begin at ${offsets[0]}, not at ${end}`);
    if (!Number.isSafeInteger(count) || offsets[1] - offsets[0] !== count * WIDTHS[dtype])
      fail(`${each} has ${offsets[1] - offsets[0]} bytes for the shape ${shape.join(' × ')}`);
    end = offsets[1];
    if (end > data.length) fail(`it ends within ${each}`);
    tensors.set(each, { shape, values: valuesOf(data.subarray(offsets[0], end), dtype) });
  }
  if (end !== data.length) fail(`${data.length - end} bytes at its end belong to nothing`);
  return { tensors, metadata: metadata.success ? metadata.output : fail('its metadata are no texts') };
}

function headerOf(bytes: Uint8Array, fail: (what: string) => never): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return fail(`its header is no JSON (${messageOf(error)})`);
  }
  const parsed = v.safeParse(headerSchema, value);
  return parsed.success ? parsed.output : fail('its header is no object');
}

/** A copy: the bytes may lie at any offset, arrays must not. Little-endian, as all machines that Node runs on. */
function valuesOf(bytes: Uint8Array, dtype: keyof typeof WIDTHS): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(bytes);
  return dtype === 'F32' ? new Float32Array(buffer) : new Float64Array(buffer);
}
