/**
 * TFRecord framing, after https://www.tensorflow.org/tutorials/load_data/tfrecord ("TFRecords format details"):
 * uint64 length, uint32 masked CRC of the length, the bytes, uint32 masked CRC of the bytes; all little-endian.
 */
import { Failure } from '../../base/errors.js';
import { crc32c } from './crc32c.js';

const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;
/** Longer ones come from damage: what is written here has some kilobytes. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

export function frameTfRecord(data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER_BYTES + data.length + FOOTER_BYTES);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(framed.subarray(0, 8)), true);
  framed.set(data, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + data.length, maskedCrc(data), true);
  return framed;
}

/**
 * The records of a file, in order. A record that was cut off at the end, as `kill -9` leaves it, ends the list.
 * Failure `bad-input` where a checksum is wrong.
 */
export function* readTfRecords(bytes: Uint8Array, name: string): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + HEADER_BYTES + FOOTER_BYTES <= bytes.length) {
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8))) throw damaged(name, at);
    const length = Number(view.getBigUint64(at, true));
    if (length > MAX_RECORD_BYTES) throw damaged(name, at);
    const end = at + HEADER_BYTES + length;
    if (end + FOOTER_BYTES > bytes.length) return;
    const data = bytes.subarray(at + HEADER_BYTES, end);
    if (view.getUint32(end, true) !== maskedCrc(data)) throw damaged(name, at);
    yield data;
    at = end + FOOTER_BYTES;
  }
}

function damaged(name: string, offset: number): Failure {
  return new Failure(
    'bad-input',
    `${name} is damaged: the checksum of the record at byte ${offset} is wrong.`,
  );
}

/** Rotated by 15 and shifted, so that CRCs of data that hold CRCs stay different. */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
