/** The view of migration records in an open tab: its summary, its table, what can be done with it. */
import type { Frame, Locator } from 'playwright-core';
import { until } from './until.js';
import type { Workbench } from './Workbench.js';

export class RecordsView {
  constructor(
    readonly workbench: Workbench,
    readonly frame: Frame,
  ) {}

  /** Opens a file whose default editor is ours, and waits until all of it has been read. */
  static async open(workbench: Workbench, path: string): Promise<RecordsView> {
    await workbench.openFile(path);
    return RecordsView.shown(workbench, path);
  }

  /** The view in front, of the file of this name, complete. */
  static async shown(workbench: Workbench, name: string): Promise<RecordsView> {
    const frame = await workbench.webview(`.records-view .toolbar-facts[title^="${name}:"]`);
    const view = new RecordsView(workbench, frame);
    await frame.locator('.progress.done').waitFor({ state: 'attached' });
    await view.untilRows('some', (rows) => rows.length > 0);
    return view;
  }

  /** The large figures by their label. */
  async figures(): Promise<Record<string, string>> {
    const entries = await this.frame.locator('.figure').evaluateAll((all) =>
      all.map((each) => {
        const text = (selector: string) => (each as Element).querySelector(selector)?.textContent ?? '';
        return [text('.figure-label'), text('.figure-value')] as const;
      }),
    );
    return Object.fromEntries(entries);
  }

  get count(): Locator {
    return this.frame.locator('.filter-bar .count');
  }

  get filter(): Locator {
    return this.frame.getByRole('textbox', { name: 'Filter by pid or name' });
  }

  choice(name: string): Locator {
    return this.frame.getByRole('radio', { name: new RegExp(`^${name} [\\d,]+$`) });
  }

  header(name: string): Locator {
    return this.frame
      .getByRole('table', { name: 'Calls of can_migrate_task' })
      .getByRole('columnheader')
      .filter({ has: this.frame.getByText(name, { exact: true }) });
  }

  /** The cells of the rows that exist, by column heading. */
  async rows(): Promise<Record<string, string>[]> {
    return this.frame.getByRole('table', { name: 'Calls of can_migrate_task' }).evaluate((element) => {
      const table = element as HTMLTableElement;
      const heads = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent.trim());
      const rows = [...table.querySelectorAll('tbody tr:not(.spacer)')];
      return rows.map((row) => {
        const cells = [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim());
        return Object.fromEntries(cells.map((cell, column) => [heads[column] ?? '', cell]));
      });
    });
  }

  /** Waits until the table has the rows that the check wants; rows that are still asked for do not count. */
  untilRows<T>(what: string, check: (rows: Record<string, string>[]) => T | undefined | false): Promise<T> {
    return until(
      `rows: ${what}`,
      async () => {
        const rows = await this.rows().catch(() => []);
        return rows.every((row) => row['PID'] !== undefined) ? check(rows) : undefined;
      },
      { timeoutMs: 10_000 },
    );
  }
}
