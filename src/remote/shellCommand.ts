/**
 * The one place where what a test machine runs becomes a command line. Everything else passes arrays of arguments and
 * programs for `sh`; the type keeps other strings out.
 */
declare const quoted: unique symbol;

/** A command line that the login shell of any user takes as it is meant, be it sh, bash, zsh, fish or csh. */
export type ShellCommand = string & { readonly [quoted]: true };

/**
 * One word for a POSIX shell.
 * @throws RangeError for a NUL, which no argument can carry.
 */
export function quoteWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('An argument of a command cannot hold a NUL.');
  return /^[A-Za-z0-9_./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A program with its arguments, none of which a shell interprets. */
export function shellCommand(argv: readonly [string, ...string[]]): ShellCommand {
  return shellProgram(`exec "$@"`, argv);
}

/**
 * A program text for `sh` with its arguments ($1, $2, …).
 *
 * sshd hands a command line to the user's login shell, which may be one with rules of its own: csh ends a quoted word
 * at a line end and replaces `!`, fish gives a meaning to backslashes in quotes. So what could be taken differently
 * crosses as octal escapes, which every shell leaves alone inside single quotes and `printf %b` of the inner sh undoes.
 */
export function shellProgram(text: string, args: readonly string[] = []): ShellCommand {
  const words = [text, ...args].map((word) => `'${escapeOctal(word)}'`);
  return `exec sh -c '${UNPACK}' ${words.join(' ')}` as ShellCommand;
}

/** With whose rights a program runs: those of the user who logged in, or root's by `sudo -n`, which never asks. */
export type Rights = 'own' | 'sudo';

/** A program text for `sh` with these rights. With `sudo` this one program runs as root, no shell is left open. */
export function shellProgramWith(rights: Rights, text: string, args: readonly string[] = []): ShellCommand {
  return rights === 'own'
    ? shellProgram(text, args)
    : shellProgram('exec sudo -n -- sh -c "$@"', [text, 'sh', ...args]);
}

/**
 * Undoes the escapes: $0 is the program, the rest its arguments. A newline at the end of an argument would be lost in
 * `$( )`, so that a full stop guards it.
 */
const UNPACK = [
  'ko_program=$(printf "%b." "$0"); ko_program=${ko_program%.}',
  'for ko_word do ko_word=$(printf "%b." "$ko_word"); set -- "$@" "${ko_word%.}"; shift; done',
  'unset ko_word; eval "unset ko_program; $ko_program"',
].join('; ');

const PLAIN = /^[A-Za-z0-9_./:=,@%+ -]$/;
const encoder = new TextEncoder();

function escapeOctal(text: string): string {
  if (text.includes('\0')) throw new RangeError('An argument of a command cannot hold a NUL.');
  let escaped = '';
  for (const character of text) {
    if (PLAIN.test(character)) escaped += character;
    else for (const byte of encoder.encode(character)) escaped += `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return escaped;
}
