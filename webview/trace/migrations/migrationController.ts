import { MigrationKind, type MigrationDetail } from '../../../src/protocol/timelineMigrations.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';
import { readMigrations } from '../model/validate.js';
import type { TimelineView } from '../timeline/timelineView.js';
import { around, centredOn, minimumSpanNs, span } from '../timeline/viewport.js';
import { kindPlural, migrationAnnouncement } from './describeMigration.js';
import type { MarkHit } from './markHit.js';
import { isMigrationMode, usualMode, type MigrationMode } from './migrationModes.js';

/** Which migrations there are, which are marked, and which one is selected. */
export class MigrationController {
  readonly #model: TraceModel;
  readonly #client: TraceClient;
  readonly #timeline: () => TimelineView;
  readonly #showDetails: () => void;
  #isChosen = false;
  #wasComplete = false;
  #version = 0;

  constructor(model: TraceModel, client: TraceClient, timeline: () => TimelineView, showDetails: () => void) {
    this.#model = model;
    this.#client = client;
    this.#timeline = timeline;
    this.#showDetails = showDetails;
    model.slice.subscribe((slice) => {
      if (slice !== null) model.migration.set(null);
    });
    model.summary.subscribe((summary) => {
      const isComplete = summary?.complete === true;
      if (isComplete && !this.#wasComplete) void this.#ask();
      this.#wasComplete = isComplete;
    });
  }

  /** What the user chose; undefined: nothing yet. */
  get chosen(): MigrationMode | undefined {
    return this.#isChosen ? this.#model.migrationMode.value : undefined;
  }

  restore(mode: string | undefined): void {
    if (isMigrationMode(mode)) this.choose(mode);
  }

  choose(mode: MigrationMode): void {
    this.#isChosen = true;
    this.#model.migrationMode.set(mode);
  }

  /** What the worker told of the records; anything else is no news. */
  accept(payload: unknown): void {
    const told = readMigrations(payload);
    if (told === null) return;
    const before = this.#model.migrations.value?.files.length ?? 0;
    this.#model.migrations.set(told);
    if (!this.#isChosen) this.#model.migrationMode.set(usualMode(told));
    const newest = told.files.at(-1);
    if (newest !== undefined && told.files.length > before) this.#model.announce(newest.text);
  }

  /** Selects what was clicked on; of several the first. */
  async click({ kind, item, count }: MarkHit): Promise<void> {
    const version = ++this.#version;
    const detail = await this.#client.ask('migration', { kind, item });
    if (version !== this.#version || detail === undefined || detail === null) return;
    this.#select(detail);
    if (count > 1) {
      this.#model.note(
        `${count} ${kindPlural(kind)} stand here; this is the first. Zoom in to tell them apart.`,
      );
    }
  }

  /** Fills the view with those that a mark stands for. */
  async zoomTo(mark: MarkHit): Promise<void> {
    await this.click(mark);
    if (mark.count < 2) return;
    const endNs = Math.max(mark.endNs, mark.startNs + minimumSpanNs);
    this.#timeline().goTo(around({ startNs: mark.startNs, endNs }));
  }

  /** Goes to the next or previous forced migration, of whatever CPU. */
  async stepForced(direction: 1 | -1): Promise<void> {
    const version = ++this.#version;
    const kind = MigrationKind.Forced;
    const selected = this.#model.migration.value;
    const view = this.#timeline().target;
    // From what is selected, else into what is in sight.
    const edgeNs = direction === 1 ? view.startNs : view.endNs;
    const fromNs = selected?.atNs ?? this.#model.slice.value?.detail.startNs ?? edgeNs;
    const item = selected?.kind === kind ? selected.item : null;
    const detail = await this.#client.ask('stepMigration', { kind, fromNs, item, direction });
    if (version !== this.#version || detail === undefined) return;
    if (detail === null) {
      this.#model.note(this.#whyNone(direction));
      return;
    }
    if (this.#model.migrationMode.value === 'off') this.choose('balancer');
    this.#select(detail);
    const shown = this.#timeline().target;
    const room = span(shown) * 0.02;
    const isInSight = detail.atNs >= shown.startNs + room && detail.atNs <= shown.endNs - room;
    if (!isInSight) this.#timeline().goTo(centredOn(shown, { startNs: detail.atNs, endNs: detail.atNs }));
    this.#timeline().revealCpu(detail.toCpu);
  }

  async #ask(): Promise<void> {
    const told = await this.#client.ask('migrations', {});
    if (told !== undefined) this.accept(told);
  }

  #whyNone(direction: 1 | -1): string {
    const files = this.#model.migrations.value?.files ?? [];
    if (!files.some(({ isDrawn }) => isDrawn)) {
      return 'No migration records are on this timeline. Add some under "Trace", below.';
    }
    if (files.every(({ forced }) => forced === 0)) return 'The records hold no forced migration.';
    return direction === 1 ? 'There is no later forced migration.' : 'There is no earlier forced migration.';
  }

  #select(detail: MigrationDetail): void {
    const { slice, thread, migration } = this.#model;
    slice.set(null);
    thread.set(detail.thread);
    migration.set(detail);
    this.#model.announce(migrationAnnouncement(detail));
    this.#showDetails();
  }
}
