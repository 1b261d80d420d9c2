/** A VS Code window in the browser, driven as a person would: by the command palette, the explorer, the mouse. */
import { basename, join } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { saveArtifact } from './artifacts.js';
import type { Editor } from './editor.js';
import { decodePng, Picture } from './picture.js';
import { until } from './until.js';
import { WebviewErrors } from './webviewErrors.js';

/** Themes by their name in the setting: what the picker calls them, and the class that the workbench carries then. */
export const themes = {
  'Default Dark Modern': { label: 'Dark Modern', className: 'vs-dark' },
  'Default Light Modern': { label: 'Light Modern', className: 'vs' },
  'Default High Contrast': { label: 'Dark High Contrast', className: 'hc-black' },
  'Default High Contrast Light': { label: 'Light High Contrast', className: 'hc-light' },
} as const;

export type Theme = keyof typeof themes;

/** Every command of ours begins so in the palette. */
const category = 'KernelOracle: ';

export class Workbench {
  readonly #errors: WebviewErrors;

  constructor(
    readonly page: Page,
    readonly editor: Editor,
    /** The folder that is open, an absolute path. */
    readonly workspace: string,
  ) {
    this.#errors = new WebviewErrors(page);
  }

  /** Waits until the workbench is up and the extension's commands and editors are registered. */
  async untilReady(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.editor').waitFor();
    await this.page.locator('.explorer-folders-view .monaco-list').waitFor();
    // Until extensions are registered a trace would open as text. The palette does not follow: it is asked again.
    await until(
      'the extension to be registered',
      async () => (await this.commandTitles(category)).length > 0,
    );
  }

  /** The titles that the command palette offers for a search, the best first; only those that contain the search text. */
  async commandTitles(search: string): Promise<string[]> {
    await this.#ask(`>${search}`);
    // Either some command matches or a row says that none does: there is a row at once.
    await this.#rows().first().waitFor();
    const titles = await this.#rows().locator('.label-name').allInnerTexts();
    await this.closePalette();
    const wanted = search.trim().toLowerCase();
    return titles.map((title) => title.trim()).filter((title) => title.toLowerCase().includes(wanted));
  }

  /** @param title as the palette shows it: "KernelOracle: Open Trace…" */
  async runCommand(title: string): Promise<void> {
    // What the palette offers depends on the editor in front, and it does not follow when that has just opened.
    await until(`the command ${title}`, async () => {
      await this.#ask(`>${title}`);
      const offered = this.#row(title).waitFor({ timeout: 3000 });
      if (await offered.then(() => true).catch(() => false)) return true;
      await this.closePalette();
      return false;
    });
    await this.pick(title);
  }

  /** Chooses a row of the open palette or list by its exact label. */
  async pick(label: string, timeoutMs?: number): Promise<void> {
    await this.#row(label).click(timeoutMs === undefined ? {} : { timeout: timeoutMs });
  }

