/**
 * Makes programs for the `FieldMachine` from declared types. Fields that nobody asks for and that have the same
 * size in each event are skipped together, so that of an event as LTTng writes it (all at bytes) little more is
 * executed than one operation for each field that is wanted.
 */
import {
  alignmentOf,
  staticBitsOf,
  strideOf,
  type ArrayType,
  type Field,
  type FieldType,
  type IntegerType,
  type LabelRanges,
  type SequenceType,
  type VariantType,
} from './fieldTypes.js';
import { LITTLE_ENDIAN, Op, SIGNED, type Choice, type Program } from './fieldMachine.js';
import {
  commonPhase,
  PARTS,
  phaseAfterElements,
  UNKNOWN_PHASE,
  type FieldSlots,
  type Part,
  type Phase,
  type SlotField,
} from './fieldSlots.js';

/** Operands are 31 bits wide; nothing of this size is an event. */
const MAX_OPERAND = 2 ** 31 - 1;
const MAX_CHOICES = 256;
/** Fields of one event, those of types within types counted each time. */
const MAX_FIELDS = 8192;

/** A type that cannot be read: the message says why, as part of a sentence. */
export class UnreadableType extends Error {}

export interface PartOptions {
  /** Fields wanted, by their names without leading `_`; only those directly in the part unless `isDeep`. */
  readonly wanted?: ReadonlySet<string>;
  /** Fields count at any depth, and of several of one name the later wins: event headers. */
  readonly isDeep?: boolean;
  /** Prefix under which the fields are found. */
  readonly prefix?: string;
  /** Whether an integer of this name is the time. */
  readonly isClock?: (name: string, type: IntegerType) => boolean;
}

/** What the builders of a program and of those within it share. */
interface Shared {
  readonly slots: FieldSlots;
  readonly found: Map<string, SlotField>;
  /** Slots of the structures around the field, the innermost last, and the names that lead from one to the next. */
  readonly frames: Map<string, number>[];
  readonly names: string[];
  options: PartOptions;
  fieldsLeft: number;
}

/** Makes one program of one or several parts that follow each other. */
export class ProgramBuilder {
  readonly #shared: Shared;
  readonly #code: number[] = [];
  readonly #programs: Program[] = [];
  readonly #choices: Choice[][] = [];
  #pendingSkip = 0;
  #of: number;
  #at: number;

