/** A file of an emitted folder: its path there, and what stands in it. */
export type NamedFile = readonly [path: string, content: string | Uint8Array];
