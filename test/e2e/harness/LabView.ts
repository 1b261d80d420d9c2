/** The view "Test Machines", the dialogs around it, and the panels of machines and of work, as a person uses them. */
import type { Frame, Locator } from 'playwright-core';
import { until } from './until.js';
import type { Workbench } from './Workbench.js';

/** A check as the checklist shows it. */
export interface ShownCheck {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
}

export class LabView {
  constructor(private readonly workbench: Workbench) {}

  /** Shows the view by its icon in the activity bar. */
  async open(): Promise<void> {
    await this.workbench.page.locator('.activitybar .action-label[aria-label="KernelOracle"]').click();
    await this.pane.waitFor();
  }

  get pane(): Locator {
    return this.workbench.page.locator('.pane', {
      has: this.workbench.page.locator('.pane-header', { hasText: /Test Machines/i }),
    });
  }

  row(name: string): Locator {
    return this.pane
      .locator('.monaco-list-row', {
        has: this.workbench.page.locator('.label-name', { hasText: name }),
      })
      .first();
  }

  /** What stands behind a row's name: its state, its value. */
  async description(name: string): Promise<string> {
    const text = this.row(name).locator('.label-description');
    return (await text.count()) === 0 ? '' : (await text.first().innerText()).trim();
  }

  async untilDescription(name: string, pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    return until(
      `${name} to be ${String(pattern)}`,
      async () => {
        const text = await this.description(name);
        return pattern.test(text) ? text : undefined;
      },
      { timeoutMs },
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)} It says: ${await this.description(name)}`);
    });
  }

  /** All rows, each as its name and its description. */
  async rows(): Promise<string[]> {
    const labels = this.pane.locator('.monaco-list-row .monaco-icon-label-container');
    return (await labels.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  }

  /** Chooses in the context menu of a row. */
  async chooseInMenu(name: string, item: string): Promise<void> {
    const menu = this.workbench.page
      .locator('.monaco-menu .action-item:not(.disabled)', { hasText: item })
      .first();
    // A menu closes again when the row below it is drawn anew, and shows for ever what was disabled when it opened, as
    // everything is that needs trust in a window which has just opened.
    await until(`the menu of ${name} with ${item}`, async () => {
      await this.row(name).click({ button: 'right' });
      const opened = await menu.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
      // An open menu takes the next click.
      if (!opened) await this.workbench.page.keyboard.press('Escape');
      return opened;
    });
    await this.workbench.chooseInMenu(item);
  }

  /** The modal dialog that is open. */
  get dialog(): Locator {
    return this.workbench.page.locator('.monaco-dialog-box');
  }

  async dialogText(timeoutMs = 30_000): Promise<string> {
    await this.dialog.waitFor({ timeout: timeoutMs });
    return this.dialog.locator('.dialog-message-container').innerText();
  }

  async answerDialog(button: string): Promise<void> {
    await this.dialog.locator('.monaco-button', { hasText: button }).first().click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  /** The title of the open list or input box. */
  async inputTitle(): Promise<string> {
    return this.workbench.page.locator('.quick-input-widget .quick-input-title').innerText();
  }

  /** Takes what the open list or input box proposes, once its title or prompt fits. */
  async acceptProposal(placeholder: RegExp): Promise<void> {
    await this.untilInput(placeholder);
    await this.workbench.page.keyboard.press('Enter');
  }

  /** Waits for the list or input box whose placeholder or prompt fits. */
  async untilInput(pattern: RegExp, timeoutMs?: number): Promise<Locator> {
    const widget = this.workbench.page.locator('.quick-input-widget');
    const input = widget.locator('.quick-input-box input');
    const isAsked = async () => {
      if (!(await widget.isVisible())) return false;
      const placeholder = (await input.getAttribute('placeholder')) ?? '';
      const message = await widget.locator('.quick-input-message').innerText();
      return pattern.test(`${placeholder}\n${message}`);
    };
    await until(
      `an input that asks ${String(pattern)}`,
      isAsked,
      timeoutMs === undefined ? undefined : { timeoutMs },
    );
    return input;
  }

  async machinePanel(): Promise<Frame> {
    return this.workbench.webview('.machine-view');
  }

  async workPanel(): Promise<Frame> {
    return this.workbench.webview('.work-view');
  }

  /** The checklist of the machine panel in front. */
  async checks(frame: Frame): Promise<ShownCheck[]> {
    return frame.locator('li.check').evaluateAll((items) =>
      items.map((item) => {
        const text = (selector: string) => item.querySelector(selector)?.textContent ?? '';
        return {
          id: (item as HTMLElement).dataset['check'] ?? '',
          status: [...item.classList].find((name) => name !== 'check') ?? '',
          title: text('.check-title strong'),
          detail: text('.check-detail'),
          remedy: text('.check-remedy'),
        };
      }),
    );
  }

  /** Waits until the panel of work in front says this of a machine, by the heads of the columns. */
  async untilLane(
    machine: string,
    check: (lane: Record<string, string>) => boolean,
    timeoutMs = 60_000,
  ): Promise<Frame> {
    let last: unknown;
    return until(
      `the row of ${machine}`,
      async () => {
        // A panel that has just been opened or shown again replaces its document.
        const frame = await this.workPanel();
        const lane = await this.#lane(frame, machine).catch(() => ({}));
        last = lane;
        return check(lane) ? frame : undefined;
      },
      { timeoutMs, intervalMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} It says: ${JSON.stringify(last)}`);
    });
  }

  async #lane(frame: Frame, machine: string): Promise<Record<string, string>> {
    const heads = await frame.locator('table.lanes th').allInnerTexts();
    const cells = await frame.locator(`tr[data-machine="${machine}"] td`).allInnerTexts();
    return Object.fromEntries(heads.map((head, at) => [head, (cells[at] ?? '').trim()]));
  }

  async untilWork(frame: Frame, status: RegExp, timeoutMs = 60_000): Promise<void> {
    const state = frame.locator('.work-header .machine-state');
    await until(
      `the work to be ${String(status)}`,
      async () => status.test((await state.innerText()).trim()),
      { timeoutMs },
    );
  }
}