  /** Types into the open input box or file dialog and confirms it. */
  async answer(text: string): Promise<void> {
    await this.#input().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /**
   * Names a file in the dialog that opens or saves one. The dialog puts its own proposal into the box while its folder
   * is still being read, over what was typed by then, and takes no Enter while it reads.
   *
   * @param previous path that was typed into a box just before, which may still be there
   */
  async answerFileDialog(path: string, previous?: string): Promise<void> {
    const input = this.#input();
    await until('the file dialog', async () => {
      const value = await input.inputValue();
      return value.startsWith('/') && value !== previous && (await this.#stays());
    });
    await until('the file dialog to take the path', async () => {
      if ((await this.#boxText()) !== path) await input.fill(path);
      if (!(await this.#staysInBox(path))) return false;
      await this.page.keyboard.press('Enter');
      return this.#leavesBox(path);
    });
  }

  /** What stands in the box that is open; undefined: none is. A folder that was entered, and not yet chosen, has a slash behind it. */
  async #boxText(): Promise<string | undefined> {
    const input = this.#input();
    if (!(await input.isVisible())) return undefined;
    const text = await input.inputValue({ timeout: 1000 }).catch(() => undefined);
    return text?.replace(/(?<=.)\/$/, '');
  }

  /** Whether what is in the box stays there for a third of a second. */
  async #stays(): Promise<boolean> {
    const text = await this.#boxText();
    return text !== undefined && this.#staysInBox(text);
  }

  /** Whether this text stays in the box for a third of a second. */
  async #staysInBox(text: string): Promise<boolean> {
    for (let i = 0; i < 4; i++) {
      if (i > 0) await this.page.waitForTimeout(110);
      if ((await this.#boxText()) !== text) return false;
    }
    return true;
  }

  /** Whether the box closes, or another follows, within two seconds. */
  async #leavesBox(text: string): Promise<boolean> {
    for (let i = 0; i < 20; i++) {
      if ((await this.#boxText()) !== text) return true;
      await this.page.waitForTimeout(100);
    }
    return false;
  }

  async closePalette(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.#input().waitFor({ state: 'hidden' });
  }

  /** Opens the palette with this text in it. */
  async #ask(text: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.#input().fill(text);
  }

  #input(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }

  /** The row of the open palette or list with exactly this label. */
  #row(label: string): Locator {
    const exactly = new RegExp(`^\\s*${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
    return this.#rows()
      .filter({ has: this.page.locator('.label-name', { hasText: exactly }) })
      .first();
  }

  #rows(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  /** Opens a file of the workspace in its default editor, by quick open, and waits for its tab. */
  async openFile(path: string): Promise<void> {
    await this.#ask(path);
    await this.pick(basename(path));
    await this.untilTab(basename(path));
  }

  /** Opens a file in the editor of this name ("Text Editor", "Trace Timeline"). */
  async openWith(path: string, editorName: string): Promise<void> {
    await this.openFile(path);
    await this.runCommand('View: Reopen Editor With...');
    // The row of the editor now in use has "Active" beside its name, the default one "Default".
    await this.pick(editorName);
  }

  /** Waits until the active tab has this title. */
  async untilTab(title: string): Promise<void> {
    await this.page
      .locator(`.tab.active[data-resource-name="${title}"], .tab.active[aria-label^="${title}"]`)
      .waitFor();
  }

  /**
   * Lets the pointer rest on something in a text editor until this explanation appears. One that came before the server
   * had read the text gets no answer, however long it stays: it goes elsewhere and comes back.
   */
  async untilExplained(place: Locator, elsewhere: Locator, text: string): Promise<void> {
    const explanation = this.page.locator('.monaco-hover', { hasText: text });
    await until(`the explanation "${text}"`, async () => {
      await elsewhere.hover({ position: { x: 300, y: 5 } });
      await place.hover();
      return explanation
        .waitFor({ timeout: 3000 })
        .then(() => true)
        .catch(() => false);
    });
  }

  explorerRow(fileName: string): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: fileName }).first();
  }

  /** The labels of a file's context menu in the explorer; the menu stays open. */
  async explorerMenu(fileName: string): Promise<string[]> {
    await this.explorerRow(fileName).click({ button: 'right' });
    const items = this.page.locator('.monaco-menu .action-item:not(.disabled) .action-label');
    await items.first().waitFor();
    return (await items.allInnerTexts()).map((label) => label.trim()).filter((label) => label !== '');
  }

  async chooseInMenu(label: string): Promise<void> {
    const item = this.page.locator('.monaco-menu .action-item', { hasText: label }).first();
    // In its first tenth of a second a menu takes no clicks, lest the one that opened it chooses something.
    await until('the menu to close', async () => {
      if (await item.isVisible()) await item.click({ timeout: 1000 }).catch(() => undefined);
      return !(await item.isVisible());
    });
  }

  /** The texts of the notifications shown. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification and returns its text. */
  async untilNotification(pattern: RegExp): Promise<string> {
    const message = this.page.locator('.notification-list-item-message', { hasText: pattern }).first();
    await message.waitFor();
    return message.innerText();
  }

  /**
   * The document inside a visible webview.
   * @param selector tells which, by something in it, and waits for that; without it the only or first one
   */
  async webview(selector = 'body', timeoutMs = 30_000): Promise<Frame> {
    return until(`a visible webview with ${selector}`, () => this.#findWebview(selector), { timeoutMs });
  }

  /** VS Code nests three documents: workbench, a frame that it owns, and in that the extension's. */
  async #findWebview(selector: string): Promise<Frame | undefined> {
    for (const frame of this.page.frames()) {
      if (!frame.url().includes('/webview/browser/pre/fake.html')) continue;
      try {
        const [inner, outer] = [await frame.frameElement(), await frame.parentFrame()?.frameElement()];
        // A webview that is loading anew has a second, still pending document.
        if ((await inner.getAttribute('id')) !== 'active-frame' || (await outer?.isVisible()) !== true)
          continue;
        if ((await frame.locator(selector).count()) > 0) return frame;
      } catch {
        // It went away while it was looked at.
      }
    }
    return undefined;
  }

  /** Changes the theme of the open window, as its user does: a settings file that changes under it is not noticed there. */
  async setTheme(theme: Theme): Promise<void> {
    const { label, className } = themes[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.#input().fill(label);
    await this.pick(label);
    await this.page.locator(`.monaco-workbench.${className}`).first().waitFor();
    await this.#input().waitFor({ state: 'hidden' });
  }

  /** What the window shows; kept as an artifact, and to be looked at pixel by pixel. */
  async screenshot(name: string): Promise<Picture> {
    const png = await this.page.screenshot();
    saveArtifact(`${name}.png`, png);
    return decodePng(png);
  }

  /** Like `screenshot`, of one element, also of one inside a webview. */
  async screenshotOf(element: Locator, name: string): Promise<Picture> {
    const png = await element.screenshot();
    saveArtifact(`${name}.png`, png);
    return decodePng(png);
  }

  /** What went wrong in webviews since it was last asked. */
  takeWebviewErrors(): string[] {
    return this.#errors.take();
  }

  /** Keeps a screenshot and the console of a failed test. */
  async saveFailure(testName: string): Promise<void> {
    saveArtifact(`failed ${testName}.console.txt`, this.#errors.console.join('\n'));
    saveArtifact(`failed ${testName}.png`, await this.page.screenshot());
  }

  /** @param path in the workspace */
  pathOf(path: string): string {
    return join(this.workspace, path);
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** The pixels of a 2D canvas in a webview, without what lies above it. */
export async function canvasPicture(frame: Frame, selector = 'canvas'): Promise<Picture> {
  const { width, height, base64 } = await frame
    .locator(selector)
    .first()
    .evaluate(async (element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      // Millions of numbers as JSON would take seconds; the browser's own base64 takes none.
      const url = await new Promise<string>((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result as string);
        reader.readAsDataURL(new Blob([data]));
      });
      return { width: canvas.width, height: canvas.height, base64: url.slice(url.indexOf(',') + 1) };
    });
  return new Picture(width, height, new Uint8Array(Buffer.from(base64, 'base64')));
}

/** A theme colour as the webview sees it: `themeColour(frame, '--vscode-editor-background')`. */
export async function themeColour(frame: Frame, variable: string): Promise<string> {
  return frame.evaluate(
    (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
    variable,
  );
}
