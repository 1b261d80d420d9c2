/** Files model.swap of models that were not trained: what a kernel should take, and what it should not. */

/** Where the rows' decisions begin, and how many there are. */
function decisionsOf(file: Buffer): { readonly at: number; readonly rows: number } {
  const [words, inputs, rows] = [file.readUInt32LE(8), file.readUInt32LE(12), file.readUInt32LE(16)];
  return { at: 32 + 4 * words + 8 * rows * (inputs + 1), rows };
}

/** The same network in fixed point with another threshold: it says one thing, of its rows, too. */
export function decidingAlways(file: Buffer, decision: 0 | 1): Buffer {
  const other = Buffer.from(file);
  const { at, rows } = decisionsOf(file);
  // LIBML_FIXED_THRESHOLD of the words; its bound is 2^51.
  other.writeBigInt64LE((decision === 1 ? -1n : 1n) * (2n ** 51n - 1n), 32 + 4 * 6);
  other.fill(decision, at, at + rows);
  return other;
}

/** With the lowest bit of one byte turned. */
export function withChanged(file: Buffer, at: number): Buffer {
  const other = Buffer.from(file);
  other[at]! ^= 1;
  return other;
}

/** With another word of 32 bits. */
export function withWord(file: Buffer, word: number, value: number): Buffer {
  const other = Buffer.from(file);
  other.writeUInt32LE(value, 4 * word);
  return other;
}
