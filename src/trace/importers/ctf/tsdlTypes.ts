/** Reads the type declarations of TSDL. Source: Common Trace Format 1.8.3, sections 4 and 7.3. */
import {
  alignmentOf,
  type EnumType,
  type Field,
  type FieldType,
  type IntegerType,
  type LabelRanges,
  type ValueRange,
} from './fieldTypes.js';
import type { TsdlLexer } from './tsdlLexer.js';

/** Types within types; what tracers write has about five. */
const MAX_DEPTH = 40;
const MAX_ALIGN_BITS = 4096;
/** Ranges of one enumerator. */
const MAX_RANGES = 64;
const MAX_ARRAY_LENGTH = 2 ** 31;

/** Names of types where they are declared and in the blocks inside. */
export class TypeScope {
  readonly #types = new Map<string, FieldType>();

  constructor(readonly parent: TypeScope | undefined) {}

  /** Tags have their word before them: `struct packet_context`. */
  set(name: string, type: FieldType): void {
    this.#types.set(name, type);
  }

  get(name: string): FieldType | undefined {
    return this.#types.get(name) ?? this.parent?.get(name);
  }
}

/** An attribute's value: `8`, `true`, `UTF8`, `clock.monotonic.value`, `"text"`. */
export type TsdlValue = bigint | string;

export class TsdlTypeReader {
  /** Last names of the paths by which lengths and variants refer to other fields. */
  readonly referenced = new Set<string>();
  readonly #depths = new WeakMap<FieldType, number>();
  #nesting = 0;

  constructor(readonly lexer: TsdlLexer) {}

  /** `typealias`, `typedef` or a declaration of a type on its own; false when it is something else. */
  readDeclaration(scope: TypeScope): boolean {
    const { lexer } = this;
    if (lexer.take('typealias')) {
      const type = this.readType(scope);
      lexer.expect(':=');
      scope.set(this.#words(), type);
    } else if (lexer.take('typedef')) {
      const field = this.#declarator(this.readType(scope, true));
      scope.set(field.name, field.type);
    } else if (lexer.is('struct') || lexer.is('variant') || lexer.is('enum')) {
      this.readType(scope);
    } else return false;
    lexer.expect(';');
    return true;
  }

  /** A type; where a name follows it (`isNamed`), the last of several words is that name and stays. */
  readType(scope: TypeScope, isNamed = false): FieldType {
    const { lexer } = this;
    this.#nesting += 1;
    if (this.#nesting > MAX_DEPTH) throw lexer.failure('types are nested too deeply');
    while (lexer.take('const'));
    const type = this.#specified(scope, isNamed);
    this.#nesting -= 1;
    return type;
  }

  /** `name = value;`, `path.of.names = value;`: the value, up to the `;`. */
  readValue(): TsdlValue {
    const { lexer } = this;
    if (lexer.kind === 'name') return this.readPath();
    if (lexer.kind === 'string') {
      let text = '';
      while (lexer.kind === 'string') {
        text += lexer.text;
        lexer.next();
      }
      return text;
    }
    return this.#integer();
  }

  readPath(): string {
    const { lexer } = this;
    let path = lexer.name('a name');
    while (lexer.take('.')) path += `.${lexer.name('a name')}`;
    return path;
  }

  #specified(scope: TypeScope, isNamed: boolean): FieldType {
    const { lexer } = this;
    if (lexer.take('integer')) return this.#integerType();
    if (lexer.take('floating_point')) return this.#floatType();
    if (lexer.take('string')) {
      if (lexer.is('{')) this.#attributes();
      return { kind: 'string' };
    }
    if (lexer.take('enum')) return this.#enumType(scope);
    if (lexer.take('struct')) return this.#structType(scope);
    if (lexer.take('variant')) return this.#variantType(scope);
    const name = this.#words(isNamed);
    const type = scope.get(name);
    if (type === undefined) throw lexer.failure(`there is no type "${name.slice(0, 60)}"`);
    return type;
  }

  /** `unsigned long`; where a field's name follows, all words but the last. */
  #words(isNamed = false): string {
    const { lexer } = this;
    let words = lexer.name('a type');
    while (lexer.kind === 'name') {
      const { text, offset } = lexer;
      if (isNamed && this.#isLastWord(offset + text.length)) break;
      words += ` ${text}`;
      lexer.next();
    }
    return words;
  }

  /** Whether no further word follows: what stands before `;`, `,` or `[` is a field's name. */
  #isLastWord(after: number): boolean {
    const rest = this.lexer.source.slice(after, after + 2000);
    return !/^(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*\n)*[A-Za-z_]/.test(rest);
  }

