/**
 * zstd in JavaScript: Node has one only from 22.15 on, which takes truncated files for whole ones. `fzstd` expands the frames,
 * or the compiled decoder where its user asks for that; what these leave to others is done here: content checksums (damage
 * would otherwise turn into wrong text unnoticed) and skippable frames.
 *
 * Source of the format: RFC 8878, sections 3.1.1 and 3.1.2.
 */
import { Decompress } from 'fzstd';
import { Xxh64 } from './xxh64.js';
import { CompiledFrame } from './zstdCompiled.js';

const FRAME_MAGIC = 0xfd2fb528;
/** 0x184d2a50 … 0x184d2a5f */
const SKIPPABLE_MAGIC = 0x0184d2a5;
const CHECKSUM_FLAG = 0x04;
const SINGLE_SEGMENT_FLAG = 0x20;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
/** What the zstd command allows without being asked for more. fzstd takes memory for the whole window at once. */
const MAX_WINDOW_BYTES = 2 ** 27;
const RLE_BLOCK = 1;
const COMPRESSED_BLOCK = 2;
const RESERVED_BLOCK = 3;
const MAX_BLOCK_BYTES = 128 * 1024;
const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/** What the next bytes are. */
type Part =
  | 'magic'
  | 'skippable size'
  | 'skippable'
  | 'descriptor'
  | 'window'
  | 'header'
  | 'block header'
  | 'block'
  | 'checksum';

export class ZstdDecoder {
  readonly #onPiece: (piece: Uint8Array) => void;
  #part: Part = 'magic';
  /** Bytes of the part that are still to come. */
  #missing = 4;
  /** The bytes of the part as a little-endian number; it has at most 4 where that matters. */
  #value = 0;
  #valueBytes = 0;
  #isLastBlock = false;
  /** Bytes of the frame's header behind the window, and how many of them come before the content's size. */
  #headerBytes = 0;
  #dictionaryBytes = 0;
  #isSingleSegment = false;
  #frame: Decompress | undefined;
  /** In place of `#frame`; gets its parts whole. */
  #compiled: CompiledFrame | undefined;
  readonly #prefersCompiled: boolean;
  /** The beginning of the part that the compiled decoder gets next, from earlier chunks. */
  #begun: Uint8Array[] = [];
  /** What the block must expand to. */
  #leastBytes = 0;
  #mostBytes = 0;
  #hash: Xxh64 | undefined;

  /** `prefersCompiled`: expand by the compiled decoder where `compileZstd` made one. Such a decoder is to be closed. */
  constructor(onPiece: (piece: Uint8Array) => void, prefersCompiled = false) {
    this.#onPiece = onPiece;
    this.#prefersCompiled = prefersCompiled;
  }

