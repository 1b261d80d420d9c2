import {
  MIGRATION_KINDS,
  MigrationKind,
  type MigrationDetail,
  type RecordsOnTimeline,
  type TimelineMigrationRequests,
  type TimelineMigrations as TimelineMigrationsTold,
} from '../../protocol/timelineMigrations.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { recordRow } from '../migrationRecords/recordRow.js';
import type { SchedulingModel } from '../schedulingModel.js';
import { layRecords, type LaidRecords } from './laidRecords.js';
import { laneMarks } from './laneMarks.js';
import { MarkList } from './markList.js';
import type { Moves } from './moves.js';

type Params<K extends keyof TimelineMigrationRequests> = TimelineMigrationRequests[K]['params'];
type Result<K extends keyof TimelineMigrationRequests> = TimelineMigrationRequests[K]['result'];

/** All migrations of one kind, in order of time. */
interface KindOfMigrations {
  readonly marks: MarkList;
  /** By item: which of the laid files; of `Moved` none. */
  readonly file: Uint16Array;
  /** By item: place among the file's rows in order of time; of `Moved` place among the trace's moves. */
  readonly at: Uint32Array;
}

/**
 * Migrations of a trace and of the records that belong to it, placed on the lanes of the CPUs that the tasks go to. Costs
 * nothing until records are added or marks are asked for. Queries answer once the trace has been read.
 */
export class TimelineMigrations {
  #model: SchedulingModel | undefined;
  #clock: string | null = null;
  #moves: Moves | undefined;
  readonly #told: RecordsOnTimeline[] = [];
  readonly #laid: LaidRecords[] = [];
  readonly #kinds = new Map<MigrationKind, KindOfMigrations>();

  /** The trace has been read. */
  attach(model: SchedulingModel): void {
    this.#model = model;
    this.#clock = model.store.metadata.properties.get('clock') ?? null;
  }

  /** The trace's description tells the clock that its format does not. */
  adoptClock(clock: string): void {
    this.#clock ??= clock;
  }

  /** Lays the records of a file on the timeline, or says why that cannot be. The trace must have been read. */
  add(name: string, origin: RecordsOnTimeline['origin'], store: MigrationRecordStore): RecordsOnTimeline {
    const model = this.#ready();
    const { told, laid } = layRecords(name, origin, store, {
      moves: this.#movesOf(model),
      baseNs: model.store.baseNs,
      startNs: model.startNs,
      endNs: model.endNs,
      clock: this.#clock,
    });
    this.#told.push(told);
    if (laid !== null) {
      this.#laid.push(laid);
      this.#kinds.clear();
    }
    return told;
  }

  /** A file could not be read. */
  refuse(name: string, origin: RecordsOnTimeline['origin'], reason: string): void {
    const text = `${name}: not drawn: ${reason}`;
    this.#told.push({ name, origin, calls: 0, allowed: 0, forced: null, isDrawn: false, clock: null, text });
  }

