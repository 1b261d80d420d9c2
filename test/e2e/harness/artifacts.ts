/** Where screenshots and logs of a run are kept. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const artifactsDir = fileURLToPath(new URL('../artifacts', import.meta.url));

/** @param name with its extension; what no file system likes in a test's name becomes a dash */
export function saveArtifact(name: string, content: Uint8Array | string): string {
  const path = join(artifactsDir, name.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, ''));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
