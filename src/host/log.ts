import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';

/** The extension's output channel; one for everything. */
export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('KernelOracle', { log: true });

  info(message: string): void {
    this.#channel.info(message);
  }

  error(what: string, error: unknown): void {
    this.#channel.error(`${what}: ${messageOf(error)}`);
    if (error instanceof Error && error.stack !== undefined) this.#channel.debug(error.stack);
  }

  show(): void {
    this.#channel.show();
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
