/**
 * The reference decoder of zstd as WebAssembly (`zstddec`): five times as fast as one in JavaScript. Its stream says nothing
 * of damage, and nothing of what it left unread. So it gets a block at a time, each of which gives its bytes at once: one that
 * gives other than it must is damaged.
 */
import { ZSTDDecoder } from 'zstddec/stream';

let compiled: ZSTDDecoder | undefined;
/** A stream that met damage cannot be ended, and its memory not be had back: this may happen once. */
let hasMetDamage = false;

/** Compiles the decoder, once. Where there is no WebAssembly, the one in JavaScript does. */
export async function compileZstd(): Promise<void> {
  if (compiled !== undefined) return;
  const decoder = new ZSTDDecoder();
  try {
    await decoder.init();
    compiled = decoder;
  } catch {
    // Slower, and otherwise the same.
  }
}

/** The decoder for whole blocks; undefined when it was not compiled. */
export function compiledZstd(): ZSTDDecoder | undefined {
  return compiled;
}

/** One frame, given in whole parts: its header, then each block with its own. To be closed. */
export class CompiledFrame {
  readonly #pieces: Generator<Uint8Array>;
  /** What is to be expanded next. */
  #part: Uint8Array | undefined;
  #isDamaged = false;

  /** Undefined when frames have to be expanded in JavaScript. */
  static begin(): CompiledFrame | undefined {
    return compiled === undefined || hasMetDamage ? undefined : new CompiledFrame(compiled);
  }

  private constructor(decoder: ZSTDDecoder) {
    this.#pieces = decoder.decodeStreaming(this.#parts());
  }

  /** Expands a part to between `least` and `most` bytes; throws when it gives another number. */
  expand(part: Uint8Array, least: number, most: number): Uint8Array {
    this.#part = part;
    const next = this.#pieces.next();
    if (next.done !== true && next.value.length >= least && next.value.length <= most) return next.value;
    this.#isDamaged = hasMetDamage = true;
    throw new Error('a block of it is damaged');
  }

  /** Gives the memory back. */
  close(): void {
    if (this.#isDamaged) return;
    this.#part = undefined;
    try {
      this.#pieces.next();
    } catch {
      // It complains of a frame that does not end, which is none of its business.
    }
  }

  *#parts(): Generator<Uint8Array> {
    while (this.#part !== undefined) yield this.#part;
  }
}
