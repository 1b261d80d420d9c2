/** Recordings of every binary format open by themselves, and draw. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TraceView } from './harness/TraceView.js';
import { useWorkbench } from './harness/openWorkbench.js';

const fixture = (name: string) => ({
  copyOf: fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)),
});

const RECORDINGS = {
  'trace.dat': fixture('trace-cmd/3.1.6/recorded-v6.dat'),
  'zstd.trace.dat': fixture('trace-cmd/3.1.6/recorded-v7-zstd-instance.dat'),
  'perf.data': fixture('perf-data/6.1/file.data'),
  'pipe.perf.data': fixture('perf-data/6.1/pipe.data'),
  'arrays.pftrace': fixture('perfetto/written/arrays.pftrace'),
  'collection.schedviz.tar.gz': fixture('schedviz/1/recorded.tar.gz'),
};

const workbench = useWorkbench({ files: RECORDINGS });

test.each(Object.keys(RECORDINGS))('%s', async (name) => {
  const view = await TraceView.open(workbench(), name);
  const facts = await view.frame.locator('.toolbar-facts').innerText();
  expect(facts).toMatch(/[\d,.]+ ?k? events · \d+ CPUs? · \d+ threads/);
  await workbench().screenshot(`format ${name}`);
  await workbench().runCommand('View: Close All Editors');
});
