/** One browser for the test process, and in it one context, so that the second workbench finds the first one's files in the cache. */
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { findChromium } from '../../../scripts/lib/chromium.mjs';

export const viewport = { width: 1400, height: 900 };

let launched: Promise<{ browser: Browser; context: BrowserContext }> | undefined;

export async function browserContext(): Promise<BrowserContext> {
  launched ??= launch();
  return (await launched).context;
}

/** Ends the browser; the next `browserContext` starts another. */
export async function closeBrowser(): Promise<void> {
  const ending = launched;
  launched = undefined;
  await (await ending)?.browser.close();
}

async function launch(): Promise<{ browser: Browser; context: BrowserContext }> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium found: install one or set CHROME_PATH.');
  const browser = await chromium.launch({
    executablePath,
    headless: process.env['HEADED'] === undefined,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1 });
  // "Copy as CSV" and its like are tested by reading the clipboard.
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return { browser, context };
}
