/** The files of one recording, read together into one store. */
import { realpathSync } from 'node:fs';
import type { ByteSource } from '../../base/byteSource.js';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import type { EventStore } from '../model/eventStore.js';
import type { Diagnostic } from '../model/traceMetadata.js';
import { joinLosses } from './joinLosses.js';
import { PartMetadata, mergeMetadata } from './partMetadata.js';
import { listOf, shortNames } from './partNames.js';
import { readDirectory, readSource, type ReadOptions } from './readSource.js';
import { settleNames } from './settleNames.js';
import { settleTies } from './settleTies.js';

/** What a user opens: a file, several that are one recording, or the path of a folder. */
export type TraceInput = ByteSource | readonly ByteSource[] | { readonly folder: string };

interface Part {
  readonly name: string;
  readonly steps: AsyncGenerator<number>;
  readonly sizeBytes: number | undefined;
  readonly metadata: PartMetadata;
  doneBytes: number;
  /** Offset of the event read last; -Infinity before the first. */
  latestNs: number;
  isDone: boolean;
  failure: Failure | undefined;
}

/** Facts that are the same in all files of one recording, or else their times cannot be compared. */
const CLOCK_FACTS = ['clock', 'trace_id', 'kernel', 'kernel release'];

/**
 * The files being read: in turn, always the one that is behind in time. What each tells of itself (format, kernel,
 * overwritten events) is kept apart until it is merged; what is wrong with one of several is a remark that names it,
 * and the others are read on.
 */
export class Recording {
  readonly name: string;
  readonly #store: EventStore;
  readonly #parts: Part[];
  #isReserved = false;

  /** Failure `wrong-usage`: no file, or the same file twice. */
  constructor(store: EventStore, input: TraceInput, options: ReadOptions) {
    this.#store = store;
    if ('folder' in input) {
      this.name = input.folder;
      this.#parts = [part(input.folder, undefined, readDirectory(input.folder, store, options))];
      return;
    }
    const sources: readonly ByteSource[] = 'chunks' in input ? [input] : input;
    if (sources.length === 0) throw new Failure('wrong-usage', 'No file was named.');
    const names = sources.map(({ name }) => name);
    this.name = sources.length === 1 ? names[0]! : listOf(shortNames(names));
    if (sources.length > 1) {
      requireDistinct(sources);
      store.sources.push(...names);
    }
    this.#parts = sources.map((source) =>
      part(source.name, source.sizeBytes, readSource(source, store, options)),
    );
  }

  get doneBytes(): number {
    return this.#parts.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
  }

  get totalBytes(): number | undefined {
    let sum = 0;
    for (const { sizeBytes } of this.#parts) {
      if (sizeBytes === undefined) return undefined;
      sum += sizeBytes;
    }
    return sum;
  }

  /**
   * Reads on; false when everything is read. Fails with `cancelled`, and with what is wrong with the first file when
   * no file gave an event.
   */
  async step(): Promise<boolean> {
    const next = this.#furthestBehind();
    if (next === undefined) return false;
    const isOneOfSeveral = this.#parts.length > 1;
    const store = this.#store;
    const rowsBefore = store.length;
    const remarksBefore = store.diagnostics.length;
    if (isOneOfSeveral) {
      store.readFrom(this.#parts.indexOf(next));
      next.metadata.restore(store.metadata);
    }
    try {
      const result = await next.steps.next();
      if (result.done === true) next.isDone = true;
      else next.doneBytes = result.value;
    } catch (error) {
      this.#fail(next, error);
    }
    if (store.length > rowsBefore) next.latestNs = store.timeNs[store.length - 1]!;
    if (next.isDone && next.sizeBytes !== undefined) next.doneBytes = next.sizeBytes;
    if (isOneOfSeveral) {
      if (next.isDone && next.failure === undefined && next.latestNs === -Infinity) {
        store.diagnostics.push({ severity: 'info', message: 'This file holds no scheduler events.' });
      }
      for (const remark of store.diagnostics.slice(remarksBefore)) remark.source = next.name;
      next.metadata.save(store.metadata);
      mergeMetadata(
        this.#parts.map(({ metadata }) => metadata),
        store.metadata,
      );
    }
    this.#reserve();
    return true;
  }

  /** When everything was read and the rows are in order: what concerns several files together. */
  finish(): void {
    const store = this.#store;
    if (this.#parts.length === 1) return;
    settleTies(store);
    settleNames(store);
    joinLosses(store);
    this.#tellDifferences();
    const { diagnostics } = store;
    diagnostics.splice(0, diagnostics.length, ...withoutRepetition(diagnostics));
    // What hides events comes first.
    const rank = ({ severity }: Diagnostic) => (severity === 'error' ? 0 : 1);
    diagnostics.sort((a, b) => rank(a) - rank(b));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#parts.map(({ steps }) => steps.return(0)));
  }

  #fail(failed: Part, error: unknown): void {
    failed.isDone = true;
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    failed.failure = error;
    const isHopeless = this.#parts.every(({ isDone }) => isDone) && this.#store.length === 0;
    if (isHopeless) throw this.#parts.find(({ failure }) => failure !== undefined)?.failure ?? error;
    const { diagnostics } = this.#store;
    const remark: Diagnostic = { severity: 'error', message: messageOf(error) };
    if (this.#parts.length === 1) diagnostics.unshift(remark);
    else diagnostics.push(remark);
  }

  #furthestBehind(): Part | undefined {
    let behind: Part | undefined;
    for (const each of this.#parts) {
      if (!each.isDone && (behind === undefined || each.latestNs < behind.latestNs)) behind = each;
    }
    return behind;
  }

  /** From the density of events so far, reserves rows for the rest of the recording. */
  #reserve(): void {
    const store = this.#store;
    if (this.#isReserved || store.length <= 10_000) return;
    this.#isReserved = true;
    const { doneBytes, totalBytes } = this;
    if (totalBytes === undefined || doneBytes === 0) return;
    // A source of 2^30 rows would need 40 GB: cap what one misleading beginning can make us reserve.
    store.reserve(Math.min(2 ** 27, Math.ceil((store.length * 1.15 * totalBytes) / doneBytes)));
  }

  /** Times are compared as they stand: where files give a reason to doubt that, it is told. */
  #tellDifferences(): void {
    const read = this.#parts.map(({ metadata }) => metadata).filter(({ format }) => format !== '');
    const warn = (what: string, values: readonly (string | undefined)[]) => {
      const told = [...new Set(values.filter((value) => value !== undefined))];
      if (told.length < 2) return;
      this.#store.diagnostics.push({
        severity: 'warning',
        message: `The files differ in their ${what} (${told.join(', ')}). Their times are shown as they stand, and may not be of the same clock.`,
      });
    };
    warn(
      'format',
      read.map(({ format }) => format),
    );
    for (const fact of CLOCK_FACTS) {
      warn(
        fact,
        read.map(({ properties }) => properties.get(fact)),
      );
    }
  }
}

