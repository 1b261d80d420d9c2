import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { EventType } from '../../src/trace/model/eventType.js';
import { KERNEL_LETTERS, OLD_KERNEL_LETTERS, comparableRows, printedBy } from '../support/traceCmdRows.js';

const RECORDINGS = fileURLToPath(new URL('../../../shared/traces/trace-dat/', import.meta.url));
const hasTraceCmd = spawnSync('trace-cmd', ['--version']).error === undefined;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function requireTools(context: TestContext): void {
  const reason = !hasTraceCmd
    ? 'there is no trace-cmd on this machine'
    : !existsSync(RECORDINGS)
      ? 'the recordings beside the repository are not there'
      : undefined;
  if (reason === undefined) return;
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  context.skip(reason);
}

/** What trace-cmd prints of a recording, read. */
async function report(name: string, options: readonly string[]): Promise<EventStore> {
  const path = join(folder, 'report.txt');
  const files = [name].flatMap((each) => ['-i', `${RECORDINGS}${each}.dat`]);
  // Through a file: the standard output of a child is cut off when it is longer than its buffer.
  execFileSync('sh', ['-c', 'exec trace-cmd report "$@" > "$0"', path, ...options, ...files], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const store = await importTrace(await fileSource(path));
  expect(store.metadata.format).toBe('trace-cmd-report');
  return store;
}

/** `--raw-ts` only does something where the recording names its clock. */
const RAW_TIMES: readonly string[] = ['trace_v7_zstd_instance'];

const VARIANTS = [
  [],
  ['-N'],
  ['-R'],
  ['-t'],
  ['-l'],
  ['--ts-diff'],
  ['-w'],
  ['-N', '-t', '-l'],
  ['-R', '-l', '--ts-diff', '-w'],
  ['--ts-diff', '-t', '-N', '-w'],
  ['--raw-ts', '-l', '--ts-diff'],
  ['--raw-ts', '-R'],
].map((options) => ({ title: options.join(' ') || 'no option', options }));

describe.each([
  { name: 'lisa_sched_load', switches: 399, cpus: 6, letters: OLD_KERNEL_LETTERS },
  { name: 'lisa_sched_load_converted_v7_zstd', switches: 399, cpus: 6, letters: OLD_KERNEL_LETTERS },
  { name: 'trace_v7_zstd_instance', switches: 5888, cpus: 2, letters: KERNEL_LETTERS },
])('$name', ({ name, switches, cpus, letters }) => {
  it.for(VARIANTS)(
    'tells the same with $title as with -R -t',
    { timeout: 60_000 },
    async (variant, context) => {
      requireTools(context);
      const isRaw = variant.options.includes('--raw-ts');
      const options = RAW_TIMES.includes(name)
        ? variant.options
        : variant.options.filter((option) => option !== '--raw-ts');
      const reference = await report(name, ['-R', '-t']);
      expect([reference.countOf(EventType.Switch), reference.metadata.cpuCount]).toEqual([switches, cpus]);
      const store = await report(name, variant.options);
      expect(comparableRows(store)).toEqual(comparableRows(reference, printedBy(options, letters)));
      const remarks = store.diagnostics.filter(({ severity }) => severity !== 'info');
      expect(remarks).toHaveLength(isRaw && RAW_TIMES.includes(name) ? 1 : 0);
    },
  );
});
