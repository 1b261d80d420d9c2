import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/errors.js';
import type { TestMachine } from '../../../src/host/machines/testMachine.js';
import { COLLECTORS, requestFor, TIME_ENDS } from '../../../src/host/work/collectChoices.js';
import { runCollections } from '../../../src/host/work/runCollection.js';
import { Work } from '../../../src/host/work/work.js';
import type { CollectionResult } from '../../../src/remote/collect/collection.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';

const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-collect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const context = { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) };
const counters = {
  elapsedMs: 5,
  events: 7,
  eventsPerSecond: 1,
  lostEvents: 2,
  classes: null,
  receivedBytes: 9,
};

/** A machine whose queue gives this, or fails with it. */
function machine(
  name: string,
  end: (signal?: AbortSignal) => Promise<Partial<CollectionResult>>,
): TestMachine {
  return { name, run: (_what: string, _work: unknown, signal?: AbortSignal) => end(signal) } as never;
}

function started(machines: readonly TestMachine[]) {
  const work = new Work({
    kind: 'collection',
    title: 'Collecting',
    description: '',
    machines: machines.map(({ name }) => name),
    durationMs: 10_000,
  });
  const requests = new Map(
    machines.map((each) => [
      each,
      requestFor(COLLECTORS[0]!, TIME_ENDS[0]!, join(folder, 'r', `${each.name}.trace.dat`)),
    ]),
  );
  return { work, end: runCollections(work, requests, context, folder) };
}

const recorded = () =>
  Promise.resolve({
    path: join(folder, 'r', 'a.trace.dat'),
    sizeBytes: 9,
    sha256: 'ab',
    counters,
    remarks: ['2 events were lost'],
  });

describe('collections on several machines', () => {
  it('one that fails leaves the others their recordings', async () => {
    const { work, end } = started([
      machine('a', recorded),
      machine('b', () => Promise.reject(new Failure('connection-lost', 'gone'))),
    ]);
    await end;
    const { status, lanes, artifacts, remarks } = work.view;
    expect(status).toBe('done');
    expect(lanes.map(({ phase, failure }) => [phase, failure])).toEqual([
      ['done', null],
      ['failed', 'gone'],
    ]);
    expect(artifacts).toMatchObject([{ name: 'r/a.trace.dat', machine: 'a', lostEvents: 2 }]);
    expect(remarks).toEqual([{ severity: 'warning', machine: 'a', text: '2 events were lost' }]);
  });

  it('all that fail are a failure', async () => {
    const { work, end } = started([machine('b', () => Promise.reject(new Failure('timed-out', 'slow')))]);
    await end;
    expect(work.status).toBe('failed');
  });

  it('cancelled, there is nothing and no failure', async () => {
    const { work, end } = started([
      machine(
        'a',
        (signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(new Failure('cancelled', 'dropped')));
          }),
      ),
    ]);
    // The folder is made first.
    await new Promise((resolve) => setTimeout(resolve, 20));
    work.cancel();
    await end;
    expect(work.view).toMatchObject({ status: 'cancelled', artifacts: [], remarks: [] });
    expect(work.lane('a')).toMatchObject({ phase: 'cancelled', failure: null });
  });
});