  constructor(slots: FieldSlots, phase: Phase, shared?: Shared) {
    this.#shared = shared ?? {
      slots,
      found: new Map(),
      frames: [],
      names: [],
      options: {},
      fieldsLeft: MAX_FIELDS,
    };
    this.#of = phase.of;
    this.#at = phase.at;
  }

  /** Where a program that follows begins. */
  get phase(): Phase {
    return { of: this.#of, at: this.#at };
  }

  /** The wanted fields that were there, by name with the prefix of their part. */
  get found(): ReadonlyMap<string, SlotField> {
    return this.#shared.found;
  }

  /** Failure `UnreadableType`. */
  addPart(part: Part, type: FieldType | undefined, options: PartOptions): this {
    if (type === undefined) return this;
    const { frames, slots } = this.#shared;
    this.#shared.options = options;
    frames.push(slots.of(part));
    if (type.kind === 'struct') {
      this.#align(type.alignBits);
      for (const field of type.fields) this.#field(field, true);
    } else this.#type(type, '', false);
    frames.pop();
    return this;
  }

  finish(): Program {
    this.#flush();
    this.#code.push(Op.End);
    return { code: Int32Array.from(this.#code), programs: this.#programs, choices: this.#choices };
  }

  #field({ name, type }: Field, isTop: boolean): void {
    const shared = this.#shared;
    const { fieldBudget } = shared.slots;
    shared.fieldsLeft -= 1;
    fieldBudget.left -= 1;
    if (shared.fieldsLeft < 0 || fieldBudget.left < 0) throw new UnreadableType('it has too many fields');
    shared.names.push(name);
    this.#type(type, name, isTop);
    shared.names.pop();
  }

  #type(type: FieldType, name: string, isTop: boolean): void {
    const wanted = this.#wantedName(name, isTop);
    switch (type.kind) {
      case 'integer':
        this.#integer(type, name, wanted);
        return;
      case 'enum':
        this.#integer(type.container, name, wanted, type.ranges);
        return;
      case 'float':
        this.#align(type.alignBits);
        this.#skip(type.sizeBits);
        return;
      case 'string':
        this.#align(8);
        this.#emit(Op.String, wanted === undefined ? -1 : this.#find(wanted, 'text', 8));
        this.#setPhase({ of: 8, at: 0 });
        return;
      case 'struct':
        this.#align(type.alignBits);
        this.#within(() => {
          for (const field of type.fields) this.#field(field, false);
        });
        return;
      case 'variant':
        this.#within(() => this.#variant(type));
        return;
      case 'array':
        this.#align(alignmentOf(type.element));
        this.#array(type, wanted);
        return;
      case 'sequence':
        this.#align(alignmentOf(type.element));
        this.#sequence(type, wanted);
    }
  }

  #wantedName(name: string, isTop: boolean): string | undefined {
    const { wanted, isDeep, prefix } = this.#shared.options;
    if (wanted === undefined || (!isTop && isDeep !== true)) return undefined;
    const shown = name.startsWith('_') ? name.slice(1) : name;
    return wanted.has(shown) ? `${prefix ?? ''}${shown}` : undefined;
  }

  #within(members: () => void): void {
    const { frames } = this.#shared;
    frames.push(new Map());
    members();
    frames.pop();
  }

  #integer(type: IntegerType, name: string, wanted: string | undefined, ranges?: LabelRanges): void {
    const { slots, options } = this.#shared;
    const { sizeBits } = type;
    this.#align(type.alignBits);
    const isLittle = type.byteOrder === 'native' ? slots.isLittleEndian : type.byteOrder === 'le';
    const flags = (type.isSigned ? SIGNED : 0) | (isLittle ? LITTLE_ENDIAN : 0);
    if (options.isClock?.(name, type) === true) this.#emit(Op.Clock, sizeBits, flags);
    else if (wanted === undefined && !slots.referenced.has(name)) {
      this.#skip(sizeBits);
      return;
    } else {
      const slot =
        wanted === undefined ? slots.next() : this.#find(wanted, 'integer', sizeBits, type.isSigned);
      this.#register(slot);
      if (ranges !== undefined) slots.ranges.set(slot, ranges);
      const isAtByte = this.#of >= 8 && this.#at % 8 === 0;
      if (sizeBits === 32 && isAtByte) this.#emit(Op.Integer32, slot, flags);
      else this.#emit(Op.Integer, slot, sizeBits, flags);
    }
    this.#advance(sizeBits);
  }

  /** Slot of a wanted field. The first declaration tells its size; those of other options share the slot. */
  #find(name: string, kind: SlotField['kind'], sizeBits: number, isSigned = false): number {
    const { slots, found } = this.#shared;
    const known = found.get(name);
    if (known?.kind === kind) return known.slot;
    const slot = slots.next();
    found.set(name, { slot, kind, sizeBits, isSigned });
    return slot;
  }

  /** Notes the field that is being read in each structure around it, by the path from there. */
  #register(slot: number): void {
    const { frames, names } = this.#shared;
    let path = '';
    for (let up = 1; up <= frames.length; up += 1) {
      const name = names[names.length - up];
      if (name === undefined) return;
      path = path === '' ? name : `${name}.${path}`;
      frames[frames.length - up]!.set(path, slot);
    }
  }

  /** Slot of the field that a path means: from a part on, or within the structures around. */
  #resolve(path: string): number {
    const { slots, frames } = this.#shared;
    for (const part of PARTS) {
      const slot = path.startsWith(`${part}.`) ? slots.of(part).get(path.slice(part.length + 1)) : undefined;
      if (slot !== undefined) return slot;
    }
    for (let i = frames.length - 1; i >= 0; i -= 1) {
      const slot = frames[i]!.get(path);
      if (slot !== undefined) return slot;
    }
    throw new UnreadableType(`there is no field "${path.slice(0, 60)}" before the one that refers to it`);
  }

  #variant({ tag, options }: VariantType): void {
    if (tag === undefined) throw new UnreadableType('it has a variant without a tag');
    const slot = this.#resolve(tag);
    const ranges = this.#shared.slots.ranges.get(slot);
    if (ranges === undefined)
      throw new UnreadableType(`the variant's tag "${tag.slice(0, 60)}" is no enumeration`);
    const choices: Choice[] = [];
    // The position before the options: what is to be skipped until there is skipped before the choice.
    this.#flush();
    const before = this.phase;
    let after: Phase | undefined;
    for (const option of options) {
      const inner = this.#inner(before);
      inner.#field(option, false);
      const program = inner.finish();
      after = after === undefined ? inner.phase : commonPhase(after, inner.phase);
      // LTTng sets `_` before the names of options, not before the labels.
      const values = ranges.get(option.name) ?? ranges.get(option.name.replace(/^_/, ''));
      for (const { low, high } of values ?? []) choices.push({ low, high, program });
    }
    if (choices.length > MAX_CHOICES) throw new UnreadableType('it has a variant of too many options');
    this.#choices.push(choices);
    this.#emit(Op.Variant, slot, this.#choices.length - 1);
    this.#setPhase(after ?? UNKNOWN_PHASE);
  }

  #array(type: ArrayType, wanted: string | undefined): void {
    const { element, length } = type;
    const bits = staticBitsOf(type);
    if (wanted !== undefined && isText(element)) {
      this.#emit(Op.Characters, this.#find(wanted, 'text', 8), operand(length));
      this.#advance(length * 8);
    } else if (bits !== undefined) this.#skip(bits);
    else this.#repeat(Op.Repeat, operand(length), element);
  }

  #sequence({ element, lengthPath }: SequenceType, wanted: string | undefined): void {
    const length = this.#resolve(lengthPath);
    const bits = staticBitsOf(element);
    if (wanted !== undefined && isText(element)) {
      this.#emit(Op.CharacterSequence, length, this.#find(wanted, 'text', 8));
      this.#setPhase(phaseAfterElements(this.phase, 8, 8));
    } else if (bits !== undefined) {
      const stride = operand(strideOf(element, bits));
      this.#emit(Op.SkipSequence, length, bits, stride);
      this.#setPhase(phaseAfterElements(this.phase, bits, stride));
    } else this.#repeat(Op.RepeatSequence, length, element);
  }

  #repeat(op: Op, count: number, element: FieldType): void {
    // Each element begins wherever the one before it ended.
    const inner = this.#inner(UNKNOWN_PHASE);
    inner.#type(element, '', false);
    this.#programs.push(inner.finish());
    this.#emit(op, count, this.#programs.length - 1);
    this.#setPhase(commonPhase(this.phase, inner.phase));
  }

  #inner(phase: Phase): ProgramBuilder {
    return new ProgramBuilder(this.#shared.slots, phase, this.#shared);
  }

  #align(bits: number): void {
    if (this.#of >= bits) this.#skip((bits - (this.#at % bits)) % bits);
    else {
      this.#emit(Op.Align, bits - 1);
      this.#setPhase({ of: bits, at: 0 });
    }
  }

  #skip(bits: number): void {
    this.#pendingSkip = operand(this.#pendingSkip + bits);
    this.#advance(bits);
  }

  #flush(): void {
    if (this.#pendingSkip > 0) this.#code.push(Op.Skip, this.#pendingSkip);
    this.#pendingSkip = 0;
  }

  #emit(op: Op, ...operands: readonly number[]): void {
    this.#flush();
    this.#code.push(op, ...operands);
  }

  #advance(bits: number): void {
    this.#at = (this.#at + bits) % this.#of;
  }

  #setPhase({ of, at }: Phase): void {
    this.#of = of;
    this.#at = at;
  }
}

/** Characters are taken as such whether their encoding is told or not: some tracers do not tell it. */
function isText(element: FieldType): boolean {
  return element.kind === 'integer' && element.sizeBits === 8 && element.alignBits === 8;
}

function operand(value: number): number {
  // Also what is no number any more.
  if (!(value <= MAX_OPERAND)) throw new UnreadableType('it has a field of more than 256 MiB');
  return value;
}
