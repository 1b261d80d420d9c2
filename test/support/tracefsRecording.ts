/** Records through tracefs of a machine of the test, into a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSource } from '../../src/base/byteSource.js';
import type { Connection } from '../../src/remote/connection.js';
import type { TracefsSettings } from '../../src/remote/collect/collection.js';
import type { CollectorRun } from '../../src/remote/collect/collectorRun.js';
import { collectTracefs, USUAL_TRACEFS_SETTINGS } from '../../src/remote/collect/tracefsCollector.js';
import type { Rights } from '../../src/remote/shellCommand.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import type { GuardedMachine } from './guardedMachine.js';

export interface TracefsRecording {
  readonly run: CollectorRun;
  readonly folder: string;
  readonly path: string;
  read(): Promise<EventStore>;
  remove(): void;
}

export async function recordTracefs(
  machine: GuardedMachine,
  connection: Connection,
  settings: Partial<TracefsSettings> = {},
  rights: Rights = 'own',
): Promise<TracefsRecording> {
  const folder = mkdtempSync(join(tmpdir(), 'ko-recording-'));
  const path = join(folder, settings.format === 'text' ? 'trace.txt' : 'trace.dat');
  const context = { programs: machine.programs, version: 'test', now: () => new Date() };
  const all = { ...USUAL_TRACEFS_SETTINGS, ...settings };
  const run = await collectTracefs(connection, context, all, rights, { path, folder });
  return {
    run,
    folder,
    path,
    read: async () => importTrace(await fileSource(path)),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
