/**
 * How the system's ssh asks: it runs SSH_ASKPASS with the question as its argument and reads the answer from its output.
 * Ours is a few lines of script that hand the question to this process over a socket in a folder of the user alone, so
 * that no secret stands in an argument, in the environment or in a file. Source: ssh(1), ENVIRONMENT.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Disposable } from '../../base/disposable.js';
import { quoteWord } from '../shellCommand.js';

/** @returns undefined: no answer; ssh then gives up that way of logging in */
export type AnswerQuestion = (question: string) => Promise<string | undefined>;

const MAX_QUESTION_BYTES = 64 * 1024;

export class Askpass implements Disposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param folder private to the user, and short: it holds a socket */
  private constructor(
    private readonly folder: string,
    private readonly answer: AnswerQuestion,
  ) {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(folder: string, answer: AnswerQuestion): Promise<Askpass> {
    const askpass = new Askpass(folder, answer);
    writeFileSync(join(folder, 'ask.js'), CLIENT, { mode: 0o600 });
    // VS Code's own process runs as Node when it is told so; Node itself does not mind.
    const script = `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${quoteWord(process.execPath)} "\${0%/*}/ask.js" "$1"\n`;
    writeFileSync(askpass.#script, script);
    chmodSync(askpass.#script, 0o700);
    await new Promise<void>((resolve, reject) => {
      askpass.#server.once('error', reject);
      askpass.#server.listen(join(folder, 'ask'), resolve);
    });
    return askpass;
  }

  /** For the environment of ssh. */
  get variables(): Record<string, string> {
    // Without DISPLAY an older ssh does not think of asking this way.
    return {
      SSH_ASKPASS: this.#script,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: process.env['DISPLAY'] ?? ':0',
    };
  }

  dispose(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  get #script(): string {
    return join(this.folder, 'askpass');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined); // ssh has ended in the meantime.
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_QUESTION_BYTES) socket.destroy();
      else if (text.endsWith('\0')) {
        this.answer(text.slice(0, -1)).then(
          (answer) => socket.end(answer === undefined ? '' : `+${answer}`),
          () => socket.destroy(),
        );
      }
    });
  }
}

/** What the script runs: sends the question, prints the answer. A notice (kind `none`) waits until ssh takes it back. */
const CLIENT = `'use strict';
if (process.env.SSH_ASKPASS_PROMPT === 'none') setInterval(() => undefined, 60000);
else {
  let answer = '';
  const socket = require('net').connect(__dirname + '/ask', () => socket.write(process.argv[2] + '\\0'));
  socket.setEncoding('utf8');
  socket.on('data', (text) => (answer += text));
  socket.on('error', () => process.exit(1));
  socket.on('end', () => {
    if (!answer.startsWith('+')) process.exit(1);
    process.stdout.write(answer.slice(1) + '\\n', () => process.exit(0));
  });
}
`;
