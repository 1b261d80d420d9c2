import { MigrationKind, type TimelineMigrations } from '../../../src/protocol/timelineMigrations.js';
import { button, dropdown } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { icon } from '../../common/icons.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { TraceModel } from '../model/traceModel.js';
import { addGlyph, paintGlyphs } from './markGlyphs.js';
import { hasMigrations, kindsOf, modeLabels, type MigrationMode } from './migrationModes.js';

/** Which migrations are marked; not there where there are none to mark. */
export function createModeChoice(model: TraceModel, choose: (mode: MigrationMode) => void): HTMLElement {
  const chosen = model.migrationMode.value;
  const select = dropdown('Migrations marked on the CPUs they go to', modeLabels, chosen, choose);
  select.classList.add('migration-choice');
  const show = () => {
    select.hidden = !hasMigrations(model.migrations.value);
    (select as HTMLElement & { value?: string }).value = model.migrationMode.value;
  };
  model.migrationMode.subscribe(show);
  model.migrations.observe(show);
  return select;
}

/** What records are on the timeline and how far their times can be trusted, and the way to add more. */
export function createRecordsSection(model: TraceModel, add: () => void): HTMLElement {
  const content = element('div', {});
  model.migrations.observe((migrations) => replaceContent(content, ...describeFiles(migrations)));
  return element(
    'section',
    { attributes: { 'aria-label': 'Migration records' } },
    element('h4', {}, 'Migration records'),
    content,
    button('Add migration records…', 'Lay records of can_migrate_task on this timeline', add),
  );
}

function describeFiles(migrations: TimelineMigrations | null): HTMLElement[] {
  if (migrations === null || migrations.files.length === 0) {
    const text =
      'None. Records of can_migrate_task that were made together with this trace can be laid on its timeline.';
    return [element('p', { className: 'empty' }, text)];
  }
  const entries = migrations.files.map(({ isDrawn, text }) =>
    element(
      'li',
      { className: `remark ${isDrawn ? 'info' : 'warning'}` },
      icon(isDrawn ? 'info' : 'warning'),
      element('span', { className: 'remark-text' }, text),
    ),
  );
  return [element('ul', { className: 'remarks' }, ...entries)];
}

const legendTexts: readonly (readonly [MigrationKind, string, string])[] = [
  [
    MigrationKind.Forced,
    'Forced',
    'Forced migration: allowed although the task was cache-hot. A bar below tells how many',
  ],
  [
    MigrationKind.Allowed,
    'Load balancer',
    'A migration that the load balancer allowed. A bar below tells how many',
  ],
  [MigrationKind.Moved, 'Moved', 'Another move: sched_migrate_task without a call of the load balancer'],
  [MigrationKind.Refused, 'Refused', 'A call of the load balancer that refused to take the task'],
];

const width = 14;
const height = 12;

/** Entries of the legend for the marks that are on. */
export function createMigrationLegend(theme: Signal<Theme>, model: TraceModel): HTMLElement[] {
  const items = legendTexts.map(([kind, label, title]) => {
    const canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
    return { kind, canvas, item: element('li', { title, className: 'migration-key' }, canvas, label) };
  });
  const show = () => {
    const { value: migrations } = model.migrations;
    const kinds = hasMigrations(migrations) ? kindsOf(model.migrationMode.value) : [];
    for (const { kind, item } of items) item.hidden = !kinds.includes(kind);
  };
  model.migrations.observe(show);
  model.migrationMode.subscribe(show);
  theme.observe((value) => {
    for (const { kind, canvas } of items) drawKey(canvas, kind, value);
  });
  return items.map(({ item }) => item);
}

function drawKey(target: HTMLCanvasElement, kind: MigrationKind, theme: Theme): void {
  const ratio = Math.max(1, Math.round(window.devicePixelRatio));
  target.width = width * ratio;
  target.height = height * ratio;
  target.style.width = `${width}px`;
  target.style.height = `${height}px`;
  const context = target.getContext('2d');
  if (context === null) return;
  const path = new Path2D();
  const top = kind === MigrationKind.Forced ? 1 : 3;
  addGlyph(path, kind, (width / 2) * ratio, top * ratio, ratio);
  paintGlyphs(context, path, kind, theme, ratio);
}
