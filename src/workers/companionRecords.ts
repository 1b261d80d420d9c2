import { basename } from 'node:path';
import type { TraceSession } from '../analysis/traceSession.js';
import { fileSource, type ByteSource } from '../base/byteSource.js';
import { messageOf } from '../base/errors.js';
import type { RecordsOnTimeline, TimelineMigrations } from '../protocol/timelineMigrations.js';
import { companionsOf } from '../remote/artifacts/belonging.js';
import { recogniseDocument } from '../trace/documentKind.js';
import { importMigrationRecords } from '../trace/migrations/importMigrationRecords.js';

/** A file of migration records to lay on the timeline. */
export interface CompanionFile {
  readonly name: string;
  readonly origin: RecordsOnTimeline['origin'];
  readonly open: () => Promise<ByteSource>;
}

/** Reads the migration records that belong to a trace, one file after the other, once the trace itself has been read. */
export class CompanionRecords {
  readonly #session: TraceSession;
  readonly #tell: (migrations: TimelineMigrations) => void;
  readonly #known = new Set<string>();
  /** The trace has been read: records can be laid on it. */
  begin: () => void = () => undefined;
  /** Settles when the work so far is done. */
  #course = new Promise<void>((resolve) => (this.begin = resolve));

  constructor(session: TraceSession, tell: (migrations: TimelineMigrations) => void) {
    this.#session = session;
    this.#tell = tell;
  }

  /** Looks beside the trace, by the descriptions of what was recorded. */
  find(tracePath: string): void {
    void this.#then(async () => {
      const { traceClock, recordPaths } = await companionsOf(tracePath);
      if (traceClock !== null) this.#session.migrations.adoptClock(traceClock);
      for (const path of recordPaths) {
        await this.#read({ name: path, origin: 'beside', open: () => fileSource(path) });
      }
    });
  }

  /** Settles when they are on the timeline, or it is told why they are not. */
  add(files: readonly CompanionFile[]): Promise<void> {
    return this.#then(async () => {
      for (const file of files) await this.#read(file);
    });
  }

  #then(work: () => Promise<void>): Promise<void> {
    const course = this.#course.then(work);
    // What failed has been told; the next piece of work begins all the same.
    this.#course = course.catch(() => undefined);
    return course;
  }

  async #read({ name, origin, open }: CompanionFile): Promise<void> {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    const { migrations } = this.#session;
    const short = basename(name);
    try {
      const { kind, source } = await recogniseDocument(await open());
      if (kind === 'migrationRecords') migrations.add(short, origin, await importMigrationRecords(source));
      else migrations.refuse(short, origin, 'it is no table of migration records (can_migrate_task).');
    } catch (error) {
      migrations.refuse(short, origin, messageOf(error));
    }
    this.#tell(migrations.summary());
  }
}
