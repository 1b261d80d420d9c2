/** Places in the checkout that more than one script needs. All of them are found from this file, never from the current folder. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Everything that can be made again: logs, user data of started editors, test reports. Ignored by git. */
export const cacheDir = join(root, '.cache');

/** The pinned editor of the end-to-end tests, an npm project of its own so that its hundreds of packages stay out of ours. */
export const editorDir = join(root, 'test', 'e2e', 'code-server');

/** Where `npm run package` leaves the VSIX. */
export const packageDir = join(root, 'dist-package');

export const samplesDir = join(root, 'samples');
