/** Collects what goes wrong in webviews. The workbench around them has errors of its own, which are not ours to judge. */
import type { ConsoleMessage, Page } from 'playwright-core';

/** Files of the workbench and of its own extension host; those that show webviews are not among them. */
const workbenchFile = /\/static\/(?:node_modules\/|extensions\/|out\/(?!vs\/workbench\/contrib\/webview\/))/;

export class WebviewErrors {
  readonly #seen: string[] = [];
  /** Everything the page's console said, for the artifacts of a failed test. */
  readonly console: string[] = [];

  constructor(page: Page) {
    page.on('console', (message) => this.#onConsole(message));
    page.on('pageerror', (error) => this.#add('uncaught', error.stack ?? error.message, error.stack ?? ''));
    // A webview that raises a dialog has run a script that came with the data.
    page.on('dialog', (dialog) => {
      this.#seen.push(`dialog: ${dialog.type()} ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  #onConsole(message: ConsoleMessage): void {
    this.console.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    if (message.type() === 'error') this.#add('console', message.text(), message.location().url);
  }

  /** Inline scripts have no file, a webview's own files come from a made-up host: both count as the webview's. */
  #add(kind: string, text: string, source: string): void {
    if (!workbenchFile.test(source)) this.#seen.push(`${kind}: ${text}`);
  }

  /** The errors since the last call. */
  take(): string[] {
    return this.#seen.splice(0);
  }
}
