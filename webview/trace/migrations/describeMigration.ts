import { MigrationKind, type MigrationDetail } from '../../../src/protocol/timelineMigrations.js';
import { formatCount, formatDurationExact, formatOffset, formatTimestamp } from '../../common/format.js';
import type { Description } from '../timeline/describe.js';
import type { MarkHit } from './markHit.js';

export function kindTitle(kind: MigrationKind): string {
  switch (kind) {
    case MigrationKind.Forced:
      return 'Forced migration';
    case MigrationKind.Allowed:
      return 'Migration by the load balancer';
    case MigrationKind.Refused:
      return 'Migration refused';
    case MigrationKind.Moved:
      return 'Moved';
  }
}

const plural: Readonly<Record<MigrationKind, string>> = {
  [MigrationKind.Forced]: 'forced migrations',
  [MigrationKind.Allowed]: 'migrations by the load balancer',
  [MigrationKind.Refused]: 'refused migrations',
  [MigrationKind.Moved]: 'moves',
};

export function kindPlural(kind: MigrationKind): string {
  return plural[kind];
}

export function taskText({ comm, pid }: MigrationDetail): string {
  return comm === null ? `pid ${pid}` : `${comm} · ${pid}`;
}

export function routeText({ fromCpu, toCpu }: MigrationDetail): string {
  return `CPU ${fromCpu ?? '?'} → CPU ${toCpu}`;
}

/** Why the load balancer decided so, as far as the record tells; can_migrate_task of kernel/sched/fair.c. */
export function reasonOf({ kind, record }: MigrationDetail): string {
  if (record === null)
    return 'no call of the load balancer: a wakeup, exec, affinity, or a call that was not recorded';
  const { balanceFailed, cacheNiceTries, neverRan } = record;
  const limit = `balancing had failed ${formatCount(balanceFailed)} times, cache_nice_tries is ${formatCount(cacheNiceTries)}`;
  const isPastLimit = balanceFailed > cacheNiceTries;
  switch (kind) {
    case MigrationKind.Forced:
      return isPastLimit ? `cache-hot, but ${limit}` : `marked as forced; ${limit}`;
    case MigrationKind.Allowed:
      return neverRan
        ? `not cache-hot: it has not run since it was forked or moved; ${limit}`
        : `not cache-hot; ${limit}`;
    default:
      return isPastLimit
        ? `not for its cache: it runs, or may not run there; ${limit}`
        : `cache-hot, running, or not allowed there; ${limit}`;
  }
}

/** Time since the task ran last, by the run queue's clock. */
export function deltaText(detail: MigrationDetail): string | null {
  const { record } = detail;
  if (record === null) return null;
  if (record.neverRan) return 'not known: it has not run since it was forked or moved';
  return formatDurationExact(Number(record.delta));
}

/** Whether the trace shows that the task went. */
export function moveText({ kind, move, atNs, record }: MigrationDetail): string {
  if (kind === MigrationKind.Refused) return 'refused';
  if (move === null) {
    return 'no move follows in the trace: the load balancer passes over some tasks that it may take';
  }
  const endNs = atNs + (record?.lat ?? 0);
  return record === null
    ? 'yes'
    : `yes, ${formatDurationExact(Math.max(0, move.atNs - endNs))} after the call`;
}

/** What a mark says. Until the details are here, only what the mark itself knows. */
export function describeMark(
  mark: MarkHit,
  detail: MigrationDetail | undefined,
  baseNs: bigint,
): Description {
  if (mark.count > 1) {
    return {
      title: `${formatCount(mark.count)} ${kindPlural(mark.kind)} to CPU ${mark.cpu}`,
      lines: [
        ['Here', 'zoom in, or double-click, to tell them apart'],
        ['From', formatOffset(mark.startNs)],
        ['To', formatOffset(mark.endNs)],
      ],
    };
  }
  const times: [string, string][] = [
    ['Time', formatOffset(mark.startNs)],
    ['Clock', formatTimestamp(baseNs, mark.startNs)],
  ];
  if (detail === undefined) return { title: `${kindTitle(mark.kind)} to CPU ${mark.cpu}`, lines: times };
  const { record } = detail;
  const ofRecord: [string, string][] =
    record === null
      ? []
      : [
          ['Destination was', record.idle],
          ['Since it ran', deltaText(detail)!],
          ...(record.lat === null
            ? []
            : ([['Call took', formatDurationExact(record.lat)]] as [string, string][])),
          ['Moved', moveText(detail)],
        ];
  return {
    title: `${kindTitle(detail.kind)}: ${taskText(detail)}`,
    lines: [['Route', routeText(detail)], ['Why', reasonOf(detail)], ...ofRecord, ...times],
  };
}

/** One line for the live region of screen readers. */
export function migrationAnnouncement(detail: MigrationDetail): string {
  const { kind, place, total, atNs } = detail;
  return `${kindTitle(kind)} ${formatCount(place)} of ${formatCount(total)}: ${taskText(detail)}, ${routeText(detail)}, at ${formatOffset(atNs)}.`;
}
