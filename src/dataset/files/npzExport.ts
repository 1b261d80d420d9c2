/**
 * A part as the arrays of the TCN follow-up: `pid` [N, T] indices of tasks, `state` [N, T], `cont` [N, T, 2] CPU and time
 * difference in seconds, both as they are, `y` [N] the index of the task behind each window, `seq_len`, T. What its
 * indices of PIDs were are those of the data set's vocabulary, whichever it is; 0 is UNK.
 */
import type { Sequences } from '../sequences.js';
import { WindowPlaces } from '../windows.js';
import { npzPieces, type NpyArray } from './npz.js';

/** Windows that are written at once. */
const PIECE_WINDOWS = 2048;

export interface NpzOptions {
  readonly length: number;
  readonly stride: number;
}

/** The bytes of a part's `.npz`. Failure `wrong-usage` for a length or stride that is none. */
export function npzOf(part: Sequences, { length, stride }: NpzOptions): Generator<Uint8Array> {
  const places = new WindowPlaces(part, length, stride);
  const windows = places.count;
  const integers = (name: string, values: ArrayLike<number>): NpyArray => ({
    name,
    dtype: '<i8',
    shape: [windows, length],
    pieces: () =>
      inPieces(places, (first, count) => {
        const piece = new BigInt64Array(count * length);
        eachEvent(places, first, count, (row, at) => (piece[at] = BigInt(values[row]!)));
        return piece;
      }),
  });
  return npzPieces([
    integers('pid', part.task),
    contOf(part, places),
    integers('state', part.state),
    { name: 'y', dtype: '<i8', shape: [windows], pieces: () => inPieces(places, targetsOf(part, places)) },
    { name: 'seq_len', dtype: '<i8', shape: [1], pieces: () => [BigInt64Array.of(BigInt(length))] },
  ]);
}

function contOf(part: Sequences, places: WindowPlaces): NpyArray {
  const { length } = places;
  return {
    name: 'cont',
    dtype: '<f4',
    shape: [places.count, length, 2],
    pieces: () =>
      inPieces(places, (first, count) => {
        const piece = new Float32Array(count * length * 2);
        eachEvent(places, first, count, (row, at) => {
          piece[2 * at] = part.cpu[row]!;
          const ns = part.deltaNs[row]!;
          // As in their CSV: 0 where there is no row before.
          piece[2 * at + 1] = Number.isNaN(ns) ? 0 : ns / 1e9;
        });
        return piece;
      }),
  };
}

function targetsOf(part: Sequences, places: WindowPlaces) {
  return (first: number, count: number) =>
    BigInt64Array.from({ length: count }, (_, at) =>
      BigInt(part.task[places.firstRow(first + at) + places.length]!),
    );
}

function* inPieces<T>(places: WindowPlaces, pieceOf: (first: number, count: number) => T): Generator<T> {
  for (let first = 0; first < places.count; first += PIECE_WINDOWS) {
    yield pieceOf(first, Math.min(PIECE_WINDOWS, places.count - first));
  }
}

function eachEvent(
  places: WindowPlaces,
  first: number,
  count: number,
  onEvent: (row: number, at: number) => void,
): void {
  const { length } = places;
  for (let window = 0; window < count; window += 1) {
    const row = places.firstRow(first + window);
    for (let event = 0; event < length; event += 1) onEvent(row + event, window * length + event);
  }
}
