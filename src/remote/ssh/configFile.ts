/**
 * The files of ssh_config, line by line: `Keyword argument …`, `Keyword=argument`, `#` comments, quotes, Include.
 * Source: ssh_config(5); argv_split in OpenSSH misc.c for how a line falls into words.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';
import type { SshSurroundings } from './sshOptions.js';

export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string;
  readonly words: readonly string[];
  /** What follows the keyword as it stands: commands are not split. */
  readonly text: string;
  readonly path: string;
  readonly line: number;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_INCLUDE_DEPTH = 16;

/** `~/.ssh/config, line 3`, as it begins a message. */
export function placeOf({ path, line }: { path: string; line: number }): string {
  return `${path}, line ${line}`;
}

export function badConfig(line: ConfigLine, why: string): Failure {
  return new Failure('bad-input', `${placeOf(line)}: ${why}. Correct the SSH configuration there.`);
}

/** Reads files of the SSH configuration, each once. */
export class ConfigFiles {
  readonly #files = new Map<string, readonly ConfigLine[]>();

  constructor(private readonly surroundings: SshSurroundings) {}

  /**
   * The lines of a file; none when it does not exist.
   * Failures: `bad-input`, `permission-denied` (others may write to it), `read-failed`.
   */
  lines(path: string): readonly ConfigLine[] {
    let lines = this.#files.get(path);
    if (lines === undefined) {
      lines = parseConfig(this.#text(path), path);
      this.#files.set(path, lines);
    }
    return lines;
  }

  /** The files that an Include names, in the order in which they are read. */
  included(line: ConfigLine, depth: number): string[] {
    if (depth >= MAX_INCLUDE_DEPTH) {
      throw badConfig(line, `more than ${MAX_INCLUDE_DEPTH} files include each other`);
    }
    const { homeFolder } = this.surroundings;
    const base = this.#isSystems(line.path) ? '/etc/ssh' : join(homeFolder, '.ssh');
    return line.words.flatMap((word) => {
      const path = word.startsWith('~/') ? join(homeFolder, word.slice(2)) : resolve(base, word);
      return expandGlob(path);
    });
  }

  #text(path: string): string {
    try {
      const facts = statSync(path);
      if (!facts.isFile() && path !== '/dev/null') {
        throw new Failure('bad-input', `The SSH configuration ${path} is not a file.`);
      }
      if (facts.size > MAX_FILE_BYTES) {
        throw new Failure(
          'too-large',
          `The SSH configuration ${path} is larger than ${MAX_FILE_BYTES} bytes.`,
        );
      }
      this.#checkWriters(path, facts);
      return readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return '';
      if (error instanceof Failure) throw error;
      throw new Failure('read-failed', `The SSH configuration ${path} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #isSystems(path: string): boolean {
    return path.startsWith('/etc/ssh/') || path === this.surroundings.configFiles[1];
  }

  /** As ssh does: what others may write to could make us run their commands. A file named by the user is his choice. */
  #checkWriters(path: string, { mode, uid }: { mode: number; uid: number }): void {
    if (this.surroundings.configFile !== undefined || this.#isSystems(path)) return;
    if ((mode & 0o022) === 0 && (uid === 0 || uid === this.surroundings.localUid)) return;
    throw new Failure(
      'permission-denied',
      `The SSH configuration ${path} can be changed by others, so that it is not used. Make it yours alone: chmod go-w ${path}`,
    );
  }
}

function parseConfig(text: string, path: string): ConfigLine[] {
  const lines: ConfigLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const found = /^\s*([^\s=#"]+)(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)$/.exec(raw.replace(/\s+$/, ''));
    if (found === null) continue;
    const place = { path, line: index + 1 };
    const words = splitWords(found[2]!);
    if (words === undefined) {
      throw new Failure(
        'bad-input',
        `${placeOf(place)}: a quote is not closed. Correct the SSH configuration there.`,
      );
    }
    lines.push({ ...place, keyword: found[1]!.toLowerCase(), words, text: found[2]! });
  }
  return lines;
}

/** The words of a line up to a comment; undefined when a quote is left open. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return words;
    let word = '';
    let quote = '';
    for (; at < text.length && (quote !== '' || (text[at] !== ' ' && text[at] !== '\t')); at += 1) {
      const character = text[at]!;
      const next = text[at + 1] ?? '';
      if (character === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))) {
        word += next;
        at += 1;
      } else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = '';
      else word += character;
    }
    if (quote !== '') return undefined;
    words.push(word);
  }
}

/** Files that fit a path with `*`, `?` and `[…]`, sorted; a path without them as it is. Hidden ones must be asked for. */
function expandGlob(path: string): string[] {
  let paths = ['/'];
  for (const part of path.split('/').filter((each) => each !== '')) {
    if (!/[*?[]/.test(part)) {
      paths = paths.map((each) => join(each, part));
      continue;
    }
    const shape = globShape(part);
    paths = paths.flatMap((each) =>
      namesIn(each)
        .filter((name) => shape.test(name) && name.startsWith('.') === part.startsWith('.'))
        .sort()
        .map((name) => join(each, name)),
    );
  }
  return paths;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No folder: nothing fits.
  }
}

function globShape(part: string): RegExp {
  const source = part.replace(/\*|\?|\[!?[^\]]+\]|[^*?[]+|\[/g, (piece) => {
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece.length > 2 && piece.startsWith('[')) {
      const set = piece.slice(1, -1);
      return `[${set.replace(/^!/, '^').replace(/[\\\]]/g, '\\$&')}]`;
    }
    return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
