/** Packs the extension into a VSIX, and looks into it: what is not meant to ship must not. */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, packageDir, root } from './paths.mjs';
import { mustRun } from './processes.mjs';
import { ScriptError } from './terminal.mjs';

const log = join(cacheDir, 'logs', 'package.log');

/** Entries of the archive that may be there; .vscodeignore chooses, this holds it to that. */
const allowed = [
  /^extension\.vsixmanifest$/,
  /^\[Content_Types\]\.xml$/,
  /^extension\/(package\.json|readme\.md|changelog\.md|license(\.txt|\.md)?)$/i,
  /^extension\/(dist|media)\/.+[^/]$/,
];

/** @typedef {{ path: string, sizeBytes: number, entries: ZipEntry[] }} Vsix */
/** @typedef {{ name: string, sizeBytes: number }} ZipEntry size before compression */

/** @returns {{ name: string, publisher: string, version: string }} */
export function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/**
 * The package to install into an editor: the one that KERNEL_ORACLE_VSIX names, for a look at another build, else one made now.
 * @returns {Promise<string>} its path
 */
export async function vsixToInstall() {
  return process.env['KERNEL_ORACLE_VSIX'] ?? (await makeVsix()).path;
}

/**
 * Builds and packs.
 * @returns {Promise<Vsix>}
 */
export async function makeVsix() {
  const { name, version } = manifest();
  const path = join(packageDir, `${name}-${version}.vsix`);
  mkdirSync(packageDir, { recursive: true });
  await mustRun(process.execPath, [join(root, 'scripts', 'build.mjs'), '--production'], {
    cwd: root,
    log,
    doing: 'building the extension',
    remedy: 'correct what the build reports above.',
  });
  // Everything is bundled into dist/, so the packages themselves stay out.
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    path,
  ];
  await mustRun(process.execPath, [vsce, ...args], {
    cwd: root,
    log,
    doing: 'packing the extension with vsce',
    remedy: 'correct what vsce reports above.',
  });
  const entries = zipEntries(path);
  const strangers = entries.filter((entry) => !allowed.some((pattern) => pattern.test(entry.name)));
  if (strangers.length > 0) {
    throw new ScriptError(
      `The VSIX holds files that are not meant to ship:\n${strangers.map((entry) => `  ${entry.name}`).join('\n')}\n` +
        'What to do: exclude them in .vscodeignore, or allow them in scripts/lib/vsix.mjs.',
    );
  }
  const main = `extension/${String(/** @type {{ main?: string }} */ (manifest()).main).replace(/^\.\//, '')}`;
  if (!entries.some((entry) => entry.name === main)) {
    throw new ScriptError(
      `The VSIX lacks ${main}.\nWhat to do: see what the build wrote into dist/, and .vscodeignore.`,
    );
  }
  return { path, sizeBytes: statSync(path).size, entries };
}

/**
 * The names in a ZIP archive, from its central directory (PKWARE APPNOTE 4.3.12 and 4.3.16).
 * @param {string} path
 * @returns {ZipEntry[]}
 */
export function zipEntries(path) {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    // The end record is 22 bytes and a comment of up to 65,535.
    const end = read(file, Math.max(0, size - 22 - 0xffff), size);
    const endAt = end.lastIndexOf(Buffer.from('PK\u0005\u0006'));
    if (endAt < 0) throw new ScriptError(`${path} is not a ZIP archive.`);
    const count = end.readUInt16LE(endAt + 10);
    const directoryAt = end.readUInt32LE(endAt + 16);
    const directory = read(file, directoryAt, directoryAt + end.readUInt32LE(endAt + 12));
    /** @type {ZipEntry[]} */
    const entries = [];
    for (let at = 0; entries.length < count;) {
      const nameLength = directory.readUInt16LE(at + 28);
      entries.push({
        name: directory.toString('utf8', at + 46, at + 46 + nameLength),
        sizeBytes: directory.readUInt32LE(at + 24),
      });
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return entries;
  } finally {
    closeSync(file);
  }
}

/** @param {number} file @param {number} from @param {number} to */
function read(file, from, to) {
  const bytes = Buffer.alloc(to - from);
  readSync(file, bytes, 0, bytes.length, from);
  return bytes;
}
