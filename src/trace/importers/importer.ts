import type { RandomAccess } from '../../base/randomAccess.js';
import type { EventStore } from '../model/eventStore.js';
import type { StoreSlice } from '../model/storeSlice.js';

/** What a format's detector says of the beginning of a file. */
export type Detection =
  | { readonly matches: true; /** 0…1; the highest wins. */ readonly confidence: number }
  | {
      readonly matches: false;
      /** Why not, as part of a sentence: `no "# tracer:" header and no event line`. */ readonly reason: string;
    };

/** A trace format. One file each; `FORMATS` in `formats.ts` is the table of all. */
export type Importer = StreamImporter | FileImporter | FolderImporter;

interface Format {
  /** Stable identifier, e.g. `tracefs-text`; the CLI prints it. */
  readonly name: string;
  /** What users call it, e.g. `tracefs text (trace, trace_pipe)`. */
  readonly label: string;
  /** Looks at the first bytes (up to 64 KiB, decompressed). Pure, never throws. */
  detect(head: Uint8Array): Detection;
}

/** Reads its source from front to back: text. */
export interface StreamImporter extends Format {
  readonly kind: 'stream';
  /** Begins to read into a store. */
  begin(store: EventStore): ImportSession;
  /**
   * Reads whole lines from the middle of a source apart from the rest, perhaps in another thread; undefined when they have
   * to be read in order. Where a format has this, its session has `adopt`.
   */
  decodeSlice?(bytes: Uint8Array): DecodedSlice | undefined;
}

/** What `decodeSlice` made of a stretch; its insides are the importer's. It can be sent between threads. */
export interface DecodedSlice {
  readonly content: StoreSlice;
}

/** Reads a source piece by piece into a store. */
export interface ImportSession {
  /** Consumes the next bytes; a chunk may end anywhere. The bytes are only valid during the call. */
  push(chunk: Uint8Array): void;
  /** Takes a stretch that was read apart in place of its bytes; false when these must be pushed instead. */
  adopt?(slice: DecodedSlice): boolean;
  /** The source is at its end: whatever was cut off is dealt with and the metadata completed. */
  end(): void;
}

/**
 * Work in steps of some 10 ms, so that it can be stopped and shown between two: each `yield` tells how many
 * bytes of the source are done. Rows come in order of time wherever the format lets that be had cheaply: they
 * are then shown while the rest is read.
 *
 * Failure `bad-input`, with the offset, when nothing sensible can be read on; what was added before is kept.
 * Nothing else may be thrown, whatever the bytes are. Damage that reading can go on behind is a diagnostic.
 */
export type ImportSteps = Generator<number, void, void>;

/** Needs its file at any place: binary formats. */
export interface FileImporter extends Format {
  readonly kind: 'file';
  /** What takes waiting, before `read`, which cannot wait; `head` are the first bytes. */
  prepare?(head: Uint8Array): Promise<void>;
  read(file: RandomAccess, store: EventStore): ImportSteps;
}

/** Needs several files of a folder or archive that belong together. */
export interface FolderImporter extends Format {
  readonly kind: 'folder';
  /**
   * Whether a folder or archive of these files (paths with `/`, relative to it) is of this format. `detect` says so for
   * one file of it that a user may choose instead (CTF's `metadata`).
   */
  detectFolder(paths: readonly string[]): Detection;
  read(folder: TraceFolder, store: EventStore): ImportSteps;
}

/** Files under one roof: a directory, or the members of an archive. */
export interface TraceFolder {
  readonly name: string;
  /** Paths with `/`, relative to the folder, sorted. */
  readonly paths: readonly string[];
  /** Failure `not-found` for a path that is not there. The folder closes what it opened. */
  open(path: string): RandomAccess;
}
