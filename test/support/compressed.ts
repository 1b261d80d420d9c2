import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';

/** Compresses with the tools that users have; a machine without them fails here, loudly. */
export function compressed(kind: 'gzip' | 'zstd' | 'xz', bytes: Uint8Array): Uint8Array {
  if (kind === 'gzip') return new Uint8Array(gzipSync(bytes));
  const args = kind === 'xz' ? ['-c', '-T1', '-1'] : ['-c', '-q', '-3'];
  return new Uint8Array(execFileSync(kind, args, { input: bytes, maxBuffer: 1 << 30 }));
}

/**
 * A zstd frame of run-length blocks: 4 bytes each that expand to 128 KiB of zeros.
 * Layout: RFC 8878, 3.1.1; window of 128 KiB, no content size, no checksum.
 */
export function zstdBomb(blocks: number): Uint8Array {
  const bytes = new Uint8Array(6 + blocks * 4);
  bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
  for (let block = 0; block < blocks; block += 1) {
    const isLast = block === blocks - 1 ? 1 : 0;
    const header = isLast | (1 << 1) | ((128 * 1024) << 3);
    bytes.set([header & 0xff, (header >> 8) & 0xff, header >> 16, 0], 6 + block * 4);
  }
  return bytes;
}
