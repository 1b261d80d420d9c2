import type { ByteSource } from '../base/byteSource.js';
import { decompress } from './compression.js';

/**
 * Lines `first … last` (1-based, inclusive) of a text source, decompressed as needed, read only as far as the
 * last one. Lines longer than `maxBytes` are cut.
 */
export async function readSourceLines(
  source: ByteSource,
  first: number,
  last: number,
  signal?: AbortSignal,
  maxBytes = 4096,
): Promise<string[]> {
  const lines: string[] = [];
  const decoder = new TextDecoder();
  let line = 1;
  let current: number[] = [];
  for await (const chunk of decompress(source.chunks(signal), source.name)) {
    let at = 0;
    while (at < chunk.length && line <= last) {
      const newline = chunk.indexOf(0x0a, at);
      const end = newline < 0 ? chunk.length : newline;
      if (line >= first && current.length < maxBytes) {
        current.push(...chunk.subarray(at, Math.min(end, at + maxBytes - current.length)));
      }
      if (newline < 0) break;
      if (line >= first) lines.push(decoder.decode(Uint8Array.from(current)).replace(/\r$/, ''));
      current = [];
      line += 1;
      at = newline + 1;
    }
    if (line > last) return lines;
  }
  if (current.length > 0) lines.push(decoder.decode(Uint8Array.from(current)));
  return lines;
}
