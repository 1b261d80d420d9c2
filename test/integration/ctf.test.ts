/**
 * CTF traces as babeltrace2, the format's reference reader, sees them: made by our own writer as LTTng and perf lay them
 * out, rewritten by babeltrace2 into a layout of its own, and recorded with LTTng.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { hasBabeltrace, printedTrace, rewriteByBabeltrace } from '../support/babeltrace.js';
import { importerFixtures } from '../support/importerFixtures.js';
import { expectedRow, isSched, storedRow } from '../support/ctfRows.js';
import { ctfWorkload, type CtfWorkloadOptions } from '../support/ctfWorkload.js';
import type { CtfOptions } from '../support/ctfText.js';
import { writeCtf } from '../support/ctfWriter.js';

type Layout = Omit<CtfOptions, 'kinds' | 'context'>;

const LAYOUTS: readonly (readonly [string, Omit<CtfWorkloadOptions, 'seed' | 'events'>, Layout])[] = [
  ['LTTng, compact header', { dialect: 'lttng' }, { header: 'compact', offsetCycles: 1539783991179109789n }],
  ['LTTng, large header', { dialect: 'lttng' }, { header: 'large', isMetadataPacketised: true }],
  [
    'LTTng with contexts',
    { dialect: 'lttng', hasContext: true },
    { header: 'compact', eventsPerPacket: 7, firstPacket: 3, isMetadataPacketised: true },
  ],
  [
    'LTTng on a big-endian machine',
    { dialect: 'lttng', hasContext: true },
    { header: 'compact', order: 'be', isMetadataPacketised: true, offsetSeconds: 1_700_000_000n },
  ],
  [
    'LTTng on a big-endian machine that needs alignment',
    { dialect: 'lttng' },
    { header: 'large', order: 'be', align: 'natural' },
  ],
  [
    'LTTng on a machine that needs alignment',
    { dialect: 'lttng', hasContext: true },
    { header: 'compact', align: 'natural', offsetSeconds: -5n },
  ],
  [
    'LTTng with times that wrap often',
    { dialect: 'lttng', startCycles: 2n ** 40n - 50_000n },
    { header: 'large', packetBytes: 4_194_304, eventsPerPacket: 100_000 },
  ],
  [
    'LTTng with a clock of another frequency',
    { dialect: 'lttng' },
    { header: 'compact', frequency: 2_400_000_000n, offsetSeconds: 1_700_000_000n, offsetCycles: 123_456n },
  ],
  [
    'perf data convert --to-ctf',
    { dialect: 'perf' },
    { header: 'perf', eventsPerPacket: 100_000, packetBytes: 8 },
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-ctf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function requireBabeltrace(context: TestContext): void {
  if (hasBabeltrace) return;
  const reason = 'there is no babeltrace2 on this machine';
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  context.skip(reason);
}

/** All rows against all events that babeltrace2 prints; babeltrace2 prints events of the same time in any order. */
function expectSame(store: EventStore, path: string): void {
  const { events, discarded, maybeDiscarded, packetGaps } = printedTrace(path);
  const expected = events.filter(isSched).map(expectedRow);
  const stored = Array.from({ length: store.length }, (_, row) => storedRow(store, row));
  expect(stored.length).toBeGreaterThan(50);
  expect(stored.toSorted()).toEqual(expected.toSorted());
  expect(stored.map(timeOf)).toEqual(expected.map(timeOf));
  // Of the first packet, the number of which says that nothing came before it, we also tell how many.
  const lost = store.losses.map(({ count }) => count);
  expect(lost).toHaveLength(discarded.length + maybeDiscarded + packetGaps);
  expect(lost).toEqual(expect.arrayContaining([...discarded]));
}

function timeOf(row: string): string {
  return row.slice(0, row.indexOf(' '));
}

describe.each(LAYOUTS)('%s', (name, workload, layout) => {
  const path = join(folder, name.replaceAll(/\W+/g, '-'));

  beforeAll(() => {
    const { kinds, events, context } = ctfWorkload({ ...workload, seed: 7, events: 4000 });
    mkdirSync(path);
    const files = writeCtf(events, { ...layout, kinds, ...(context === undefined ? {} : { context }) });
    for (const [file, bytes] of files) writeFileSync(join(path, file), bytes);
  });

  it('is read as babeltrace2 reads it', async (context) => {
    requireBabeltrace(context);
    const store = await importTrace({ folder: path });
    expect(store.diagnostics).toEqual([]);
    expectSame(store, path);
  });

  it('is read as babeltrace2 reads it after it wrote it anew', async (context) => {
    requireBabeltrace(context);
    const rewritten = `${path}-rewritten`;
    rewriteByBabeltrace(path, rewritten);
    const inner = join(rewritten, readdirSync(rewritten)[0]!);
    const store = await importTrace({ folder: inner });
    expect(store.diagnostics).toEqual([]);
    expectSame(store, inner);
  });
});

describe.each(importerFixtures().filter(({ format }) => format === 'ctf'))('$name', ({ name, bytes }) => {
  it('is read as babeltrace2 reads it', async (context) => {
    requireBabeltrace(context);
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    execFileSync('tar', ['-x', '-C', path], { input: bytes });
    expectSame(await importTrace({ folder: path }), path);
  });
});
