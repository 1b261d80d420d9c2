/** Where the values of a packet's and an event's fields are kept, and what is known of positions beforehand. */
import type { LabelRanges } from './fieldTypes.js';
import { CLOCK_SLOT } from './fieldMachine.js';

/** The parts of a packet and an event, by the words with which paths refer to them. */
export type Part =
  | 'trace.packet.header'
  | 'stream.packet.context'
  | 'stream.event.header'
  | 'stream.event.context'
  | 'event.context'
  | 'event.fields';

export const PARTS: readonly Part[] = [
  'trace.packet.header',
  'stream.packet.context',
  'stream.event.header',
  'stream.event.context',
  'event.context',
  'event.fields',
];

/** An integer or text that was given a slot. */
export interface SlotField {
  readonly slot: number;
  /** `text`: the slot holds where it begins and ends. */
  readonly kind: 'integer' | 'text';
  readonly sizeBits: number;
  readonly isSigned: boolean;
}

/** LTTng knows some 2000 kinds of events, few of more than 20 fields; types within types count each time. */
const MAX_FIELDS_OF_TRACE = 1_000_000;

/** What is known of the fields that come before: their slots, by part and path. */
export class FieldSlots {
  /** Of the enumerations: which values have which label. */
  readonly ranges: Map<number, LabelRanges>;
  /** Fields that all programs of the trace together may still have. */
  readonly fieldBudget: { left: number };
  readonly #byPart: ReadonlyMap<Part, Map<string, number>>;
  count: number;

  constructor(
    readonly referenced: ReadonlySet<string>,
    readonly isLittleEndian: boolean,
    before?: FieldSlots,
  ) {
    this.count = before?.count ?? CLOCK_SLOT + 1;
    this.ranges = new Map(before?.ranges);
    this.fieldBudget = before?.fieldBudget ?? { left: MAX_FIELDS_OF_TRACE };
    this.#byPart = new Map(PARTS.map((part) => [part, new Map(before?.of(part))]));
  }

  of(part: Part): Map<string, number> {
    return this.#byPart.get(part)!;
  }

  next(): number {
    this.count += 1;
    return this.count - 1;
  }

  /** Slots for what is to follow, without changing these. */
  fork(): FieldSlots {
    return new FieldSlots(this.referenced, this.isLittleEndian, this);
  }
}

/** What is known of a position: it is `at` bits after a multiple of `of`, a power of two. */
export interface Phase {
  readonly of: number;
  readonly at: number;
}

export const UNKNOWN_PHASE: Phase = { of: 1, at: 0 };

/** What holds for both. */
export function commonPhase(one: Phase, other: Phase): Phase {
  let of = Math.min(one.of, other.of);
  while (one.at % of !== other.at % of) of /= 2;
  return { of, at: one.at % of };
}

/** What is known of a position after a number of elements. */
export function phaseAfterElements(before: Phase, bits: number, stride: number): Phase {
  if (stride === 0) return before;
  const of = Math.min(before.of, largestPowerOfTwoIn(stride));
  const none = { of, at: before.at % of };
  return commonPhase(none, { of, at: (before.at + bits) % of });
}

function largestPowerOfTwoIn(value: number): number {
  return value & -value;
}
