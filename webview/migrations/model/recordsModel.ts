import type {
  MigrationSummary,
  RecordFilter,
  RecordRow,
  RecordsProgressMessage,
} from '../../../src/protocol/migrationMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

export const noFilter: RecordFilter = { text: '', outcome: 'any', type: null, srcCpu: null, dstCpu: null };

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class RecordsModel {
  /** How far reading has come; null before the first message and when it is done. */
  readonly progress = new Signal<RecordsProgressMessage | null>(null);
  readonly summary = new Signal<MigrationSummary | null>(null);
  /** Why the file cannot be shown. */
  readonly failure = new Signal<string | null>(null);
  readonly filter = new Signal<RecordFilter>(noFilter);
  /** The row chosen in the table. */
  readonly chosen = new Signal<RecordRow | null>(null);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  narrow(change: Partial<RecordFilter>): void {
    this.filter.set({ ...this.filter.value, ...change });
  }

  note(text: string): void {
    this.notice.set({ text, isError: false });
  }

  complain(text: string): void {
    this.notice.set({ text, isError: true });
  }
}

export function isFiltered({ text, outcome, type, srcCpu, dstCpu }: RecordFilter): boolean {
  return text !== '' || outcome !== 'any' || type !== null || srcCpu !== null || dstCpu !== null;
}
