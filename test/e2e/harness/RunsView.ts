/** The view "Runs", notifications with progress and the status bar of training, as a person uses them. */
import type { Locator } from 'playwright-core';
import { until } from './until.js';
import type { Workbench } from './Workbench.js';

export class RunsView {
  constructor(private readonly workbench: Workbench) {}

  /** Shows the view by its icon in the activity bar, and makes room for it. */
  async open(): Promise<void> {
    const { page } = this.workbench;
    // The icon of a view that is shown hides it.
    if (!(await this.pane.isVisible())) {
      await page.locator('.activitybar .action-label[aria-label="KernelOracle"]').click();
      await this.pane.waitFor();
    }
    const machines = page.locator('.pane-header', { hasText: /Test Machines/i });
    if ((await machines.getAttribute('aria-expanded')) === 'true') await machines.click();
  }

  get pane(): Locator {
    const { page } = this.workbench;
    return page.locator('.pane', { has: page.locator('.pane-header[aria-label^="Runs"]') });
  }

  /** All rows from top to bottom, each as its name and its description. */
  async rows(): Promise<{ name: string; description: string }[]> {
    return this.pane.locator('.monaco-list-row').evaluateAll((rows) =>
      rows
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((row) => ({
          name: row.querySelector('.label-name')?.textContent.trim() ?? '',
          description: row.querySelector('.label-description')?.textContent.trim() ?? '',
        })),
    );
  }

  row(name: string): Locator {
    const { page } = this.workbench;
    return this.pane
      .locator('.monaco-list-row', { has: page.locator('.label-name', { hasText: name }) })
      .first();
  }

  async description(name: string): Promise<string> {
    return (await this.rows()).find((row) => row.name === name)?.description ?? '';
  }

  async untilDescription(name: string, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    let last: unknown;
    return until(
      `${name} to be ${String(pattern)}`,
      async () => {
        last = await this.rows();
        const text = await this.description(name);
        return pattern.test(text) ? text : undefined;
      },
      { timeoutMs },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} It shows: ${JSON.stringify(last)}`);
    });
  }

  /** Chooses in the context menu of a row; with others selected, for all of them. */
  async chooseInMenu(name: string, item: string): Promise<void> {
    const { page } = this.workbench;
    const menu = page.locator('.monaco-menu .action-item:not(.disabled)', { hasText: item }).first();
    // A menu closes again when the row below it is drawn anew.
    await until(`the menu of ${name} with ${item}`, async () => {
      await this.row(name).click({ button: 'right' });
      const opened = await menu.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
      if (!opened) await page.keyboard.press('Escape');
      return opened;
    });
    await this.workbench.chooseInMenu(item);
  }

  /** The button that a row has at its right end. */
  async clickButton(name: string, title: string): Promise<void> {
    await this.row(name).hover();
    await this.row(name).locator(`.actions .action-label[aria-label^="${title}"]`).click();
  }

  /** The status bar's item of training; hidden when nothing trains. */
  get statusItem(): Locator {
    return this.workbench.page.locator('.statusbar-item[id*="kernelOracle.training"]');
  }

  async untilStatus(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    return until(
      `the status bar to say ${String(pattern)}`,
      async () => {
        if ((await this.statusItem.count()) === 0) return undefined;
        const text = (await this.statusItem.innerText()).trim();
        return pattern.test(text) ? text : undefined;
      },
      { timeoutMs },
    );
  }

  /** The notification with this text, anywhere in it. */
  notification(text: RegExp): Locator {
    return this.workbench.page
      .locator('.notifications-toasts .notification-list-item', { hasText: text })
      .first();
  }

  /** Waits until the panel of a run is there, and takes keys. */
  async untilPanel(name: string): Promise<void> {
    await this.workbench.untilTab(name);
    const frame = await this.workbench.webview('.training-view');
    await frame.locator('h1', { hasText: name }).waitFor();
  }

  /** The modal dialog that is open. */
  get dialog(): Locator {
    return this.workbench.page.locator('.monaco-dialog-box');
  }

  async answerDialog(button: string): Promise<string> {
    await this.dialog.waitFor();
    const text = await this.dialog.locator('.dialog-message-container').innerText();
    await this.dialog.locator('.monaco-button', { hasText: button }).first().click();
    // Another question may follow.
    await until('the dialog to close', async () => {
      const message = this.dialog.locator('.dialog-message-container');
      return !(await message.isVisible()) || (await message.innerText()) !== text;
    });
    return text;
  }
}
