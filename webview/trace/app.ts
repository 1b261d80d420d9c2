import type { TraceSummary, CpuRow, TraceViewState } from '../../src/protocol/traceMessages.js';
import { element, isTyping } from '../common/dom.js';
import type { Host } from '../common/host.js';
import { createNotices } from '../common/notices.js';
import { debounce, Signal } from '../common/signal.js';
import { Splitter } from '../common/splitter.js';
import type { Theme } from '../common/theme.js';
import { createBanner } from './chrome/banner.js';
import { Help } from './chrome/help.js';
import { createLegend } from './chrome/legend.js';
import { createCurtain, createReadingBar } from './chrome/progress.js';
import { Search } from './chrome/search.js';
import { createTimeModeChoice, createToolbar } from './chrome/toolbar.js';
import { MigrationController } from './migrations/migrationController.js';
import {
  createMigrationLegend,
  createModeChoice,
  createRecordsSection,
} from './migrations/migrationControls.js';
import { ThreadDirectory } from './model/threadDirectory.js';
import { TraceClient, type TraceMessenger } from './model/traceClient.js';
import { TraceModel } from './model/traceModel.js';
import { readFailure, readReveal, readSummary, readViewState } from './model/validate.js';
import { CpuPanel } from './panels/cpuPanel.js';
import { DetailsPanel } from './panels/detailsPanel.js';
import { LatencyPanel } from './panels/latencyPanel.js';
import { PanelArea } from './panels/panelArea.js';
import { TaskPanel } from './panels/taskTable.js';
import { TracePanel } from './panels/tracePanel.js';
import { WakersPanel } from './panels/wakersPanel.js';
import { tellCursor, tellPress, tellSelection } from './rangeExport.js';
import { SelectionController } from './selection.js';
import { actionOf, type KeyActions } from './timeline/keyboard.js';
import { TimelineView } from './timeline/timelineView.js';
import { around, fitted, panned, span, zoomed } from './timeline/viewport.js';

/** The trace view: builds the parts, and carries what one does to the others. */
export class TraceApp {
  readonly element: HTMLElement;
  readonly model = new TraceModel();
  readonly timeline: TimelineView;
  readonly #host: Host;
  readonly #messenger: TraceMessenger;
  readonly #client: TraceClient;
  readonly #directory: ThreadDirectory;
  readonly #cpuRows = new Signal<readonly CpuRow[]>([]);
  readonly #selection: SelectionController;
  readonly #migrations: MigrationController;
  readonly #panels: PanelArea;
  readonly #tasks: TaskPanel;
  readonly #latency: LatencyPanel;
  readonly #wakers: WakersPanel;
  readonly #search: Search;
  readonly #help = new Help();
  /** A wish of the host that came before the trace. */
  #revealLater: unknown = null;
  /** Events that the statistics were asked for last time. */
  #statisticsOfEvents = 0;

