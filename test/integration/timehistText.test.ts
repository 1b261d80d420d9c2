import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it, type TestContext } from 'vitest';
import { bytesSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { hasSharedRecordings, importPerfScript, shared, sharedPath } from '../support/perfOracle.js';
import { compareWithEvents } from '../support/timehistOracle.js';

const hasPerf = spawnSync('perf', ['--version']).status === 0;

function requireTools(context: TestContext, needsPerf: boolean): void {
  const reason = !hasSharedRecordings
    ? 'the recordings beside the repository are not there'
    : needsPerf && !hasPerf
      ? 'there is no perf on this machine'
      : undefined;
  if (reason === undefined) return;
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  context.skip(reason);
}

async function read(bytes: Uint8Array): Promise<EventStore> {
  const store = await importTrace(bytesSource('timehist', Uint8Array.from(bytes)));
  expect(store.metadata.format).toBe('perf-timehist');
  return store;
}

function timehist(name: string, options: readonly string[]): Buffer {
  const args = ['sched', 'timehist', ...options, '-i', sharedPath(`${name}.data`)];
  return execFileSync('perf', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
}

describe.each([
  { name: 'perf_sched_record', switches: 1329, taken: 1327, wrong: 0 },
  { name: 'perf_waking_and_wakeup', switches: 5531, taken: 5529, wrong: 1 },
])('$name', ({ name, switches, taken, wrong }) => {
  it('is right in every switch with -n', async (context) => {
    requireTools(context, false);
    const events = await importPerfScript(shared(`${name}.script.txt.gz`));
    const store = await read(shared(`${name}.timehist_Vwnm_state.txt.gz`));
    const result = compareWithEvents(store, events);
    expect(result).toMatchObject({ known: switches, unknownNext: 0, beginnings: 0, wrong: [] });
    expect(result.wakeups).toBeGreaterThan(500);
  });

  it('takes the next task from the intervals without', async (context) => {
    requireTools(context, false);
    const events = await importPerfScript(shared(`${name}.script.txt.gz`));
    const store = await read(shared(`${name}.timehist.txt.gz`));
    const result = compareWithEvents(store, events);
    expect([result.known, result.unknownNext, result.wrong.length]).toEqual([taken, 2, wrong]);
  });

  it.for(['-w', '-V', '-M', '--state', '-wMV', '-S', '-C 1', '-t TID', '-t TID -n'])(
    'is read with %s',
    { timeout: 30_000 },
    async (text, context) => {
      requireTools(context, true);
      const events = await importPerfScript(shared(`${name}.script.txt.gz`));
      const tid = String(busiestTid(events));
      const options = text.split(' ').map((option) => (option === 'TID' ? tid : option));
      const store = await read(timehist(name, options));
      const result = compareWithEvents(store, events);
      // One interval of perf_waking_and_wakeup begins where perf did not see a switch.
      expect(result.wrong.length).toBeLessThanOrEqual(1);
      expect(store.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
      if (options.includes('-t')) {
        // The beginnings of its intervals make its run times.
        expect(result.beginnings).toBeGreaterThan(5);
        // The first row of each CPU has no beginning.
        const firstRows = options.includes('-n') ? result.known - result.beginnings : 2;
        expect([1, 2]).toContain(firstRows);
      }
    },
  );
});

/** The thread that was switched out most often. */
function busiestTid(store: EventStore): number {
  const counts = new Map<number, number>();
  for (let row = 0; row < store.length; row += 1) {
    const tid = store.tasks.pids[store.actor[row]!];
    if (store.type[row] === 0 && tid !== undefined && tid > 0) counts.set(tid, (counts.get(tid) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]![0];
}
