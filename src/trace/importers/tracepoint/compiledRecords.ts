/** The compiled decoder's part in reading ring buffers (`ringBuffer.ts`): the frequent records of a page, as long as they last. */
import { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import { CompiledRows } from '../../compiled/compiledRows.js';
import type { EventStore } from '../../model/eventStore.js';
import type { RecentTasks } from './recentTasks.js';
import type { SchedRecordReader } from './schedRecord.js';

/** All CPUs' pieces of the file, and some. */
const PIECES_BYTES = 72 * 1024 * 1024;
/** What little files may expand to. */
const LEAST_BYTES = 1024 * 1024;
const EXPANSION = 16;

/** What `event_kinds` of ring.c says of an id. */
const READ_ELSEWHERE = 1;
const FIRST_PLAN = 2;

/** What `read_rings` returns in place of a stream's number. */
const AT_END = -1;
const BLOCK_FULL = -2;
const MAX_RINGS = 16384;

/** Places of `struct ring`: numbers, and times. */
export const Ring = {
  Piece: 0,
  At: 1,
  End: 2,
  Cpu: 3,
  Id: 4,
  RecordAt: 5,
  RecordBytes: 6,
  Ticks: 0,
  PageNs: 1,
  NextNs: 2,
} as const;
const RING_NUMBERS = 8;
const RING_TIMES = 3;
const RING_BYTES = 4 * RING_NUMBERS + 8 * RING_TIMES;

/** A stream as the decoder sees it. */
export interface RingPlace {
  readonly numbers: Uint32Array;
  readonly times: Float64Array;
}

/** Place of the count of records in `struct rings`. */
const RECORDS = 2;

export class CompiledRecords {
  readonly rows: CompiledRows;
  isAtEnd = false;
  readonly #rings: Uint32Array;
  readonly #kinds: Uint8Array;
  #recent: RecentTasks | undefined;
  #knowsId: Uint8Array | undefined;

  /** For a file of this size, whose numbers have their low byte first; undefined where the decoder is not to be had. */
  static of(store: EventStore, fileBytes: number): CompiledRecords | undefined {
    // Untouched, memory costs nothing.
    const decoder = CompiledDecoder.begin(Math.min(PIECES_BYTES, LEAST_BYTES + EXPANSION * fileBytes));
    return decoder === undefined ? undefined : new CompiledRecords(decoder, store);
  }

  private constructor(
    readonly decoder: CompiledDecoder,
    private readonly store: EventStore,
  ) {
    this.rows = new CompiledRows(decoder, store);
    this.#rings = decoder.unsigned('rings', 3);
    this.#kinds = decoder.bytes('event_kinds', 65536);
  }

  /** Says which events are read, and by whom what is left. */
  describe(reader: SchedRecordReader, knowsId: Uint8Array): void {
    this.#recent = reader.recent;
    this.#knowsId = knowsId;
    for (let id = 0; id < knowsId.length; id += 1) {
      const plan = reader.compiledPlan(id);
      const kind = plan < 0 ? READ_ELSEWHERE : FIRST_PLAN + plan;
      this.#kinds[id] = knowsId[id] === 0 ? 0 : kind;
    }
  }

  /** Whether these are the events that were described. */
  knows(knowsId: Uint8Array): boolean {
    return knowsId === this.#knowsId;
  }

  /** Memory for a piece of the file; undefined when none is left. */
  memory(sizeBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const at = this.decoder.take(sizeBytes);
    return at === undefined ? undefined : new Uint8Array(this.decoder.buffer, at, sizeBytes);
  }

  /** Makes a place for each stream; `times`: of their first records. Undefined when there is no room for so many. */
  begin(times: readonly number[]): readonly RingPlace[] | undefined {
    const count = times.length;
    const first = count > MAX_RINGS ? undefined : this.decoder.take(count * RING_BYTES);
    if (first === undefined || count === 0) return undefined;
    this.#rings.set([first, count]);
    const byTime = times.map((_, number) => number).sort((a, b) => compared(times[a]!, times[b]!) || a - b);
    this.decoder.unsigned('ring_order', count).set(byTime);
    const { buffer } = this.decoder;
    return times.map((_, number) => {
      const at = first + number * RING_BYTES;
      const numbers = new Uint32Array(buffer, at, RING_NUMBERS);
      return { numbers, times: new Float64Array(buffer, at + 4 * RING_NUMBERS, RING_TIMES) };
    });
  }

  /**
   * Reads records of all streams in order of time, so many at most, and counts them in `tally`. Returns the number of the
   * stream that is to go on by itself, or undefined when that is none; `isAtEnd` then tells whether all are at their end.
   */
  read(tally: { records: number }, budget: number): number | undefined {
    this.#recent?.followRenames();
    this.#rings[RECORDS] = tally.records;
    // The next event of a CPU ends its loss.
    const result = this.decoder.functions.read_rings(this.store.hasOpenLosses ? 0 : budget);
    tally.records = this.#rings[RECORDS]!;
    if (result === BLOCK_FULL) this.rows.flush();
    this.isAtEnd = result === AT_END;
    return result < 0 ? undefined : result;
  }
}

function compared(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
