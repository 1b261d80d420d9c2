/** The shells that programs for test machines must run under. */
import { existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestShell {
  readonly name: string;
  readonly path: string;
  /** Tools that are its own there, too. */
  readonly applets: readonly string[];
}

export const SHELLS: readonly TestShell[] = [
  { name: 'dash', path: '/usr/bin/dash', applets: [] },
  { name: 'bash', path: '/usr/bin/bash', applets: [] },
  {
    name: 'busybox',
    path: '/usr/bin/busybox',
    applets: 'cat grep kill mkdir od rm rmdir setsid sha256sum sleep strings tee timeout wc'.split(' '),
  },
];

/** Makes a folder in which this shell is `sh`: the first of PATH. */
export function folderOfTools({ path, applets }: TestShell): string {
  if (!existsSync(path)) throw new Error(`${path} is not installed, so that nothing is tested under it.`);
  const folder = mkdtempSync(join(tmpdir(), 'ko-tools-'));
  for (const name of ['sh', ...applets]) symlinkSync(path, join(folder, name));
  return folder;
}
