/** One line of our own in the user's ~/.ssh/config, and out of it again. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Has ~/.ssh/config include a file. First in it: behind a `Host` it would count for that host alone.
 * @param {string} path absolute @param {string} [config]
 * @returns {() => void} takes the line out again
 */
export function includeInSshConfig(path, config = join(homedir(), '.ssh', 'config')) {
  const line = `Include "${path}"`;
  const without = () => read(config).filter((each) => each !== line);
  const wasThere = existsSync(config);
  write(config, [line, ...without()]);
  return () => {
    const rest = without();
    if (!wasThere && rest.every((each) => each === '')) rmSync(config, { force: true });
    else write(config, rest);
  };
}

/** @param {string} config @returns {string[]} */
function read(config) {
  return existsSync(config) ? readFileSync(config, 'utf8').split('\n') : [''];
}

/** Whole or not at all, and with the rights that it had. @param {string} config @param {string[]} lines */
function write(config, lines) {
  mkdirSync(dirname(config), { recursive: true, mode: 0o700 });
  const isThere = existsSync(config);
  // A link stays one.
  const file = isThere ? realpathSync(config) : config;
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, lines.join('\n'), { mode: isThere ? statSync(file).mode & 0o777 : 0o600 });
  renameSync(part, file);
}
