/**
 * Words of TSDL, the language of a CTF trace's `metadata`. Source: Common Trace Format 1.8.3, appendix C.
 *
 *     typealias integer { size = 27; align = 1; signed = false; map = clock.monotonic.value; } := uint27_clock_monotonic_t;
 */
import { Failure } from '../../../base/errors.js';

export type TokenKind = 'name' | 'number' | 'string' | 'mark' | 'end';

const SPACE = /(?:\s+|\/\*[^]*?\*\/|\/\/[^\n]*)*/y;
const WORD =
  /([A-Za-z_]\w*)|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])+)'|(\.\.\.|:=|[^\s\w])/y;

/** No number of the language has more digits: 64 bits, in octal. */
const MAX_NUMBER_CHARACTERS = 22;

/** Reads word by word; `kind`, `text` and `number` are those of the word it stands on. */
export class TsdlLexer {
  kind: TokenKind = 'end';
  /** Of a string without its quotes. */
  text = '';
  /** Of a number. */
  number = 0n;
  /** Where the word begins, in characters. */
  offset = 0;
  #at = 0;

  constructor(readonly source: string) {
    this.next();
  }

  next(): void {
    SPACE.lastIndex = this.#at;
    this.offset = this.#at += SPACE.exec(this.source)?.[0].length ?? 0;
    if (this.#at >= this.source.length) {
      this.kind = 'end';
      this.text = '';
      return;
    }
    WORD.lastIndex = this.#at;
    const match = WORD.exec(this.source);
    if (match === null) throw this.failure('a text begins that has no end');
    this.#at = WORD.lastIndex;
    const [, name, number, string, character, mark] = match;
    this.kind =
      name !== undefined ? 'name' : number !== undefined ? 'number' : mark !== undefined ? 'mark' : 'string';
    this.text = name ?? number ?? unescaped(string ?? character) ?? mark ?? '';
    if (number !== undefined) this.number = this.#valueOf(number);
  }

  /** Whether the word is this mark or name (never a string of that text). */
  is(text: string): boolean {
    return this.text === text && (this.kind === 'mark' || this.kind === 'name');
  }

  /** Goes on when the word is this one. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.failure(`"${text}" is missing before ${this.shown()}`);
  }

  name(what: string): string {
    if (this.kind !== 'name') throw this.failure(`${what} is missing before ${this.shown()}`);
    const { text } = this;
    this.next();
    return text;
  }

  /** The word as it is shown in messages. */
  shown(): string {
    if (this.kind === 'end') return 'the end';
    return `"${this.text.slice(0, 40)}"`;
  }

  failure(what: string): Failure {
    let line = 1;
    for (let at = this.source.indexOf('\n'); at >= 0 && at < this.offset;) {
      line += 1;
      at = this.source.indexOf('\n', at + 1);
    }
    return new Failure('bad-input', `line ${line} (character ${this.offset}): ${what}`);
  }

  #valueOf(digits: string): bigint {
    if (digits.length > MAX_NUMBER_CHARACTERS) throw this.failure('a number is longer than 64 bits');
    // A leading 0 means octal, as in C.
    if (!/^0\d/.test(digits)) return BigInt(digits);
    return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : BigInt(digits);
  }
}

const ESCAPES: Partial<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/\\([^])/g, (_all, character: string) => ESCAPES[character] ?? character);
}
