/** Opening a workbench for one test, or for all tests of a file. */
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { workbenchAddress, writeMachineSettings } from '../../../scripts/lib/editor-server.mjs';
import { browserContext, viewport } from './browser.js';
import { writeSettings, type Editor } from './editor.js';
import { Workbench, type Theme } from './Workbench.js';
import { makeWorkspace, type WorkspaceFile } from './workspace.js';

export interface WorkbenchOptions {
  /** Dark unless told otherwise. */
  theme?: Theme;
  /** What is in the workspace, by path; it is a folder of this workbench's own. */
  files?: Readonly<Record<string, WorkspaceFile>>;
  /** User settings beyond the theme. */
  settings?: Readonly<Record<string, unknown>>;
  /** Settings of the scope "machine"; none unless told, whatever an earlier window had. */
  machineSettings?: Readonly<Record<string, unknown>>;
  size?: { width: number; height: number };
  /** In place of the editor of the whole run. */
  editor?: Editor;
}

/** Opens one; whoever calls it closes it. Takes about 4 s. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const editor = options.editor ?? inject('editor');
  writeSettings(editor, {
    'workbench.colorTheme': options.theme ?? 'Default Dark Modern',
    // Screenshots want things where they belong, not on their way there.
    'workbench.reduceMotion': 'on',
    ...options.settings,
  });
  writeMachineSettings(editor.stateDir, { ...options.machineSettings });
  const folder = makeWorkspace(editor.stateDir, options.files ?? { 'README.txt': 'A workspace.\n' });
  const page = await (await browserContext()).newPage();
  await page.setViewportSize(options.size ?? viewport);
  const workbench = new Workbench(page, editor, folder);
  try {
    await page.goto(workbenchAddress(editor, folder));
    await workbench.untilReady();
    return workbench;
  } catch (error) {
    await workbench.saveFailure('opening the workbench');
    await workbench.close();
    throw error;
  }
}

/** Opens one for the time of `body`, and fails if a webview had errors. */
export async function withWorkbench(
  options: WorkbenchOptions,
  body: (workbench: Workbench) => Promise<void>,
): Promise<void> {
  const workbench = await openWorkbench(options);
  try {
    await body(workbench);
    expect(workbench.takeWebviewErrors(), 'errors in webviews').toEqual([]);
  } catch (error) {
    await workbench.saveFailure(expect.getState().currentTestName ?? 'test');
    throw error;
  } finally {
    await workbench.close();
  }
}

/**
 * One workbench for all tests of the file or `describe` that calls this; after each test, errors in webviews fail it.
 * @returns what gives the workbench, inside tests
 */
export function useWorkbench(options: WorkbenchOptions = {}): () => Workbench {
  let workbench: Workbench | undefined;
  beforeAll(async () => {
    workbench = await openWorkbench(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await workbench?.saveFailure(task.name);
    expect(workbench?.takeWebviewErrors() ?? [], 'errors in webviews').toEqual([]);
  });
  afterAll(async () => {
    await workbench?.close();
  });
  return () => {
    if (workbench === undefined) throw new Error('the workbench is open only while tests run');
    return workbench;
  };
}
