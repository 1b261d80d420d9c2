/** Modules that a script writes from other sources: ignored by git, made anew when those have changed. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** @param {string} path @param {string} stamp of all that it is made from @returns {boolean} */
export function isCurrentModule(path, stamp) {
  return existsSync(path) && readFileSync(path, 'utf8').startsWith(`// ${stamp}\n`);
}

/** @param {string} path @param {string} stamp @param {string[]} lines */
export function writeModule(path, stamp, lines) {
  mkdirSync(dirname(path), { recursive: true });
  // Two builds at once must not leave half a file.
  const partPath = `${path}.${process.pid}.part`;
  try {
    writeFileSync(partPath, [`// ${stamp}`, ...lines, ''].join('\n'));
    renameSync(partPath, path);
  } finally {
    rmSync(partPath, { force: true });
  }
}
