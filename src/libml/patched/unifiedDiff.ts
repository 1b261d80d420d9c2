/** A patch that people can read and `patch -p1` takes: of files that are new, and of replacements whose places are known. */

/** Lines of context about a change. */
const CONTEXT = 3;

interface Change {
  /** Lines of both that are the same before it, counted from 0 in each. */
  readonly oldAt: number;
  readonly newAt: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** @param before null: the file is new @param after ends with a line end, as `before` does */
export function fileDiff(path: string, before: string | null, after: string): string {
  if (before === after) return '';
  const head = `--- ${before === null ? '/dev/null' : `a/${path}`}\n+++ b/${path}\n`;
  if (before === null) {
    const added = linesOf(after);
    return `${head}@@ -0,0 +1,${added.length} @@\n${marked('+', added)}`;
  }
  const old = linesOf(before);
  const hunks = groups(changesOf(old, linesOf(after)));
  return head + hunks.map((changes) => hunkText(old, changes)).join('');
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/**
 * Few lines differ, in few places: from each difference on, the nearest line is looked for at which both go on alike for
 * some lines.
 */
function changesOf(old: readonly string[], fresh: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [oldAt, newAt] = [0, 0];
  while (oldAt < old.length || newAt < fresh.length) {
    if (oldAt < old.length && newAt < fresh.length && old[oldAt] === fresh[newAt]) {
      oldAt += 1;
      newAt += 1;
      continue;
    }
    const [skipped, inserted] = meetingPoint(old, fresh, oldAt, newAt);
    changes.push({
      ...{ oldAt, newAt },
      removed: old.slice(oldAt, oldAt + skipped),
      added: fresh.slice(newAt, newAt + inserted),
    });
    oldAt += skipped;
    newAt += inserted;
  }
  return changes;
}

/** How many lines of each are passed over until both go on alike. */
function meetingPoint(
  old: readonly string[],
  fresh: readonly string[],
  oldAt: number,
  newAt: number,
): readonly [skipped: number, inserted: number] {
  const [oldLeft, newLeft] = [old.length - oldAt, fresh.length - newAt];
  for (let sum = 1; sum <= oldLeft + newLeft; sum += 1) {
    for (let skipped = Math.max(0, sum - newLeft); skipped <= Math.min(sum, oldLeft); skipped += 1) {
      const inserted = sum - skipped;
      if (goOnAlike(old, fresh, oldAt + skipped, newAt + inserted)) return [skipped, inserted];
    }
  }
  return [oldLeft, newLeft];
}

function goOnAlike(old: readonly string[], fresh: readonly string[], oldAt: number, newAt: number): boolean {
  for (let line = 0; line < CONTEXT; line += 1) {
    const [left, right] = [old[oldAt + line], fresh[newAt + line]];
    if (left !== right) return false;
    if (left === undefined) return true;
  }
  return true;
}

/** Changes whose contexts touch are told together. */
function groups(changes: readonly Change[]): Change[][] {
  const found: Change[][] = [];
  let end = -Infinity;
  for (const change of changes) {
    if (change.oldAt - end <= 2 * CONTEXT) found.at(-1)!.push(change);
    else found.push([change]);
    end = change.oldAt + change.removed.length;
  }
  return found;
}

function hunkText(old: readonly string[], changes: readonly Change[]): string {
  const [first, last] = [changes[0]!, changes.at(-1)!];
  const from = Math.max(0, first.oldAt - CONTEXT);
  const to = Math.min(old.length, last.oldAt + last.removed.length + CONTEXT);
  const grown = changes.reduce((sum, { removed, added }) => sum + added.length - removed.length, 0);
  const newFrom = first.newAt - (first.oldAt - from);
  let text = `@@ -${range(from, to - from)} +${range(newFrom, to - from + grown)} @@\n`;
  let at = from;
  for (const { oldAt, removed, added } of changes) {
    text += marked(' ', old.slice(at, oldAt)) + marked('-', removed) + marked('+', added);
    at = oldAt + removed.length;
  }
  return text + marked(' ', old.slice(at, to));
}

/** Of no lines, the line before them is named. */
function range(at: number, count: number): string {
  return `${count === 0 ? at : at + 1},${count}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return lines.map((line) => `${mark}${line}\n`).join('');
}
