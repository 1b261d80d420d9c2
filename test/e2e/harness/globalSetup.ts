/** Once for the whole run: one editor, an empty folder of artifacts. */
import { mkdirSync, rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../../../scripts/lib/chromium.mjs';
import { artifactsDir } from './artifacts.js';
import { saveLogs, startEditor, type Editor } from './editor.js';

declare module 'vitest' {
  interface ProvidedContext {
    editor: Editor;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  rmSync(artifactsDir, { recursive: true, force: true });
  mkdirSync(artifactsDir, { recursive: true });
  await ensureChromium();
  const editor = await startEditor();
  project.provide('editor', { address: editor.address, stateDir: editor.stateDir });
  return async () => {
    saveLogs(editor, artifactsDir);
    await editor.stop();
  };
}
