import type { ThreadName } from '../../../src/protocol/traceMessages.js';
import { Signal } from '../../common/signal.js';
import type { TraceClient } from './traceClient.js';

const pageSize = 500;

/**
 * Names by thread number, and the order of the thread lanes, both fetched as they are needed. With a filter, only
 * matching threads have lanes.
 */
export class ThreadDirectory {
  /** Counts up when names or the order have become known. */
  readonly changed = new Signal(0);
  /** Number of lanes: of threads that match the filter. */
  readonly total = new Signal(0);
  readonly filter = new Signal('');
  readonly #client: TraceClient;
  readonly #names = new Map<number, ThreadName>();
  readonly #order: number[] = [];
  readonly #indexes = new Map<number, number>();
  readonly #wantedNames = new Set<number>();
  readonly #askedNames = new Set<number>();
  readonly #freshPages = new Set<number>();
  readonly #askedPages = new Map<number, Promise<void>>();
  #version = 0;
  #namesQueued = false;

  constructor(client: TraceClient) {
    this.#client = client;
  }

  /** The name of a thread; undefined until it is known, and asked for. */
  name(thread: number): ThreadName | undefined {
    const known = this.#names.get(thread);
    if (known === undefined && !this.#askedNames.has(thread)) {
      this.#wantedNames.add(thread);
      this.#queueNames();
    }
    return known;
  }

  /** The thread in lane `index`; undefined until it is known, and asked for. */
  threadAt(index: number): number | undefined {
    const page = Math.floor(index / pageSize);
    if (!this.#freshPages.has(page)) void this.#load(page);
    return this.#order[index];
  }

  /** Lane of a thread, -1 when it has none (filtered out). Fetches the order as far as it takes. */
  async indexOf(thread: number): Promise<number> {
    const version = this.#version;
    for (let page = 0; version === this.#version; page++) {
      const known = this.#indexes.get(thread);
      if (known !== undefined && this.#freshPages.has(Math.floor(known / pageSize))) return known;
      if (page > 0 && page * pageSize >= this.total.value) return -1;
      await this.#load(page);
    }
    return this.#indexes.get(thread) ?? -1;
  }

  setFilter(filter: string): void {
    if (filter === this.filter.value) return;
    this.#order.length = 0;
    this.#indexes.clear();
    this.filter.set(filter);
    this.refresh();
  }

  /** Asks again for the order and the names; what is known stays until then. */
  refresh(): void {
    this.#version++;
    this.#freshPages.clear();
    this.#askedPages.clear();
    this.#askedNames.clear();
    void this.#load(0);
  }

  add(names: readonly ThreadName[]): void {
    for (const name of names) this.#names.set(name.thread, name);
  }

  #load(page: number): Promise<void> {
    const asked = this.#askedPages.get(page);
    if (asked !== undefined) return asked;
    const loading = this.#fetch(page, this.#version);
    this.#askedPages.set(page, loading);
    return loading;
  }

  async #fetch(page: number, version: number): Promise<void> {
    const offset = page * pageSize;
    const answer = await this.#client.ask('threads', { filter: this.filter.value, offset, limit: pageSize });
    if (answer === undefined || version !== this.#version) return;
    this.add(answer.rows);
    answer.rows.forEach(({ thread }, index) => {
      this.#order[offset + index] = thread;
      this.#indexes.set(thread, offset + index);
    });
    this.#freshPages.add(page);
    this.total.set(answer.total);
    this.#tell();
  }

  #queueNames(): void {
    if (this.#namesQueued) return;
    this.#namesQueued = true;
    // A frame meets many unknown threads: ask for all of them at once.
    queueMicrotask(() => {
      this.#namesQueued = false;
      const threads = [...this.#wantedNames];
      this.#wantedNames.clear();
      for (const thread of threads) this.#askedNames.add(thread);
      void this.#client.ask('threadNames', { threads }).then((answer) => {
        if (answer === undefined) return;
        this.add(answer.rows);
        this.#tell();
      });
    });
  }

  #tell(): void {
    this.changed.set(this.changed.value + 1);
  }
}
