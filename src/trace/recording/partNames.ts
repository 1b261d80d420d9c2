/** Short names for the files of a recording that lies in several. */

/**
 * What tells paths from each other: without the folders and the endings that all share. `per_cpu/cpu0/trace` and
 * `per_cpu/cpu1/trace` become `cpu0` and `cpu1`; `run/a.txt` and `run/b.txt` become `a.txt` and `b.txt`.
 */
export function shortNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[\\/]/));
  const shortest = Math.min(...parts.map(({ length }) => length));
  const first = parts[0] ?? [];
  const isShared = (at: (segments: readonly string[]) => string | undefined) =>
    parts.every((segments) => at(segments) === at(first));
  let lead = 0;
  while (lead < shortest - 1 && isShared((segments) => segments[lead])) lead += 1;
  let tail = 0;
  while (tail < shortest - lead - 1 && isShared((segments) => segments.at(-1 - tail))) tail += 1;
  return parts.map((segments) => segments.slice(lead, segments.length - tail).join('/'));
}

/** How many names stand in a title before only their number is told. */
const NAMED = 4;

/** `cpu0, cpu1 (2 files)`; `a, b, c, … (9 files)`. */
export function listOf(names: readonly string[]): string {
  const shown = names.length > NAMED ? [...names.slice(0, NAMED - 1), '…'] : names;
  return names.length === 1 ? names[0]! : `${shown.join(', ')} (${names.length} files)`;
}
