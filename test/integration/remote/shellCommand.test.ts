/** Command lines against real shells: whatever the login shell of a machine is, words arrive as they were given. */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  quoteWord,
  shellCommand,
  shellProgram,
  shellProgramWith,
  type ShellCommand,
} from '../../../src/remote/shellCommand.js';
import { oneOf, randomNumbers } from '../../support/randomNumbers.js';

const LOGIN_SHELLS = ['sh', 'dash', 'bash', 'zsh', 'fish', 'csh', 'tcsh', 'busybox'];
const POSIX_SHELLS = ['sh', 'dash', 'bash', 'zsh', 'busybox'];
const WORDS_A_SHELL = 400;

/** Characters and pieces that mean something to some shell, beside harmless ones. */
const PIECES = [
  ...Array.from('\'"`$!\\#&|;<>(){}[]*?~%^@=,:. \t\n\r-+/'),
  ...[
    '$(id)',
    '${HOME}',
    '`id`',
    '\\\n',
    '$!',
    '!!',
    '%s',
    '\\0101',
    "'\\''",
    '--',
    '-n',
    '-e',
    '\u0007',
    '\u001b[2J',
  ],
  ...['é', '😀', '\u202e', '\u00a0', 'a', 'Z', '0', 'kernel', 'tmp'],
];

function hostileWords(seed: number): string[] {
  const random = randomNumbers(seed);
  return Array.from({ length: WORDS_A_SHELL }, () =>
    Array.from({ length: random(12) }, () => oneOf(random, PIECES)).join(''),
  );
}

function isHere(shell: string): boolean {
  return spawnSync(shell, ['--help']).error === undefined;
}

/** As sshd does it: `$SHELL -c COMMAND`. */
function byLoginShell(shell: string, command: ShellCommand | string, input = ''): string {
  const argv = shell === 'busybox' ? ['sh', '-c', command] : ['-c', command];
  return execFileSync(shell, argv, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });
}

describe.each(LOGIN_SHELLS)('the login shell %s', (shell) => {
  const here = isHere(shell);
  if (!here) console.warn(`Command lines are not tested in ${shell}: it is not installed.`);

  test.skipIf(!here)('hands on every word of a command', () => {
    const words = hostileWords(1);
    const printed = byLoginShell(shell, shellCommand(['printf', '%s\\0', ...words]));
    expect(printed.split('\0').slice(0, -1)).toEqual(words);
  });

  test.skipIf(!here)('runs a program with its arguments and leaves its input alone', () => {
    const words = hostileWords(2).slice(0, 40);
    const program = `cat\nfor word do printf '%s\\0' "$word"; done # it's "done" !now\\`;
    const printed = byLoginShell(shell, shellProgram(program, words), 'input;');
    expect(printed).toBe(['input;' + words[0]!, ...words.slice(1), ''].join('\0'));
  });
});

describe.each(POSIX_SHELLS)('one word in %s', (shell) => {
  const here = isHere(shell);

  test.skipIf(!here)('is taken as it is', () => {
    for (const word of hostileWords(3).slice(0, 100)) {
      expect(byLoginShell(shell, `printf %s ${quoteWord(word)}`)).toBe(word);
    }
  });
});

test('exit status and signals of the program are those of the command', () => {
  expect(spawnSync('sh', ['-c', shellProgram('exit 7')]).status).toBe(7);
  expect(spawnSync('sh', ['-c', shellProgram('kill -9 $$')]).signal).toBe('SIGKILL');
});

const hasSudo = spawnSync('sudo', ['-n', 'true']).status === 0;
if (!hasSudo)
  console.warn('Command lines through sudo are not tested: it is missing, or asks for a password.');

test.skipIf(!hasSudo)('with sudo the program and its arguments cross one more program unchanged', () => {
  const words = hostileWords(4);
  const command = shellProgramWith('sudo', `id -u; printf '%s\\0' "$@"`, words);
  expect(byLoginShell('sh', command)).toBe(['0\n' + words[0]!, ...words.slice(1), ''].join('\0'));
});

test('a NUL is refused: no argument can carry one', () => {
  expect(() => shellCommand(['a\0b'])).toThrow(RangeError);
  expect(() => quoteWord('\0')).toThrow(RangeError);
});
