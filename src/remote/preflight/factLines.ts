// What `media/remote/preflight*.sh` print, a line each, the parts separated by tabs:
//   fact<TAB>kernel.release<TAB>6.1.0-18-amd64
//   error<TAB>functions.readable<TAB>Operation not permitted
//   fact<TAB>end<TAB>43
import { printableText } from '../printableText.js';

/** What a machine said about itself: names are ours, values are printable text. */
export interface FactLines {
  readonly facts: ReadonlyMap<string, string>;
  /** Why something could not be read. */
  readonly errors: ReadonlyMap<string, string>;
  /** The program came to its end, and all that it said arrived. */
  readonly isComplete: boolean;
  /** Lines that are none of ours: what a login shell prints, garbage. */
  readonly foreignLines: number;
}

export const NO_FACTS: FactLines = {
  facts: new Map(),
  errors: new Map(),
  isComplete: false,
  foreignLines: 0,
};

const MAX_FACTS = 500;
/** The programs cut values at 16 KiB. */
const MAX_VALUE_LENGTH = 16 * 1024;
/** A byte takes three characters where it is encoded. */
const MAX_LINE_LENGTH = MAX_VALUE_LENGTH * 3 + 200;
const LINE = /^(fact|error)\t([a-z][\w.-]{0,80})\t([\w.,:/=+@ %-]*)$/;

/** Reads whatever was printed: lines of another form are counted and left, the first of two facts with one name holds. */
export function parseFactLines(text: string): FactLines {
  const facts = new Map<string, string>();
  const errors = new Map<string, string>();
  let foreignLines = 0;
  let isComplete = false;
  for (const line of text.split('\n')) {
    const match = line.length > MAX_LINE_LENGTH ? null : LINE.exec(line);
    const value = match === null ? undefined : decode(match[3]!);
    if (match === null || value === undefined || facts.size + errors.size >= MAX_FACTS) {
      if (line.trim() !== '') foreignLines += 1;
      continue;
    }
    const [, kind, name] = match as unknown as [string, string, string];
    if (name === 'end' || name === 'root.end') {
      isComplete = value === String(facts.size + errors.size);
      continue;
    }
    const target = kind === 'fact' ? facts : errors;
    if (!target.has(name)) target.set(name, value);
  }
  return { facts, errors, isComplete, foreignLines };
}

/** Undefined: a percent sign without two hexadecimal digits. */
function decode(value: string): string | undefined {
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/.test(value)) return undefined;
  const bytes = Buffer.from(
    value.replaceAll(/%(..)/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
  return printableText(bytes.toString('utf8'), MAX_VALUE_LENGTH).trim();
}
