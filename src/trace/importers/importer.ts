import type { EventStore } from '../model/eventStore.js';

/** What a format's detector says of the beginning of a file. */
export type Detection =
  | { readonly matches: true; /** 0…1; the highest wins. */ readonly confidence: number }
  | {
      readonly matches: false;
      /** Why not, as part of a sentence: `no "# tracer:" header and no event line`. */ readonly reason: string;
    };

/** Reads a source piece by piece into a store. */
export interface ImportSession {
  /** Consumes the next bytes; a chunk may end anywhere. The bytes are only valid during the call. */
  push(chunk: Uint8Array): void;
  /** The source is at its end: whatever was cut off is dealt with and the metadata completed. */
  end(): void;
}

/** A trace format. One file each; `FORMATS` in `formats.ts` is the table of all. */
export interface Importer {
  /** Stable identifier, e.g. `tracefs-text`; the CLI prints it. */
  readonly name: string;
  /** What users call it, e.g. `tracefs text (trace, trace_pipe)`. */
  readonly label: string;
  /** Looks at the first bytes (up to 64 KiB, decompressed). Pure, never throws. */
  detect(head: Uint8Array): Detection;
  /** Begins to read into an empty store. */
  begin(store: EventStore): ImportSession;
}
