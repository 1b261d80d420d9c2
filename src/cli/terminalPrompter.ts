import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { Failure } from '../base/errors.js';
import type {
  HostKeyQuestion,
  InteractiveQuestion,
  PassphraseQuestion,
  PasswordQuestion,
  Prompter,
} from '../remote/prompter.js';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';

/**
 * Asks on the terminal itself, so that results on stdout and what is piped into stdin stay apart from questions. Without
 * a terminal every question is a failure that says what could not be asked.
 */
export class TerminalPrompter implements Prompter {
  password({ destination, wasWrong }: PasswordQuestion): Promise<string | undefined> {
    return this.#ask(`${wasWrong ? 'That was refused. ' : ''}Password of ${destination}: `, false);
  }

  passphrase({ keyPath, wasWrong }: PassphraseQuestion): Promise<string | undefined> {
    return this.#ask(`${wasWrong ? 'That was wrong. ' : ''}Passphrase of ${keyPath}: `, false);
  }

  async answers({ destination, title, instructions, prompts }: InteractiveQuestion) {
    const heading = [`${destination} asks:`, title, instructions].filter((line) => line !== '').join('\n');
    const answers: string[] = [];
    for (const [at, { text, isEchoed }] of prompts.entries()) {
      const answer = await this.#ask(`${at === 0 ? `${heading}\n` : ''}${text} `, isEchoed);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  async acceptHostKey(question: HostKeyQuestion): Promise<boolean> {
    const { destination, keyType, fingerprint, knownHostsPath } = question;
    const answer = await this.#ask(
      `${destination} is unknown. Its ${keyType} key is ${fingerprint}\n` +
        `Trust it from now on (stored in ${knownHostsPath})? Type yes: `,
      true,
    );
    return answer?.trim().toLowerCase() === 'yes';
  }

  /** Shows what is about to be done and asks for a `yes`. */
  async consent(text: string): Promise<boolean> {
    return (await this.#ask(`${text} Type yes: `, true))?.trim().toLowerCase() === 'yes';
  }

  async #ask(question: string, isEchoed: boolean): Promise<string | undefined> {
    const terminal = openTerminal(question);
    try {
      terminal.output.write(question);
      return await readAnswer(terminal, isEchoed);
    } finally {
      terminal.input.setRawMode(false);
      terminal.input.destroy();
      terminal.output.destroy();
    }
  }
}

interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

function openTerminal(question: string): Terminal {
  try {
    const input = new ReadStream(openSync('/dev/tty', 'r'));
    return { input, output: new WriteStream(openSync('/dev/tty', 'w')) };
  } catch (error) {
    throw new Failure(
      'authentication-failed',
      `There is no terminal to ask on: ${question.trim()} Use a key or an agent, or run the command in a terminal.`,
      { cause: error },
    );
  }
}

/** Reads a line in raw mode, where we echo ourselves, or not. Undefined: interrupted, or the end of the input. */
function readAnswer({ input, output }: Terminal, isEchoed: boolean): Promise<string | undefined> {
  input.setRawMode(true);
  input.setEncoding('utf8');
  return new Promise((resolve) => {
    // By character, so that Backspace takes a whole one.
    const answer: string[] = [];
    const finish = (result: string | undefined) => {
      output.write('\r\n');
      resolve(result);
    };
    input.on('end', () => {
      finish(undefined);
    });
    input.on('data', (data: Buffer | string) => {
      for (const character of String(data)) {
        if (character === '\r' || character === '\n') {
          finish(answer.join(''));
          return;
        }
        if (character === CTRL_C || (character === CTRL_D && answer.length === 0)) {
          finish(undefined);
          return;
        }
        const before = answer.length;
        edit(answer, character);
        if (!isEchoed) continue;
        if (answer.length > before) output.write(character);
        else output.write('\b \b'.repeat(before - answer.length));
      }
    });
  });
}

/** Adds the character, or does what the key does to what was typed. */
function edit(answer: string[], character: string): void {
  if (character === '\u007f' || character === '\b') answer.pop();
  else if (character === CTRL_U) answer.length = 0;
  else if (character >= ' ') answer.push(character);
}
