/**
 * The text in a CTF trace's `metadata`: as it is, or in packets. Source: Common Trace Format 1.8.3, section 7.1.
 *
 *     0  u32 magic 75D11D57       20  u32 checksum
 *     4  u8  uuid[16]             24  u32 content_size, 28 u32 packet_size: bits, with this header
 *     32 u8  compression, encryption, checksum scheme, major, minor
 *     37 text
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';

const MAGIC = 0x75d11d57;
const HEADER_BYTES = 37;
/** What LTTng writes for all events of a kernel is about 1 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const SIGNATURE = /^\s*\/\*\s*CTF\s+1\./;

export interface MetadataText {
  /** One character a byte, so that places in it are places in the text. */
  readonly text: string;
  /** Why it does not go on. */
  readonly fault: string | undefined;
}

/** Whether these first bytes are those of metadata in packets, and in which byte order. */
export function metadataByteOrder(head: Uint8Array): 'le' | 'be' | undefined {
  if (head.length < 4) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, 4);
  if (view.getUint32(0, true) === MAGIC) return 'le';
  return view.getUint32(0, false) === MAGIC ? 'be' : undefined;
}

/** Whether this is the beginning of metadata as plain text. */
export function isMetadataText(head: Uint8Array): boolean {
  return SIGNATURE.test(textOf(head.subarray(0, 256)));
}

/** Failure `bad-input` when it is no metadata at all; damage behind the beginning is told in `fault`. */
export function readMetadataText(file: RandomAccess): MetadataText {
  if (file.sizeBytes > MAX_BYTES) {
    throw new Failure('bad-input', `${file.name} is larger than metadata are (${file.sizeBytes} bytes).`);
  }
  const bytes = file.read(0, file.sizeBytes);
  const order = metadataByteOrder(bytes);
  if (order !== undefined) return textOfPackets(bytes, order === 'le');
  if (isMetadataText(bytes)) return { text: textOf(bytes), fault: undefined };
  throw new Failure(
    'bad-input',
    `${file.name} holds no CTF 1 metadata: it begins neither with "/* CTF 1.8 */" nor with the magic number 75D11D57. CTF 2 is not read; "babeltrace2 convert" writes CTF 1.8.`,
  );
}

function textOfPackets(bytes: Uint8Array, isLittle: boolean): MetadataText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  const result = (fault?: string) => ({ text: parts.join(''), fault });
  for (let at = 0; at < bytes.length;) {
    if (at + HEADER_BYTES > bytes.length) return result(`they are cut off at byte ${at}`);
    if (view.getUint32(at, isLittle) !== MAGIC) return result(`no packet begins at byte ${at}`);
    if (bytes[at + 32] !== 0 || bytes[at + 33] !== 0) {
      return result(`the packet at byte ${at} is compressed or encrypted, which is not read`);
    }
    const contentBytes = view.getUint32(at + 24, isLittle) / 8;
    const packetBytes = view.getUint32(at + 28, isLittle) / 8;
    if (contentBytes < HEADER_BYTES || contentBytes > packetBytes || !Number.isInteger(packetBytes)) {
      return result(`the packet at byte ${at} tells sizes that cannot be`);
    }
    const end = at + Math.floor(contentBytes);
    parts.push(textOf(bytes.subarray(at + HEADER_BYTES, Math.min(end, bytes.length))));
    if (end > bytes.length) return result(`they are cut off within the packet at byte ${at}`);
    at += packetBytes;
  }
  return result();
}

/** One character a byte. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** What a value in the text is, which is UTF-8. */
export function utf8Of(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}
