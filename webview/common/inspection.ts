import { Messenger, RequestError } from '../../src/protocol/messenger.js';
import type {
  FileToSave,
  InspectionEvents,
  InspectionRequests,
} from '../../src/protocol/inspectionMessages.js';
import { readInspectedRuns } from '../../src/protocol/inspectionSchemas.js';
import type { Host } from './host.js';
import type { NoticeSource } from './notices.js';

type Requests<T> = { [K in keyof T]: { params: unknown; result: unknown } };
type Common = Messenger<InspectionRequests, InspectionEvents>;

/** Ends the sentence of every message that a view cannot read. */
const MISUNDERSTOOD = 'The extension sent a message that this view does not understand.';

/**
 * The end of an inspection panel's channel, the same for all of them: which runs it is about, what is kept over a reload, what
 * is asked and saved. `R` and `E` are what a kind of panel has beside what all have.
 */
export class InspectionLink<R extends Requests<R>, E extends object> {
  readonly #messenger: Messenger<R, E>;
  /** The same channel, with the requests of every panel. */
  readonly #common: Common;
  #folders: readonly string[] = [];
  /** What was kept is kept on until the view says otherwise. */
  #own: object;

  constructor(
    private readonly host: Host,
    private readonly notices: NoticeSource,
  ) {
    const kept = host.readState();
    this.#own = typeof kept === 'object' && kept !== null ? kept : {};
    const messenger = new Messenger<InspectionRequests, InspectionEvents>(host);
    this.#common = messenger;
    this.#messenger = messenger as unknown as Messenger<R, E>;
  }

  /** What an earlier window kept, unchecked. */
  get remembered(): unknown {
    return this.host.readState();
  }

  /** Folders of the runs; empty before `start` is through. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /**
   * Learns which runs these are, so that the panel comes back after a reload, and calls `load`: now, and whenever files of the runs
   * changed. It shall show why when it cannot: what it throws is told in passing.
   */
  async start(load: () => Promise<void>): Promise<void> {
    const loadOrTell = () => load().catch((error: unknown) => this.tell(error));
    this.#common.on('inspectionChanged', () => void loadOrTell());
    try {
      const runs = readInspectedRuns(await this.#common.request('inspectedRuns', {}));
      if (runs === null) throw new Error(MISUNDERSTOOD);
      this.#folders = runs.folders;
      this.#write();
    } catch (error) {
      this.tell(error);
    }
    await loadOrTell();
  }

  /** Keeps what is chosen over hiding and reloads, beside the runs; replaces what was kept before. */
  remember(own: object): void {
    this.#own = own;
    this.#write();
  }

  /** @throws what the extension answers instead; check the result before it is used */
  request<K extends keyof R & string>(method: K, params: R[K]['params']): Promise<unknown> {
    return this.#messenger.request(method, params);
  }

  on(name: keyof E & string, listener: (payload: unknown) => void): void {
    this.#messenger.on(name, listener);
  }

  /** Evaluates, audits or opens a run of the panel; the user is told when that fails. */
  async act(method: 'evaluateRun' | 'auditRun' | 'openRun', run = 0): Promise<void> {
    await this.#common.request(method, { run }).catch((error: unknown) => this.tell(error));
  }

  /** Asks the user for a place, and says what became of it. */
  async save(file: FileToSave): Promise<void> {
    try {
      const saved = await this.#common.request('saveFile', file);
      if (saved !== null) this.notices.notice.set({ text: `Saved ${saved.path}.`, isError: false });
    } catch (error) {
      this.tell(error);
    }
  }

  /** Says in passing what went wrong. */
  tell(error: unknown): void {
    if (error instanceof RequestError && error.code === 'cancelled') return;
    this.notices.notice.set({ text: error instanceof Error ? error.message : String(error), isError: true });
  }

  misunderstood(): Error {
    return new Error(MISUNDERSTOOD);
  }

  #write(): void {
    if (this.#folders.length > 0) this.host.writeState({ ...this.#own, folders: this.#folders });
  }
}
