import { MigrationKind, type TimelineMigrations } from '../../../src/protocol/timelineMigrations.js';

/** Which migrations are marked: each choice has what the one before has. */
export type MigrationMode = 'off' | 'forced' | 'balancer' | 'all' | 'refused';

export const modeLabels: Readonly<Record<MigrationMode, string>> = {
  off: 'Migrations: off',
  forced: 'Migrations: forced',
  balancer: 'Migrations: load balancer',
  all: 'Migrations: all moves',
  refused: 'Migrations: all, and refused',
};

const kindsByMode: Readonly<Record<MigrationMode, readonly MigrationKind[]>> = {
  off: [],
  forced: [MigrationKind.Forced],
  balancer: [MigrationKind.Allowed, MigrationKind.Forced],
  all: [MigrationKind.Moved, MigrationKind.Allowed, MigrationKind.Forced],
  refused: [MigrationKind.Moved, MigrationKind.Refused, MigrationKind.Allowed, MigrationKind.Forced],
};

export function kindsOf(mode: MigrationMode): readonly MigrationKind[] {
  return kindsByMode[mode];
}

export function isMigrationMode(value: string | undefined): value is MigrationMode {
  return value !== undefined && Object.hasOwn(modeLabels, value);
}

/** What is marked until the user chooses: decisions of the load balancer, where there are any. */
export function usualMode(migrations: TimelineMigrations | null): MigrationMode {
  return migrations?.files.some(({ isDrawn }) => isDrawn) === true ? 'balancer' : 'off';
}

/** Whether there is anything to mark. */
export function hasMigrations(migrations: TimelineMigrations | null): boolean {
  return migrations !== null && (migrations.moves > 0 || migrations.files.length > 0);
}

/** What the user must know: records that are not drawn, and why. */
export function migrationWarnings(migrations: TimelineMigrations | null): string[] {
  return (migrations?.files ?? []).filter(({ isDrawn }) => !isDrawn).map(({ text }) => text);
}