  /** `{ size = 32; align = 8; … }` */
  #attributes(): Map<string, TsdlValue> {
    const { lexer } = this;
    const attributes = new Map<string, TsdlValue>();
    lexer.expect('{');
    while (!lexer.take('}')) {
      const name = lexer.name('an attribute');
      lexer.expect('=');
      attributes.set(name, this.readValue());
      lexer.expect(';');
    }
    return attributes;
  }

  #integerType(): IntegerType {
    const attributes = this.#attributes();
    const size = Number(attributes.get('size') ?? 0n);
    if (!Number.isInteger(size) || size < 1 || size > 64) {
      throw this.lexer.failure(`an integer has a size of ${size} bits`);
    }
    const order = attributes.get('byte_order');
    const encoding = String(attributes.get('encoding') ?? 'none').toLowerCase();
    const map = attributes.get('map');
    return {
      kind: 'integer',
      sizeBits: size,
      alignBits: this.#alignment(attributes.get('align'), size % 8 === 0 ? 8 : 1),
      isSigned: isTrue(attributes.get('signed')),
      byteOrder: order === 'le' ? 'le' : order === 'be' || order === 'network' ? 'be' : 'native',
      isCharacter: size === 8 && (encoding === 'utf8' || encoding === 'ascii'),
      clock: typeof map === 'string' ? /^clock\.(.+)\.value$/.exec(map)?.[1] : undefined,
    };
  }

  #floatType(): FieldType {
    const attributes = this.#attributes();
    const size = Number(attributes.get('exp_dig') ?? 0n) + Number(attributes.get('mant_dig') ?? 0n);
    if (![16, 32, 64, 96, 128].includes(size)) {
      throw this.lexer.failure(`a floating point number has a size of ${size} bits`);
    }
    return { kind: 'float', sizeBits: size, alignBits: this.#alignment(attributes.get('align'), 1) };
  }

  #alignment(value: TsdlValue | undefined, usual: number): number {
    if (value === undefined) return usual;
    const bits = typeof value === 'bigint' ? Number(value) : NaN;
    if (!Number.isInteger(Math.log2(bits)) || bits < 1 || bits > MAX_ALIGN_BITS) {
      throw this.lexer.failure(`an alignment of ${String(value).slice(0, 24)} bits is none`);
    }
    return bits;
  }

  /** `enum name : uint5_t { compact = 0 ... 30, extended = 31 }` */
  #enumType(scope: TypeScope): FieldType {
    const { lexer } = this;
    const name = lexer.kind === 'name' ? lexer.name('a name') : undefined;
    const container = lexer.take(':') ? this.readType(scope) : scope.get('int');
    if (!lexer.is('{')) return this.#declared(scope, 'enum', name);
    if (container?.kind !== 'integer') throw lexer.failure('an enumeration is of no integer type');
    const type: EnumType = { kind: 'enum', container, ranges: this.#enumerators() };
    if (name !== undefined) scope.set(`enum ${name}`, type);
    return type;
  }

  #enumerators(): LabelRanges {
    const { lexer } = this;
    const ranges = new Map<string, ValueRange[]>();
    let next = 0n;
    lexer.expect('{');
    while (!lexer.take('}')) {
      const label = lexer.text;
      if (lexer.kind !== 'name' && lexer.kind !== 'string') {
        throw lexer.failure(`an enumerator is missing before ${lexer.shown()}`);
      }
      lexer.next();
      const low = lexer.take('=') ? this.#integer() : next;
      const high = lexer.take('...') ? this.#integer() : low;
      next = high + 1n;
      const known = ranges.get(label);
      if (known === undefined) ranges.set(label, [{ low, high }]);
      else known.push({ low, high });
      if ((known?.length ?? 0) > MAX_RANGES)
        throw lexer.failure(`"${label.slice(0, 40)}" has too many values`);
      if (!lexer.is('}')) lexer.expect(',');
    }
    return ranges;
  }

  #integer(): bigint {
    const { lexer } = this;
    const isNegative = lexer.take('-');
    if (!isNegative) lexer.take('+');
    if (lexer.kind !== 'number') throw lexer.failure(`a number is missing before ${lexer.shown()}`);
    const { number } = lexer;
    lexer.next();
    return isNegative ? -number : number;
  }

  /** `struct name { … } align(8)`, or `struct name` that was declared. */
  #structType(scope: TypeScope): FieldType {
    const { lexer } = this;
    const name = lexer.kind === 'name' && !lexer.is('align') ? lexer.name('a name') : undefined;
    if (!lexer.is('{')) return this.#declared(scope, 'struct', name);
    const fields = this.#fields(new TypeScope(scope));
    let align = fields.reduce((largest, { type }) => Math.max(largest, alignmentOf(type)), 1);
    if (lexer.take('align')) {
      lexer.expect('(');
      align = Math.max(align, this.#alignment(this.#integer(), 1));
      lexer.expect(')');
    }
    const type = this.#nested({ kind: 'struct', fields, alignBits: align }, fields);
    if (name !== undefined) scope.set(`struct ${name}`, type);
    return type;
  }

  /** `variant name <tag> { … }`, or `variant name <tag>` that was declared without a tag. */
  #variantType(scope: TypeScope): FieldType {
    const { lexer } = this;
    const name = lexer.kind === 'name' ? lexer.name('a name') : undefined;
    let tag: string | undefined;
    if (lexer.take('<')) {
      tag = this.#reference();
      lexer.expect('>');
    }
    if (!lexer.is('{')) {
      const declared = this.#declared(scope, 'variant', name);
      return declared.kind !== 'variant' || tag === undefined
        ? declared
        : this.#nested({ ...declared, tag }, declared.options);
    }
    const options = this.#fields(new TypeScope(scope));
    const type = this.#nested({ kind: 'variant', tag, options }, options);
    if (name !== undefined) scope.set(`variant ${name}`, type);
    return type;
  }

  #declared(scope: TypeScope, word: string, name: string | undefined): FieldType {
    const type = name === undefined ? undefined : scope.get(`${word} ${name}`);
    if (type === undefined) throw this.lexer.failure(`there is no "${word} ${name ?? ''}"`);
    return type;
  }

  #reference(): string {
    const path = this.readPath();
    this.referenced.add(path.slice(path.lastIndexOf('.') + 1));
    return path;
  }

  #fields(scope: TypeScope): Field[] {
    const { lexer } = this;
    const fields: Field[] = [];
    lexer.expect('{');
    while (!lexer.take('}')) {
      if (lexer.is('typealias') || lexer.is('typedef')) {
        this.readDeclaration(scope);
        continue;
      }
      const type = this.readType(scope, true);
      // A declaration alone: `struct tag { … };`
      if (lexer.take(';')) continue;
      do fields.push(this.#declarator(type));
      while (lexer.take(','));
      lexer.expect(';');
    }
    return fields;
  }

  /** `name`, `name[16]`, `name[2][length]`: of the brackets the last is the innermost. */
  #declarator(type: FieldType): Field {
    const { lexer } = this;
    const name = lexer.name("a field's name");
    const lengths: (number | string)[] = [];
    while (lexer.take('[')) {
      lengths.push(lexer.kind === 'name' ? this.#reference() : this.#arrayLength());
      lexer.expect(']');
      if (lengths.length > MAX_DEPTH) throw lexer.failure('an array has too many dimensions');
    }
    let whole = type;
    for (const length of lengths.reverse()) {
      whole =
        typeof length === 'number'
          ? this.#nested({ kind: 'array', element: whole, length }, [{ name, type: whole }])
          : this.#nested({ kind: 'sequence', element: whole, lengthPath: length }, [{ name, type: whole }]);
    }
    return { name, type: whole };
  }

  #arrayLength(): number {
    const length = this.#integer();
    if (length < 0n || length > BigInt(MAX_ARRAY_LENGTH)) {
      throw this.lexer.failure(`an array has a length of ${length}`);
    }
    return Number(length);
  }

  /** The type, when it is not too deep: everything that goes through types may do so by recursion. */
  #nested<T extends FieldType>(type: T, inside: readonly Field[]): T {
    const depth = 1 + inside.reduce((most, each) => Math.max(most, this.#depths.get(each.type) ?? 0), 0);
    if (depth > MAX_DEPTH) throw this.lexer.failure('types are nested too deeply');
    this.#depths.set(type, depth);
    return type;
  }
}

function isTrue(value: TsdlValue | undefined): boolean {
  if (typeof value === 'bigint') return value !== 0n;
  return value?.toLowerCase() === 'true';
}
