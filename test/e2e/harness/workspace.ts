/** Folders for the editor to open, each test with its own. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file's content, or where to copy it from. */
export type WorkspaceFile = string | Uint8Array | { copyOf: string };

/**
 * @param stateDir of the editor, with which the workspace goes away
 * @param files by their path in the workspace
 * @returns the folder
 */
export function makeWorkspace(stateDir: string, files: Readonly<Record<string, WorkspaceFile>>): string {
  const parent = join(stateDir, 'workspaces');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'workspace-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
    else cpSync(content.copyOf, path, { recursive: true });
  }
  return folder;
}
