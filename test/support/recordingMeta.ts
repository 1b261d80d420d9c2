import type { RecordingMeta } from '../../src/remote/artifacts/recordingMeta.js';

type Collector = RecordingMeta['collector'];

/** A description of a recording: of some machine's boot, from 12:00:00 to 12:00:05, unless told otherwise. */
export function recordingMeta(
  fileName: string,
  collector: Collector,
  changes: {
    readonly machine?: Partial<RecordingMeta['machine']>;
    readonly times?: Partial<RecordingMeta['times']>;
  } = {},
): RecordingMeta {
  return {
    format: 'kernel-oracle-recording',
    version: 1,
    kernelOracleVersion: '0.0.0',
    recording: {
      fileName,
      sizeBytes: 1,
      sha256: '0'.repeat(64),
      transfer: { sizeBytes: 1, sha256: '0'.repeat(64) },
    },
    category: 'test',
    run: 1,
    machine: {
      name: 'root@lab:22',
      hostname: 'lab',
      kernelRelease: '6.1.0',
      kernelVersion: '#1 SMP',
      architecture: 'x86_64',
      distribution: null,
      cpusOnline: 2,
      cpuModel: null,
      topology: null,
      memoryBytes: 1e9,
      bootId: '11111111-2222-3333-4444-555555555555',
      ...changes.machine,
    },
    collector,
    workload: null,
    times: {
      start: '2026-02-03T12:00:00.000Z',
      end: '2026-02-03T12:00:05.000Z',
      machineClockOffsetMs: null,
      machineClockUncertaintyMs: null,
      ...changes.times,
    },
    events: { count: null, countedBy: null, lost: null, lostByCpu: [] },
    tools: {},
    remarks: [],
  };
}

export const TRACEFS: Collector = { collector: 'tracefs', clock: 'mono' };
export const MIGRATION_RECORDS: Collector = { collector: 'bpftrace', program: 'can_migrate_task' };
