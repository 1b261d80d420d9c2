/**
 * A tar archive (POSIX ustar) in memory, for recordings of several files.
 *
 * Each member: a header of 512 bytes (name 0–99, mode 100, size at 124 as octal text, check sum at 148, type at 156,
 * "ustar\0" and "00" at 257), then its bytes, filled up to 512; two empty headers at the end.
 */

export interface ArchiveMember {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK_BYTES = 512;
const encoder = new TextEncoder();

export function tarOf(members: readonly ArchiveMember[]): Uint8Array {
  const sizes = members.map(({ bytes }) => BLOCK_BYTES + inBlocks(bytes.length));
  const whole = new Uint8Array(sizes.reduce((sum, size) => sum + size, 2 * BLOCK_BYTES));
  let at = 0;
  members.forEach(({ path, bytes }, index) => {
    writeHeader(whole.subarray(at, at + BLOCK_BYTES), path, bytes.length);
    whole.set(bytes, at + BLOCK_BYTES);
    at += sizes[index]!;
  });
  return whole;
}

function inBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function writeHeader(header: Uint8Array, path: string, sizeBytes: number): void {
  const put = (offset: number, text: string) => header.set(encoder.encode(text), offset);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.set(encoder.encode(path).subarray(0, 99));
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(sizeBytes, 11));
  put(136, octal(0, 11));
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)} `);
}