  /** Expands what comes next; throws when the data are damaged. The bytes are not kept. */
  push(chunk: Uint8Array): void {
    /** From here on bytes belong to the open frame and were not handed on. */
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      const before = this.#frame;
      const compiledBefore = this.#compiled;
      const taken = Math.min(this.#missing, chunk.length - at);
      if (this.#part !== 'block' && this.#part !== 'skippable') this.#gather(chunk, at, taken);
      this.#missing -= taken;
      at += taken;
      while (this.#missing === 0) {
        // fzstd has to have expanded a frame before its checksum can be compared.
        if (this.#endsFrame()) this.#expand(chunk, from, at, true);
        if (this.#endsPart()) {
          this.#expandPart(chunk.subarray(from, at));
          from = at;
        }
        this.#next();
      }
      const isOpen = this.#frame !== undefined || this.#compiled !== undefined;
      if (this.#frame !== before || this.#compiled !== compiledBefore || !isOpen) from = at;
    }
    if (this.#frame !== undefined) this.#expand(chunk, from, chunk.length, false);
    if (this.#compiled !== undefined && from < chunk.length) this.#begun.push(chunk.slice(from));
  }

  /** Throws when the data end in the middle of a frame. */
  end(): void {
    if (this.#part !== 'magic' || this.#missing !== 4) throw new Error('unexpected end of the data');
  }

  /** Gives back what the compiled decoder holds. Nothing can be pushed any more. */
  close(): void {
    this.#compiled?.close();
    this.#compiled = undefined;
  }

  /** Whether the compiled decoder can expand what it has not got yet. */
  #endsPart(): boolean {
    return this.#compiled !== undefined && (this.#part === 'header' || this.#part === 'block');
  }

  #expandPart(rest: Uint8Array): void {
    const part = this.#begun.length === 0 ? rest : joined([...this.#begun.splice(0), rest]);
    const piece = this.#compiled!.expand(part, this.#leastBytes, this.#mostBytes);
    if (piece.length === 0) return;
    this.#hash?.update(piece);
    this.#onPiece(piece);
  }

  #gather(chunk: Uint8Array, at: number, count: number): void {
    for (let i = at; i < at + count; i += 1) {
      this.#value += chunk[i]! * 2 ** (8 * this.#valueBytes);
      this.#valueBytes += 1;
    }
  }

  #expand(chunk: Uint8Array, from: number, to: number, isFinal: boolean): void {
    // fzstd keeps what it cannot use yet.
    this.#frame?.push(chunk.slice(from, to), isFinal);
  }

  #endsFrame(): boolean {
    if (this.#frame === undefined) return false;
    return (
      this.#part === 'checksum' || (this.#part === 'block' && this.#isLastBlock && this.#hash === undefined)
    );
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#missing = bytes;
    this.#value = 0;
    this.#valueBytes = 0;
  }

  /** The part is complete: what follows? */
  #next(): void {
    const value = this.#value;
    switch (this.#part) {
      case 'magic': {
        this.#afterMagic(value);
        return;
      }
      case 'skippable size': {
        this.#expect('skippable', value);
        return;
      }
      case 'skippable': {
        this.#expect('magic', 4);
        return;
      }
      case 'descriptor': {
        this.#afterDescriptor(value);
        return;
      }
      case 'window': {
        // RFC 8878, 3.1.1.1.2: five bits of exponent, three of mantissa.
        requireWindow(2 ** (10 + (value >> 3)) * (1 + (value & 7) / 8));
        this.#expect('header', this.#headerBytes);
        return;
      }
      case 'header': {
        // The content of a single segment is its own window.
        if (this.#isSingleSegment) requireWindow(value / 2 ** (8 * this.#dictionaryBytes));
        this.#expect('block header', 3);
        return;
      }
      case 'block header': {
        this.#afterBlockHeader(value);
        return;
      }
      case 'block':
        if (!this.#isLastBlock) {
          this.#expect('block header', 3);
          return;
        }
        if (this.#hash !== undefined) {
          this.#expect('checksum', 4);
          return;
        }
        {
          this.#closeFrame();
          return;
        }
      case 'checksum':
        if (this.#hash?.low32() !== value) throw new Error('the checksum does not fit the content');
        {
          this.#closeFrame();
          return;
        }
    }
  }

  #afterMagic(magic: number): void {
    if (Math.floor(magic / 16) === SKIPPABLE_MAGIC) {
      this.#expect('skippable size', 4);
      return;
    }
    if (magic !== FRAME_MAGIC) throw new Error('what follows the last frame is no zstd data');
    this.#compiled = this.#prefersCompiled ? CompiledFrame.begin() : undefined;
    if (this.#compiled === undefined) {
      this.#frame = new Decompress((piece) => {
        this.#hash?.update(piece);
        this.#onPiece(piece);
      });
      this.#frame.push(MAGIC.slice());
    }
    this.#begun = [MAGIC];
    this.#leastBytes = this.#mostBytes = 0;
    this.#expect('descriptor', 1);
  }

  #afterDescriptor(descriptor: number): void {
    this.#hash = (descriptor & CHECKSUM_FLAG) === 0 ? undefined : new Xxh64();
    const isSingleSegment = (descriptor & SINGLE_SEGMENT_FLAG) !== 0;
    const sizeCode = descriptor >> 6;
    const sizeBytes = sizeCode === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeCode]!;
    this.#dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3]!;
    this.#headerBytes = this.#dictionaryBytes + sizeBytes;
    this.#isSingleSegment = isSingleSegment;
    if (isSingleSegment) this.#expect('header', this.#headerBytes);
    else this.#expect('window', 1);
  }

  #afterBlockHeader(header: number): void {
    this.#isLastBlock = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error('a block of an unknown type');
    const size = header >>> 3;
    // RFC 8878, 3.1.1.2.3: one that is compressed expands to something.
    this.#leastBytes = type === COMPRESSED_BLOCK ? 1 : size;
    this.#mostBytes = type === COMPRESSED_BLOCK ? MAX_BLOCK_BYTES : size;
    this.#expect('block', type === RLE_BLOCK ? 1 : size);
  }

  #closeFrame(): void {
    this.close();
    this.#frame = undefined;
    this.#hash = undefined;
    this.#expect('magic', 4);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function requireWindow(bytes: number): void {
  if (bytes > MAX_WINDOW_BYTES)
    throw new Error(`it needs ${Math.round(bytes / 2 ** 20)} MiB of memory to be expanded`);
}
