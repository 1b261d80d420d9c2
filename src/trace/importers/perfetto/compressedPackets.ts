/** Packets within packets: compressed_packets = 50 (zlib) and, since 2026, zstd_compressed_packets = 133. */
import { inflateSync } from 'node:zlib';
import { messageOf } from '../../../base/errors.js';
import { ZstdDecoder } from '../../zstdDecoder.js';

export const ZLIB_PACKETS = 50;
export const ZSTD_PACKETS = 133;

/**
 * What packets may expand to. Of real ones it is 3 to 10 times; both formats can do a thousand times, and more, from
 * which a small file would fill the memory.
 */
const FREE_BYTES = 8 * 1024 * 1024;
const BYTES_PER_BYTE = 32;
const CHUNK_BYTES = 256 * 1024;
/** See `compression.ts`: few bytes can expand to much, all at once. */
const ZSTD_SLICE_BYTES = 2 * 1024;

export class PacketExpander {
  #allowedBytes = FREE_BYTES;

  /** The packets in a field of this number; as text, why they cannot be had. */
  expand(field: number, bytes: Uint8Array): Uint8Array | string {
    this.#allowedBytes += bytes.length * BYTES_PER_BYTE;
    try {
      const expanded = field === ZLIB_PACKETS ? this.#inflate(bytes) : this.#unzstd(bytes);
      if (expanded === undefined) return 'they expand to far more than packets do';
      this.#allowedBytes -= expanded.length;
      return expanded;
    } catch (error) {
      return messageOf(error);
    }
  }

  #inflate(bytes: Uint8Array): Uint8Array | undefined {
    try {
      const { buffer, byteOffset, byteLength } = inflateSync(bytes, {
        chunkSize: CHUNK_BYTES,
        maxOutputLength: this.#allowedBytes,
      });
      return new Uint8Array(buffer, byteOffset, byteLength);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #unzstd(bytes: Uint8Array): Uint8Array | undefined {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const decoder = new ZstdDecoder((piece) => {
      pieces.push(piece.slice());
      length += piece.length;
    });
    for (let at = 0; at < bytes.length; at += ZSTD_SLICE_BYTES) {
      decoder.push(bytes.subarray(at, at + ZSTD_SLICE_BYTES));
      if (length > this.#allowedBytes) return undefined;
    }
    decoder.end();
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
