import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { fileSource } from '../../src/base/byteSource.js';
import { EventType } from '../../src/trace/model/eventType.js';
import { importTrace } from '../../src/trace/importTrace.js';

const RECORDINGS = fileURLToPath(new URL('../../../shared/traces/text/', import.meta.url));

it.for([
  { name: 'trappy_trace_surfaceflinger.html', switches: 715, firstLine: 600 },
  { name: 'trappy_trace_legacy_systrace.html', switches: 3, firstLine: 35 },
])('reads $name', async ({ name, switches, firstLine }, context) => {
  if (!existsSync(RECORDINGS)) {
    console.warn(`Skipped: ${name}: the recordings beside the repository are not there`);
    context.skip();
  }
  const store = await importTrace(await fileSource(RECORDINGS + name));
  expect(store.metadata.format).toBe('systrace-html');
  expect(store.countOf(EventType.Switch)).toBe(switches);
  expect(store.line[0]).toBe(firstLine);
  expect(store.metadata.cpuCount).toBe(8);
  expect(store.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
});
