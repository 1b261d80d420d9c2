import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, messageOf } from './errors.js';

/**
 * Bytes that can be read at any place, synchronously: for formats whose parts refer to each other. Only for
 * threads that may wait for a disk (workers, the command line).
 */
export interface RandomAccess {
  /** Shown in messages: a path or a name. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * The bytes `[offset, offset + length)`, fewer where the file ends; never more memory than the file has bytes.
   * The array is the caller's to keep, not to write. It may lie in the memory of `into`, an array got here before that
   * nobody needs any more: fresh memory for each piece of a large file costs as much as reading it. Failure `read-failed`.
   */
  read(offset: number, length: number, into?: Uint8Array): Uint8Array;
  close(): void;
}

/** Bytes in memory. */
export function bytesAccess(name: string, bytes: Uint8Array): RandomAccess {
  return {
    name,
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
    close: () => undefined,
  };
}

/** A regular file, with the size it had when it was opened. Failures: as for opening any file. */
export function fileAccess(path: string): RandomAccess {
  try {
    const descriptor = openSync(path, 'r');
    return new DescriptorAccess(path, descriptor, fstatSync(descriptor).size);
  } catch (error) {
    throw new Failure('read-failed', `${path} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

/** A part of another: a member of an archive. Closing it leaves the whole open. */
export function partAccess(
  whole: RandomAccess,
  name: string,
  offset: number,
  sizeBytes: number,
): RandomAccess {
  const size = Math.max(0, Math.min(sizeBytes, whole.sizeBytes - offset));
  return {
    name,
    sizeBytes: size,
    read: (at, length, into) => whole.read(offset + at, Math.max(0, Math.min(length, size - at)), into),
    close: () => undefined,
  };
}

class DescriptorAccess implements RandomAccess {
  #isOpen = true;

  constructor(
    readonly name: string,
    readonly descriptor: number,
    readonly sizeBytes: number,
  ) {}

  read(offset: number, length: number, into?: Uint8Array): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - offset));
    const bytes = into !== undefined && into.length >= wanted ? into : new Uint8Array(wanted);
    let done = 0;
    try {
      while (done < wanted) {
        const count = readSync(this.descriptor, bytes, done, wanted - done, offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch (error) {
      throw new Failure('read-failed', `Reading ${this.name} failed: ${messageOf(error)}`, { cause: error });
    }
    return bytes.subarray(0, done);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }
}

/** What is kept in memory before a stream goes to a temporary file. */
const SPOOLED_IN_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Collects a stream (decompressed data, a pipe) so that it can be read at any place: in memory, and from 64 MiB on in
 * a temporary file that has no name any more while it is used, so that nothing stays behind.
 */
export class Spool {
  readonly #name: string;
  readonly #parts: Uint8Array[] = [];
  #sizeBytes = 0;
  #descriptor: number | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Copies the bytes. Failure `write-failed`. */
  push(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.length;
    if (this.#descriptor !== undefined) this.#write(bytes);
    else {
      this.#parts.push(bytes.slice());
      if (this.#sizeBytes > SPOOLED_IN_MEMORY_BYTES) this.#toFile();
    }
  }

  /** Ends collecting. */
  finish(): RandomAccess {
    if (this.#descriptor !== undefined) {
      return new DescriptorAccess(this.#name, this.#descriptor, this.#sizeBytes);
    }
    const whole = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      whole.set(part, at);
      at += part.length;
    }
    return bytesAccess(this.#name, whole);
  }

  /** Gives up what was collected. */
  discard(): void {
    this.#parts.length = 0;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #toFile(): void {
    const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-'));
    try {
      this.#descriptor = openSync(join(folder, 'spool'), 'wx+', 0o600);
    } catch (error) {
      throw spoolFailure(this.#name, error);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const part of this.#parts.splice(0)) this.#write(part);
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor!, bytes, at);
    } catch (error) {
      throw spoolFailure(this.#name, error);
    }
  }
}

function spoolFailure(name: string, error: unknown): Failure {
  return new Failure(
    'write-failed',
    `${name} has to be unpacked into a temporary file to be read, and that failed: ${messageOf(error)}. Free space in ${tmpdir()}, or set TMPDIR to a folder with room.`,
    { cause: error },
  );
}