  summary(): TimelineMigrationsTold {
    return {
      isReady: this.#model !== undefined,
      moves: this.#model?.migrations.length ?? 0,
      files: [...this.#told],
    };
  }

  marks({ range, columns, cpus, kinds }: Params<'migrationMarks'>): Result<'migrationMarks'> {
    if (this.#model === undefined || !(range.endNs > range.startNs)) return { range, lanes: [] };
    const columnNs = (range.endNs - range.startNs) / columns;
    const wanted = MIGRATION_KINDS.filter((kind) => kinds.includes(kind));
    const lists = wanted.map((kind) => ({ kind, marks: this.#kind(kind).marks }));
    return { range, lanes: cpus.map((cpu) => laneMarks(cpu, lists, range, columnNs)) };
  }

  detail({ kind, item }: Params<'migration'>): MigrationDetail | null {
    if (this.#model === undefined) return null;
    const { marks, file, at } = this.#kind(kind);
    if (item >= marks.length) return null;
    const place = { kind, item, place: item + 1, total: marks.length, atNs: marks.timeNs[item]! };
    return kind === MigrationKind.Moved
      ? this.#moveDetail(this.#model, place, at[item]!)
      : this.#recordDetail(this.#model, place, this.#laid[file[item]!]!, at[item]!);
  }

  step({ kind, fromNs, item, direction }: Params<'stepMigration'>): MigrationDetail | null {
    if (this.#model === undefined) return null;
    const found = this.#kind(kind).marks.step(fromNs, item, direction);
    return found < 0 ? null : this.detail({ kind, item: found });
  }

  #moveDetail(model: SchedulingModel, place: Place, move: number): MigrationDetail {
    const moves = this.#movesOf(model);
    return {
      ...place,
      ...whoIs(model, moves.pid[move]!, null),
      fromCpu: moves.fromCpu[move]!,
      toCpu: moves.toCpu[move]!,
      move: moveAt(model, move),
      record: null,
      file: null,
    };
  }

  #recordDetail(model: SchedulingModel, place: Place, laid: LaidRecords, at: number): MigrationDetail {
    const { store, facts, rows } = laid.calls;
    const row = rows[at]!;
    const record = recordRow(store, facts, row);
    const move = laid.moveOf[at]!;
    return {
      ...place,
      ...whoIs(model, record.pid, record.comm),
      fromCpu: record.srcCpu,
      toCpu: record.dstCpu!,
      move: move < 0 ? null : moveAt(model, move),
      record,
      file: laid.name,
    };
  }

  #kind(kind: MigrationKind): KindOfMigrations {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const made = kind === MigrationKind.Moved ? this.#otherMoves() : this.#decisions(kind);
    this.#kinds.set(kind, made);
    return made;
  }

  /** Moves of the trace that follow from no call in the records. */
  #otherMoves(): KindOfMigrations {
    const moves = this.#movesOf(this.#ready());
    const isDecided = new Uint8Array(moves.length);
    for (const { moveOf } of this.#laid) for (const move of moveOf) if (move >= 0) isDecided[move] = 1;
    const at = Uint32Array.from(isDecided.keys()).filter((move) => isDecided[move] === 0);
    const marks = new MarkList(
      Float64Array.from(at, (move) => moves.timeNs[move]!),
      Uint16Array.from(at, (move) => moves.toCpu[move]!),
    );
    return { marks, file: new Uint16Array(0), at };
  }

  #decisions(kind: MigrationKind): KindOfMigrations {
    const { startNs, endNs } = this.#ready();
    const found: { file: number; at: number; timeNs: number; cpu: number }[] = [];
    this.#laid.forEach(({ calls, timeNs }, file) => {
      const toCpu = calls.store.required('dst_cpu');
      calls.rows.forEach((row, at) => {
        const time = timeNs[at]!;
        if (time < startNs || time > endNs || kindOf(calls.facts, row) !== kind) return;
        found.push({ file, at, timeNs: time, cpu: toCpu.at(row) });
      });
    });
    found.sort((a, b) => a.timeNs - b.timeNs);
    const marks = new MarkList(
      Float64Array.from(found, (each) => each.timeNs),
      Uint16Array.from(found, (each) => each.cpu),
    );
    return {
      marks,
      file: Uint16Array.from(found, (each) => each.file),
      at: Uint32Array.from(found, (each) => each.at),
    };
  }

  #movesOf(model: SchedulingModel): Moves {
    return (this.#moves ??= movesOfTrace(model));
  }

  #ready(): SchedulingModel {
    if (this.#model === undefined) throw new Error('Records are laid on a trace that has been read.');
    return this.#model;
  }
}

type Place = Pick<MigrationDetail, 'kind' | 'item' | 'place' | 'total' | 'atNs'>;

function kindOf(facts: LaidRecords['calls']['facts'], row: number): MigrationKind {
  if (!facts.isMigrated(row)) return MigrationKind.Refused;
  return facts.isForced(row) ? MigrationKind.Forced : MigrationKind.Allowed;
}

function whoIs({ store }: SchedulingModel, pid: number, comm: string | null) {
  const thread = store.tasks.threadOf(pid);
  if (thread <= 0) return { pid, thread: null, comm };
  return { pid, thread, comm: comm ?? store.tasks.threadComm(thread) };
}

function moveAt({ store, migrations }: SchedulingModel, move: number): MigrationDetail['move'] {
  const row = migrations.values[move]!;
  return { atNs: store.timeNs[row]!, ...store.placeOf(store.line[row]!) };
}

function movesOfTrace({ store, migrations }: SchedulingModel): Moves {
  const { length } = migrations;
  const pid = new Uint32Array(length);
  const fromCpu = new Uint16Array(length);
  const toCpu = new Uint16Array(length);
  const timeNs = new Float64Array(length);
  for (let move = 0; move < length; move += 1) {
    const row = migrations.values[move]!;
    const places = store.arg[row]!;
    timeNs[move] = store.timeNs[row]!;
    pid[move] = store.tasks.threadPids[store.tasks.threads[store.subject[row]!]!] ?? 0;
    fromCpu[move] = Math.floor(places / 65536);
    toCpu[move] = places % 65536;
  }
  return { length, timeNs, pid, fromCpu, toCpu };
}
