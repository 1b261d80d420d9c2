import { expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';

const workbench = useWorkbench();

test('the packaged extension offers its commands in the palette', async () => {
  expect(await workbench().commandTitles('KernelOracle: Open Trace')).toContain('KernelOracle: Open Trace…');
});
