import { relative } from 'node:path';

/** A path as it is shown: relative where the file lies below the root. */
export function shownPath(path: string, root: string): string {
  const below = relative(root, path);
  return below.startsWith('..') ? path : below;
}
