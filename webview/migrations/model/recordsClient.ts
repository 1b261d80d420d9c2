import { RequestError, type Messenger } from '../../../src/protocol/messenger.js';
import type { MigrationEvents, MigrationRequests } from '../../../src/protocol/migrationMessages.js';
import { formatBytes, formatCount } from '../../common/format.js';
import type { RecordsModel } from './recordsModel.js';

export type RecordsMessenger = Messenger<MigrationRequests, MigrationEvents>;

/** Asks the host, and tells the user in passing when it refuses. */
export class RecordsClient {
  readonly #messenger: RecordsMessenger;
  readonly #model: RecordsModel;

  constructor(messenger: RecordsMessenger, model: RecordsModel) {
    this.#messenger = messenger;
    this.#model = model;
  }

  request<K extends keyof MigrationRequests>(
    method: K,
    params: MigrationRequests[K]['params'],
  ): Promise<MigrationRequests[K]['result']> {
    return this.#messenger.request(method, params);
  }

  async showLine(line: number): Promise<void> {
    try {
      await this.request('showRecordLine', { line });
    } catch (error) {
      this.report(error);
    }
  }

  /** Exports the rows that the filter leaves; the user says where to. */
  async save(): Promise<void> {
    try {
      const written = await this.request('saveRecords', { filter: this.#model.filter.value });
      if (written === null) return;
      const rows = `${formatCount(written.rows)} ${written.rows === 1 ? 'row' : 'rows'}`;
      this.#model.note(`Exported ${rows}, ${formatBytes(written.bytes)}, to ${written.path}.`);
    } catch (error) {
      this.report(error);
    }
  }

  report(error: unknown): void {
    if (error instanceof RequestError && error.code === 'cancelled') return;
    this.#model.complain(error instanceof Error ? error.message : String(error));
  }
}
