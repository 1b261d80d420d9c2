/** The browser of the end-to-end tests: Chromium or Chrome as the distribution has it. */
import { existsSync } from 'node:fs';
import { ensureDebianPackages } from './debian.mjs';
import { which } from './processes.mjs';
import { ScriptError } from './terminal.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const macPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** @returns {string | undefined} CHROME_PATH if set, else the first one found */
export function findChromium() {
  const chosen = process.env['CHROME_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new ScriptError(
      `CHROME_PATH names ${chosen}, which is not there.\nWhat to do: correct or unset CHROME_PATH.`,
    );
  }
  return names.map(which).find((path) => path !== undefined) ?? macPaths.find((path) => existsSync(path));
}

/** Installs Debian's Chromium and a font if they are missing: without any font a screenshot shows no letters. */
export async function ensureChromium() {
  await ensureDebianPackages([
    { debianPackage: 'chromium', present: () => findChromium() !== undefined, why: 'the end-to-end tests' },
    {
      debianPackage: 'fonts-dejavu-core',
      present: () => process.platform !== 'linux' || existsSync('/usr/share/fonts/truetype'),
      why: 'readable screenshots',
      optional: true,
    },
  ]);
}
