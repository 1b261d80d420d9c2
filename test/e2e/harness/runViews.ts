/** Views of runs: each is opened by a command that asks which run. */
import type { Frame } from 'playwright-core';
import { LabView } from './LabView.js';
import { until } from './until.js';
import type { Workbench } from './Workbench.js';

/** A list goes away when something else takes the focus while it opens; whoever sits there asks again. */
const ATTEMPTS = 3;
const LIST_TIMEOUT_MS = 10_000;

/**
 * @param command its title in the palette
 * @param selector of the view's document
 */
export async function openRunView(
  workbench: Workbench,
  command: string,
  run: string,
  selector: string,
): Promise<Frame> {
  for (let attempt = 1; ; attempt += 1) {
    await workbench.runCommand(command);
    try {
      await new LabView(workbench).untilInput(/Which run/, LIST_TIMEOUT_MS);
      await workbench.pick(run, LIST_TIMEOUT_MS);
      break;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
  return shownRunView(workbench, selector, run);
}

/** The view in front, once this is its title; a document that is replaced meanwhile is looked for again. */
export async function shownRunView(workbench: Workbench, selector: string, title: string): Promise<Frame> {
  return until(`a view ${selector} of ${title}`, async () => {
    const frame = await workbench.webview(selector);
    const heading = frame.locator('h1', { hasText: title });
    return (await heading.isVisible().catch(() => false)) ? frame : undefined;
  });
}
