/** `npm run package`: builds, and packs dist-package/kernel-oracle-<version>.vsix. */
import { bootstrap } from './bootstrap.mjs';
import { makeVsix } from './lib/vsix.mjs';
import { runMain, say } from './lib/terminal.mjs';

await runMain(async () => {
  await bootstrap();
  const vsix = await makeVsix();
  for (const { name, sizeBytes } of vsix.entries) say(`${String(sizeBytes).padStart(10)}  ${name}`);
  say(`\n${vsix.path}: ${vsix.entries.length} files, ${(vsix.sizeBytes / 1024).toFixed(0)} KiB`);
});