function part(name: string, sizeBytes: number | undefined, steps: AsyncGenerator<number>): Part {
  return {
    name,
    sizeBytes,
    steps,
    metadata: new PartMetadata(),
    doneBytes: 0,
    latestNs: -Infinity,
    isDone: false,
    failure: undefined,
  };
}

/** The events of a file that is given twice would count twice. */
function requireDistinct(sources: readonly ByteSource[]): void {
  const seen = new Map<string, string>();
  for (const { name, path } of sources) {
    if (path === undefined) continue;
    const file = realPath(path);
    const before = seen.get(file);
    if (before !== undefined) {
      const also = before === name ? '' : ` (also as ${before})`;
      throw new Failure('wrong-usage', `${name} is given twice${also}: its events would count twice.`);
    }
    seen.set(file, name);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is gone or may not be looked at: reading it will say so.
    return path;
  }
}

/** A remark that several files repeat word for word is about all of them: files of one ring buffer tell its facts each. */
function withoutRepetition(remarks: readonly Diagnostic[]): Diagnostic[] {
  const key = ({ severity, message, line }: Diagnostic) =>
    line === undefined ? `${severity} ${message}` : undefined;
  const files = new Map<string, Set<string>>();
  for (const remark of remarks) {
    const text = key(remark);
    if (text === undefined || remark.source === undefined) continue;
    files.set(text, (files.get(text) ?? new Set<string>()).add(remark.source));
  }
  const told = new Set<string>();
  return remarks.flatMap((remark) => {
    const text = key(remark);
    const sources = text === undefined ? undefined : files.get(text);
    if (text === undefined || sources === undefined || sources.size < 2) return [remark];
    if (told.has(text)) return [];
    told.add(text);
    const { severity, message } = remark;
    const which = listOf(shortNames([...sources]));
    return [{ severity, message: `${message} (${which})` }];
  });
}