  constructor(host: Host, messenger: TraceMessenger, theme: Signal<Theme>) {
    const { model } = this;
    this.#host = host;
    this.#messenger = messenger;
    this.#client = new TraceClient(messenger, model);
    this.#directory = new ThreadDirectory(this.#client);
    this.#selection = new SelectionController(
      model,
      this.#client,
      () => this.timeline,
      () => this.#panels.select('details'),
    );
    this.#migrations = new MigrationController(
      model,
      this.#client,
      () => this.timeline,
      () => this.#panels.select('details'),
    );
    const selectThread = (thread: number) => void this.#selection.selectThread(thread);
    this.timeline = new TimelineView({
      model,
      theme,
      client: this.#client,
      directory: this.#directory,
      cpuRows: this.#cpuRows,
      corner: createTimeModeChoice(model),
      onClick: (hit) =>
        void (hit?.mark == null ? this.#selection.click(hit) : this.#migrations.click(hit.mark)),
      onDoubleClick: (hit) =>
        void (hit?.mark == null ? this.#selection.zoomTo(hit) : this.#migrations.zoomTo(hit.mark)),
      onMenuPress: (hit) => tellPress(this.#client, hit),
    });
    this.#search = new Search({
      client: this.#client,
      directory: this.#directory,
      theme,
      choose: selectThread,
      leave: () => this.timeline.area.focus(),
    });
    this.#tasks = new TaskPanel({
      model,
      client: this.#client,
      directory: this.#directory,
      themeKind: () => theme.value.kind,
      selectThread,
      jump: (thread, wait) => void this.#selection.jumpToWait(thread, wait),
    });
    this.#latency = new LatencyPanel(model, this.#client, this.#directory, theme);
    this.#wakers = new WakersPanel(model, this.#client, selectThread);
    const showLine = (line: number, source: number) => void this.#client.ask('showLine', { line, source });
    const details = new DetailsPanel(model, theme, {
      jumpToThread: (thread, atNs) => void this.#selection.jump({ kind: 'thread', thread }, atNs),
      jumpToCpu: (cpu, atNs) => void this.#selection.jump({ kind: 'cpu', cpu }, atNs),
      step: (direction) => void this.#selection.step(direction),
      stepForced: (direction) => void this.#migrations.stepForced(direction),
      showLine,
      selectRange: (startNs, endNs) => model.selection.set({ startNs, endNs }),
    });
    const records = createRecordsSection(model, () => void this.#client.ask('addMigrationRecords', {}));
    this.#panels = new PanelArea(
      model,
      {
        tasks: this.#tasks.element,
        latency: this.#latency.element,
        cpus: new CpuPanel(this.#cpuRows).element,
        wakers: this.#wakers.element,
        details: details.element,
        trace: new TracePanel(model, records, showLine).element,
      },
      () => this.#reloadShown(),
      () => this.#selection.fit(),
    );
    this.element = this.#layout(theme);
    theme.subscribe(() => this.#tasks.reload());
    this.#follow();
    this.#restore();
    tellSelection(model, this.#client, this.timeline.element);
    tellCursor(model, this.#client);
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Asks for the trace; the rest comes as events. */
  async start(): Promise<void> {
    this.#messenger.on('updated', (payload) => this.#accept(payload));
    this.#messenger.on('migrationsUpdated', (payload) => this.#migrations.accept(payload));
    this.#messenger.on('failed', (payload) => this.model.failure.set(readFailure(payload).message));
    this.#messenger.on('reveal', (payload) => this.#reveal(payload));
    try {
      this.#accept(await this.#client.request('summary', {}));
    } catch (error) {
      this.model.failure.set(error instanceof Error ? error.message : String(error));
    }
  }

  #accept(payload: unknown): void {
    const summary = readSummary(payload);
    if (summary === null) {
      this.model.complain('The extension sent a message that this view does not understand.');
      return;
    }
    this.model.summary.set(summary);
    this.#directory.refresh();
    this.#refreshStatistics(summary);
    const later = this.#revealLater;
    this.#revealLater = null;
    if (later !== null) this.#reveal(later);
  }

  #reveal(payload: unknown): void {
    const reveal = readReveal(payload);
    if (reveal === null) return;
    if (this.model.summary.value === null) {
      this.#revealLater = payload;
      return;
    }
    const { range, thread, moment } = reveal;
    if (moment !== undefined) {
      void this.#selection.jump({ kind: 'cpu', cpu: moment.cpu }, moment.atNs).then(() => {
        if (range !== null) this.timeline.goTo(range);
      });
    } else if (range !== null && thread !== null) {
      void this.#selection
        .jump({ kind: 'thread', thread }, range.startNs)
        .then(() => this.timeline.goTo(around(range)));
    } else if (range !== null) {
      this.timeline.goTo(around(range));
      this.model.selection.set(range);
    } else if (thread !== null) void this.#selection.selectThread(thread);
  }

  #layout(theme: Signal<Theme>): HTMLElement {
    const choice = createModeChoice(this.model, (mode) => this.#migrations.choose(mode));
    const toolbar = createToolbar(this.model, this.#search.element, choice, {
      ...this.#keyActions(),
      exportRange: (range) => void this.#client.ask('exportRange', { range }),
    });
    const upper = element(
      'div',
      { className: 'upper' },
      this.timeline.element,
      createLegend(theme, createMigrationLegend(theme, this.model)),
    );
    const splitter = new Splitter({
      label: 'Height of the statistics',
      minimumPx: 110,
      total: () => upper.offsetHeight + this.#panels.element.offsetHeight,
      preferred: () => Math.round((upper.offsetHeight + this.#panels.element.offsetHeight) * 0.36),
      apply: (sizePx) => {
        this.#panels.element.style.height = `${sizePx}px`;
      },
    });
    const root = element(
      'main',
      { className: 'trace-view' },
      toolbar,
      createReadingBar(this.model),
      createBanner(this.model, () => this.#panels.select('trace')),
      upper,
      splitter.element,
      this.#panels.element,
      createCurtain(this.model),
      createNotices(this.model),
      this.timeline.tooltip.element,
      this.#help.element,
    );
    splitter.follow(root);
    return root;
  }

  #follow(): void {
    const { model } = this;
    model.selection.subscribe((selection) => {
      this.#reloadStatistics();
      model.announce(
        selection === null
          ? 'Range cleared: statistics are of the whole trace.'
          : 'Range selected: statistics are of the range only.',
      );
    });
    const save = debounce(250, () => this.#save());
    for (const signal of [model.view, model.selection, model.thread, model.migrationMode, this.#tasks.filter])
      signal.subscribe(save);
  }

  /**
   * While the file is being read, statistics of all that was read cost the more, the more there is. They are asked
   * for when it has doubled, so that all of them together cost about as much as the last.
   */
  #refreshStatistics({ events, complete }: TraceSummary): void {
    const known = this.#statisticsOfEvents;
    // Fewer than before: the file is being read again.
    if (events === 0 || (!complete && events >= known && events < 2 * known)) return;
    this.#statisticsOfEvents = events;
    this.#reloadStatistics();
  }

  #reloadStatistics(): void {
    void this.#reloadCpus();
    this.#reloadShown();
  }

  /** Only the tab in sight asks; the others do when they are opened. */
  #reloadShown(): void {
    if (this.model.summary.value === null) return;
    const shown = this.#panels.selected;
    if (shown === 'tasks') this.#tasks.reload();
    else if (shown === 'latency') void this.#latency.reload();
    else if (shown === 'wakers') void this.#wakers.reload();
  }

  async #reloadCpus(): Promise<void> {
    const range = this.model.selection.value;
    const answer = await this.#client.ask('cpus', { range });
    if (answer !== undefined && range === this.model.selection.value) this.#cpuRows.set(answer.rows);
  }

  #restore(): void {
    const state = readViewState(this.#host.readState());
    if (state === null) return;
    if (state.range !== null) {
      this.timeline.restore(state.range);
    }
    this.model.selection.set(state.selection);
    this.model.thread.set(state.thread);
    this.#tasks.restoreFilter(state.filter);
    this.#migrations.restore(state.migrations);
  }

  #save(): void {
    const { view, selection, thread } = this.model;
    // What is shown of a part is not what the user will want to come back to.
    if (this.model.summary.value?.complete !== true) return;
    const range = this.timeline.touched ? view.value : null;
    const state: TraceViewState = {
      range,
      selection: selection.value,
      thread: thread.value,
      filter: this.#tasks.filter.value,
      migrations: this.#migrations.chosen,
    };
    this.#host.writeState(state);
  }

  #keyActions(): KeyActions & { toggleCompact: () => void } {
    const { timeline, model } = this;
    const move = (change: (view: typeof timeline.target) => typeof timeline.target) =>
      timeline.goTo(change(timeline.target));
    return {
      zoom: (factor) => move((view) => zoomed(view, view.startNs + span(view) / 2, factor)),
      pan: (share) => move((view) => panned(view, span(view) * share)),
      scroll: (dy) => timeline.scrollBy(dy),
      toStart: () => move((view) => panned(view, fitted(model.bounds).startNs - view.startNs)),
      toEnd: () => move((view) => panned(view, fitted(model.bounds).endNs - view.endNs)),
      fit: () => this.#selection.fit(),
      markRange: () => this.#selection.markRange(),
      step: (direction) => void this.#selection.step(direction),
      stepForced: (direction) => void this.#migrations.stepForced(direction),
      search: () => this.#search.focus(),
      help: () => this.#help.toggle(),
      openDetails: () => this.#panels.focusDetails(),
      clear: () => this.#selection.clear(),
      toggleCompact: () => timeline.setCompact(!timeline.compact),
    };
  }

  #onKey(event: KeyboardEvent): void {
    // The dialog closes itself on Escape; nothing else reaches through it.
    if (event.defaultPrevented || isTyping(event.target) || this.#help.open) return;
    const { target } = event;
    const inTimeline =
      target === document.body || (target instanceof Node && this.timeline.area.contains(target));
    const action = actionOf(event, inTimeline);
    if (action === undefined) return;
    event.preventDefault();
    action(this.#keyActions(), event.shiftKey);
  }
}
