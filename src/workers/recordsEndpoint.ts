import { MigrationSession } from '../analysis/migrationRecords/migrationSession.js';
import type { ByteSource } from '../base/byteSource.js';
import type { Messenger, NoRequests } from '../protocol/messenger.js';
import type { RecordFilter, RecordsState } from '../protocol/migrationMessages.js';
import { parseMigrationParams } from '../protocol/migrationSchemas.js';
import { exportRecordLines } from '../trace/migrations/exportRecordLines.js';

/** The worker's end for migration records: transport only, the session does the work. */
export class RecordsEndpoint {
  readonly #session: MigrationSession;

  /** `openSource` opens the file anew: exports copy lines from it. */
  constructor(name: string, messenger: Messenger<NoRequests, object>, openSource: () => Promise<ByteSource>) {
    const session = new MigrationSession(name);
    this.#session = session;
    messenger.handle('recordsState', () => session.state);
    messenger.handle('records', (params) => session.records(parseMigrationParams('records', params)));
    messenger.handle('exportRecords', async (params) => {
      const { filter, path } = params as { filter: RecordFilter; path: string };
      return exportRecordLines(await openSource(), session.linesOf(filter), path);
    });
  }

  async load(source: ByteSource, onUpdate: (state: RecordsState) => void): Promise<void> {
    await this.#session.load(source, { onUpdate });
  }
}
