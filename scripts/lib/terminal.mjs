/** What the scripts print: steps with their times, and failures that say what to do. */

const colour =
  process.env['NO_COLOR'] === undefined && (process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined);

/** @param {string} code @param {string} text */
function paint(code, text) {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** @param {string} text */
export const bold = (text) => paint('1', text);
/** @param {string} text */
export const green = (text) => paint('32', text);
/** @param {string} text */
export const red = (text) => paint('31', text);
/** @param {string} text */
export const yellow = (text) => paint('33', text);

/** @param {string} message */
export function say(message) {
  process.stdout.write(`${message}\n`);
}

/**
 * For what must not be overlooked in a long log: something was left out, and why.
 * @param {string} message
 */
export function warn(message) {
  const lines = message.split('\n');
  say(yellow(['', ...lines.map((line) => `!!! ${line}`), ''].join('\n')));
}

/** @param {number} sinceMs a `performance.now()` reading */
export function secondsSince(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** A failure that a person can do something about: its message stands alone, without a stack. */
export class ScriptError extends Error {
  /** @param {string} message @param {{ cause?: unknown }} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = 'ScriptError';
  }
}

/**
 * Runs a script's main function; expected failures print their message alone.
 * @param {() => Promise<number | void>} main resolves with the exit code, nothing meaning 0
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(
      `\n${red(error instanceof ScriptError ? error.message : String(error instanceof Error ? error.stack : error))}\n`,
    );
    process.exitCode = 1;
  }
}
