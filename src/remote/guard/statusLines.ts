import { printableText } from '../printableText.js';
import type { GuardStatus } from './guardedProgram.js';

const LONGEST_LINE = 64 * 1024;
const LONGEST_VALUE = 4000;
const MOST_VALUES = 64;
const KEPT_COMPLAINTS = 64 * 1024;

/**
 * Takes the error output of a guarded program apart. A status line is
 *
 *     ko:NONCE:counters events=120 lost=0
 *
 * with plain values, or `\ooo` for each byte of those that are not. It may stand behind a complaint without line end.
 * Everything else is a complaint, of which the end is kept. Memory is bounded whatever comes.
 */
export class StatusLines {
  readonly #marker: string;
  readonly #decoder = new TextDecoder();
  #line = '';
  #complaints = '';

  constructor(
    nonce: string,
    private readonly onStatus: (status: GuardStatus) => void,
  ) {
    this.#marker = `ko:${nonce}:`;
  }

  /** Printable. */
  get complaints(): string {
    return printableText(this.#complaints.slice(-KEPT_COMPLAINTS), KEPT_COMPLAINTS);
  }

  add(chunk: Uint8Array): void {
    const lines = this.#decoder.decode(chunk, { stream: true }).split('\n');
    lines[0] = this.#line + lines[0]!;
    this.#line = lines.pop()!;
    for (const line of lines) this.#take(line);
    if (this.#line.length > LONGEST_LINE) {
      this.#complain(this.#line);
      this.#line = '';
    }
  }

  end(): void {
    if (this.#line !== '') this.#take(this.#line);
    this.#line = '';
  }

  #take(line: string): void {
    const at = line.indexOf(this.#marker);
    const status = at < 0 ? undefined : parseStatus(line.slice(at + this.#marker.length));
    if (status === undefined) this.#complain(`${line}\n`);
    else {
      if (at > 0) this.#complain(`${line.slice(0, at)}\n`);
      this.onStatus(status);
    }
  }

  #complain(text: string): void {
    this.#complaints += text;
    // Cut now and then only: each cut copies all of it.
    if (this.#complaints.length > 2 * KEPT_COMPLAINTS) {
      this.#complaints = this.#complaints.slice(-KEPT_COMPLAINTS);
    }
  }
}

/** Undefined for what is none. */
function parseStatus(text: string): GuardStatus | undefined {
  const [kind = '', ...words] = text.split(' ');
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(kind) || words.length > MOST_VALUES) return undefined;
  const values = new Map<string, string>();
  for (const word of words) {
    const match = /^([a-z][a-zA-Z0-9_]{0,40})=((?:[A-Za-z0-9_./:,@+-]|\\[0-3][0-7]{2})*)$/.exec(word);
    if (match === null) return undefined;
    values.set(match[1]!, printableText(decoded(match[2]!), LONGEST_VALUE));
  }
  return { kind, values };
}

function decoded(value: string): string {
  if (!value.includes('\\')) return value;
  const latin = value.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(latin, 'latin1').toString('utf8');
}
