import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFailure, messageOf } from '../../base/errors.js';
import type {
  CollectionProgress,
  CollectionRequest,
  CollectionResult,
} from '../../remote/collect/collection.js';
import { collect } from '../../remote/collect/collect.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { TestMachine } from '../machines/testMachine.js';
import { shownPath } from './shownPath.js';
import type { Work } from './work.js';

/** One collection on each of several machines, all at once. Never rejects: what happens is told to `work`. */
export async function runCollections(
  work: Work,
  requests: ReadonlyMap<TestMachine, CollectionRequest>,
  context: RemoteContext,
  root: string,
): Promise<void> {
  const ends = await Promise.all(
    [...requests].map(([machine, request]) => collectOn(work, machine, request, context, root)),
  );
  if (work.cancelSignal.aborted) work.end('cancelled');
  else work.end(ends.some(Boolean) ? 'done' : 'failed');
}

/** @returns whether there is a recording */
async function collectOn(
  work: Work,
  machine: TestMachine,
  request: CollectionRequest,
  context: RemoteContext,
  root: string,
): Promise<boolean> {
  const { name } = machine;
  const what = `collecting by ${request.settings.collector}`;
  const doing = request.workload?.name ?? null;
  const onProgress = ({ phase, counters }: CollectionProgress) => {
    work.updateLane(name, { phase, counters, doing });
  };
  try {
    await mkdir(dirname(request.path), { recursive: true });
    const result = await machine.run(
      what,
      (connection, signal) =>
        collect(connection, context, request, {
          onProgress,
          stop: work.stopSignal,
          cancel: AbortSignal.any([signal, work.cancelSignal]),
        }),
      work.cancelSignal,
    );
    reportResult(work, name, request, result, root);
    return true;
  } catch (error) {
    const isCancelled = isFailure(error, 'cancelled') && work.cancelSignal.aborted;
    work.updateLane(name, {
      phase: isCancelled ? 'cancelled' : 'failed',
      doing: null,
      failure: isCancelled ? null : messageOf(error),
    });
    return false;
  }
}

function reportResult(
  work: Work,
  machine: string,
  request: CollectionRequest,
  result: CollectionResult,
  root: string,
): void {
  const { counters, path, sizeBytes, sha256, remarks } = result;
  work.updateLane(machine, { phase: 'done', counters });
  work.addArtifact({
    path,
    name: shownPath(path, root),
    kind: 'recording',
    machine,
    workload: request.workload?.name ?? null,
    sizeBytes,
    events: counters.events,
    lostEvents: counters.lostEvents,
    sha256,
  });
  for (const text of remarks) work.addRemark({ severity: 'warning', machine, text });
}
