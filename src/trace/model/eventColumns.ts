import type { Column } from './rowOrder.js';

/** The columns alone; what of them is in use and means what is the event store's. */
export interface Columns {
  readonly timeNs: Float64Array;
  readonly actor: Uint32Array;
  readonly subject: Uint32Array;
  readonly line: Uint32Array;
  readonly arg: Int32Array | Float64Array;
  readonly cpu: Uint8Array | Uint16Array;
  readonly state: Uint8Array | Uint16Array;
  readonly flags: Uint8Array | Uint16Array;
  readonly actorPrio: Int16Array;
  readonly subjectPrio: Int16Array;
  readonly type: Uint8Array;
  readonly vruntimeNs: BigInt64Array | undefined;
}

/** Rows of a store as bare columns, times from the `baseNs` of whoever holds them; can be sent between threads. */
export interface RowBlock extends Columns {
  readonly length: number;
  readonly isSorted: boolean;
  readonly startNs: number;
  readonly endNs: number;
  /** By event type. */
  readonly counts: readonly number[];
  /** By CPU: time of its last row, NaN for none. */
  readonly lastNs: Float64Array;
}

/** Which of the two words of a 64-bit number in memory is the high one: 1 where the low byte comes first. */
export const HIGH_HALF = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Typed arrays of equal length that grow together, as narrow as their values allow. */
export class EventColumns implements Columns {
  timeNs = new Float64Array(0);
  actor = new Uint32Array(0);
  subject = new Uint32Array(0);
  line = new Uint32Array(0);
  // These hold small numbers in nearly every recording; the first one that does not fit widens the column.
  arg: Int32Array | Float64Array = new Int32Array(0);
  cpu: Uint8Array | Uint16Array = new Uint8Array(0);
  state: Uint8Array | Uint16Array = new Uint8Array(0);
  flags: Uint8Array | Uint16Array = new Uint8Array(0);
  actorPrio = new Int16Array(0);
  subjectPrio = new Int16Array(0);
  type = new Uint8Array(0);
  /** Virtual run time in ns of stat_runtime rows, 0 elsewhere; undefined until a row carries one. */
  vruntimeNs: BigInt64Array | undefined;
  protected capacity = 0;
  #halvesOf: BigInt64Array | undefined;
  #halves: Int32Array = new Int32Array(0);

  /** The column of vruntimes, made when the first one comes. */
  protected vruntimes(): BigInt64Array {
    return (this.vruntimeNs ??= new BigInt64Array(this.capacity));
  }

  /** The same memory in words of 32 bits. */
  protected vruntimeHalves(): Int32Array {
    const whole = this.vruntimes();
    if (this.#halvesOf !== whole) {
      this.#halvesOf = whole;
      this.#halves = new Int32Array(whole.buffer, whole.byteOffset, 2 * whole.length);
    }
    return this.#halves;
  }

  protected bytesPerRow(): number {
    let bytes = 0;
    this.eachColumn((column) => {
      bytes += column.BYTES_PER_ELEMENT;
      return column;
    });
    return bytes;
  }

  /** Copies of the first `length` elements of all columns. */
  protected columnsUpTo(length: number): Columns {
    return {
      timeNs: this.timeNs.slice(0, length),
      actor: this.actor.slice(0, length),
      subject: this.subject.slice(0, length),
      arg: this.arg.slice(0, length),
      line: this.line.slice(0, length),
      cpu: this.cpu.slice(0, length),
      state: this.state.slice(0, length),
      flags: this.flags.slice(0, length),
      actorPrio: this.actorPrio.slice(0, length),
      subjectPrio: this.subjectPrio.slice(0, length),
      type: this.type.slice(0, length),
      vruntimeNs: this.vruntimeNs?.slice(0, length),
    };
  }

  /** Writes whole columns at `at`, where there must be room. */
  protected setColumns(block: Columns, at: number): void {
    if (block.cpu instanceof Uint16Array) this.widenCpus();
    if (block.state instanceof Uint16Array) this.state = wide(this.state, this.capacity);
    if (block.flags instanceof Uint16Array) this.flags = wide(this.flags, this.capacity);
    if (block.arg instanceof Float64Array) this.#widenArgs();
    this.timeNs.set(block.timeNs, at);
    this.actor.set(block.actor, at);
    this.subject.set(block.subject, at);
    this.line.set(block.line, at);
    this.arg.set(block.arg, at);
    this.cpu.set(block.cpu, at);
    this.state.set(block.state, at);
    this.flags.set(block.flags, at);
    this.actorPrio.set(block.actorPrio, at);
    this.subjectPrio.set(block.subjectPrio, at);
    this.type.set(block.type, at);
    if (block.vruntimeNs !== undefined) this.vruntimes().set(block.vruntimeNs, at);
  }

  protected widenCpus(): void {
    this.cpu = wide(this.cpu, this.capacity);
  }

  /** Widens the columns that one of these values does not fit. */
  protected makeRoom(state: number, flags: number, arg: number): void {
    if (state > 255) this.state = wide(this.state, this.capacity);
    if (flags > 255) this.flags = wide(this.flags, this.capacity);
    if (arg !== (arg | 0)) this.#widenArgs();
  }

  #widenArgs(): void {
    if (this.arg instanceof Float64Array) return;
    const larger = new Float64Array(this.capacity);
    larger.set(this.arg);
    this.arg = larger;
  }

  /** Makes room for `capacity` rows, `used` of which are kept. */
  protected growTo(capacity: number, used: number): void {
    this.eachColumn((column) => enlarged(column, capacity, used));
    this.capacity = capacity;
  }

  /** Replaces each column by what the function makes of it, one after the other: the peak is one column more. */
  protected eachColumn(replaced: <T extends Column>(column: T) => T): void {
    this.timeNs = replaced(this.timeNs);
    this.actor = replaced(this.actor);
    this.subject = replaced(this.subject);
    this.arg = replaced(this.arg);
    this.line = replaced(this.line);
    this.cpu = replaced(this.cpu);
    this.state = replaced(this.state);
    this.flags = replaced(this.flags);
    this.actorPrio = replaced(this.actorPrio);
    this.subjectPrio = replaced(this.subjectPrio);
    this.type = replaced(this.type);
    if (this.vruntimeNs !== undefined) this.vruntimeNs = replaced(this.vruntimeNs);
  }
}

/** A new array of the same kind. */
function emptyLike<T extends Column>(column: T, length: number): T {
  return new (column.constructor as new (length: number) => T)(length);
}

function enlarged<T extends Column>(from: T, capacity: number, used: number): T {
  const to = emptyLike(from, capacity);
  (to as Uint8Array).set(from.subarray(0, used) as Uint8Array);
  return to;
}

function wide(column: Uint8Array | Uint16Array, capacity: number): Uint16Array {
  if (column instanceof Uint16Array) return column;
  const larger = new Uint16Array(capacity);
  larger.set(column);
  return larger;
}
