/**
 * Where a cursor stands in a YAML file of mappings and sequences, found by indentation: a file that is being typed is
 * seldom whole, and a parser would give up where completion begins.
 */

/** A key of a mapping, or an entry of a sequence. */
export type Step = string | typeof ENTRY;
export const ENTRY = Symbol('an entry of a sequence');

export interface Place {
  /** The mapping or sequence that the line belongs to, from the top. */
  readonly path: readonly Step[];
  /** The key of the line, when its colon stands before the cursor: its value is being typed. Null: a key is. */
  readonly key: string | null;
  /** Behind the colon, up to the cursor. */
  readonly value: string;
  /** The word under the cursor, up to the cursor. */
  readonly typed: string;
  /** What the same mapping has on other lines: keys, and what stands behind their colons. */
  readonly siblings: ReadonlyMap<string, string>;
  /** For each step of the path that is a key: what the mapping of that key has on other lines. Empty for entries. */
  readonly around: readonly ReadonlyMap<string, string>[];
}

interface Line {
  /** Columns of the dashes before the key or value. */
  readonly dashes: readonly number[];
  /** Column of the key or value. */
  readonly column: number;
  readonly key: string | null;
  /** Behind the colon, as it is written. */
  readonly value: string;
}

/** `  - - name: x`: blanks, dashes, and a key with its colon. */
const LINE = /^( *)((?:- +|-$)*)(?:("[^"]*"|'[^']*'|[^\s#'"{[][^:#]*?) *:(?=\s|$))?/;

function parseLine(text: string): Line | null {
  const match = LINE.exec(text);
  if (match === null || /^\s*(#|$|---|\.\.\.)/.test(text)) return null;
  const [, blanks = '', marks = '', key] = match;
  const dashes = [...marks.matchAll(/-/g)].map(({ index }) => blanks.length + index);
  return {
    dashes,
    column: blanks.length + marks.length,
    key: key === undefined ? null : key.replace(/^(["'])(.*)\1$/, '$2'),
    value: text
      .slice(match[0].length)
      .replace(/\s#.*$/, '')
      .trim(),
  };
}

/** @param lines of the file @param row zero-based @param column UTF-16 units before the cursor */
export function placeAt(lines: readonly string[], row: number, column: number): Place {
  const before = (lines[row] ?? '').slice(0, column);
  const here = parseLine(before) ?? { dashes: [], column: before.length, key: null, value: '' };
  const typed = /[^\s,[\]{}:"']*$/.exec(before)![0];
  return {
    ...pathTo(lines, row, here),
    key: here.key,
    value: here.value,
    typed,
    siblings: siblingsOf(lines, row, here),
  };
}

/** Walks up: each line further left than all before it is a parent. */
function pathTo(lines: readonly string[], row: number, here: Line): Pick<Place, 'path' | 'around'> {
  // A sequence may stand below its key in the same column, a mapping may not.
  const at = {
    path: [] as Step[],
    around: [] as ReadonlyMap<string, string>[],
    limit: here.column,
    mayEqual: false,
  };
  const enter = (dashes: readonly number[]) => {
    for (const dash of dashes.toReversed()) {
      if (dash >= at.limit) continue;
      at.path.unshift(ENTRY);
      at.around.unshift(NOTHING);
      at.limit = dash;
      at.mayEqual = true;
    }
  };
  enter(here.dashes);
  for (let above = row - 1; above >= 0 && (at.limit > 0 || at.mayEqual); above -= 1) {
    const line = parseLine(lines[above]!);
    if (line === null) continue;
    const isParent = line.column < at.limit || (at.mayEqual && line.column === at.limit);
    if (isParent && line.key !== null) {
      at.path.unshift(line.key);
      at.around.unshift(siblingsOf(lines, above, line));
      at.limit = line.column;
      at.mayEqual = false;
    }
    enter(line.dashes);
  }
  return { path: at.path, around: at.around };
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function siblingsOf(lines: readonly string[], row: number, here: Line): Map<string, string> {
  const keys = new Map<string, string>();
  const look = (from: number, step: 1 | -1) => {
    for (let at = from; at >= 0 && at < lines.length; at += step) {
      const line = parseLine(lines[at]!);
      if (line === null) continue;
      // Downwards a dash begins another entry; upwards it is the head of ours.
      if (line.column < here.column || (step > 0 && line.dashes.length > 0 && line.column === here.column))
        return;
      if (line.column === here.column && line.key !== null) keys.set(line.key, line.value);
      if (line.column === here.column && line.dashes.length > 0) return;
    }
  };
  if (here.dashes.length === 0) look(row - 1, -1);
  look(row + 1, 1);
  return keys;
}
