import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { metaPathOf, readRecordingMeta, type RecordingMeta } from './recordingMeta.js';

/** What was recorded on a machine while a trace was. */
export interface Companions {
  /** The trace's clock as its description tells it; null: it does not. */
  readonly traceClock: string | null;
  /** Migration records of the same boot and time. */
  readonly recordPaths: readonly string[];
}

const NONE: Companions = { traceClock: null, recordPaths: [] };
/** More files in a folder are an archive: what belongs to a trace is chosen by hand there. */
const MOST_DESCRIPTIONS = 2000;
const META_ENDING = '.meta.json';

/**
 * The migration records in the folder of a trace that were recorded together with it, by the descriptions of both. What has no
 * description, or one that cannot be read, belongs to nothing: this is a search, and it never fails.
 */
export async function companionsOf(tracePath: string): Promise<Companions> {
  const trace = await readMeta(tracePath);
  if (trace === undefined) return NONE;
  const folder = dirname(tracePath);
  const own = basename(tracePath);
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => name.endsWith(META_ENDING))
    .map((name) => name.slice(0, -META_ENDING.length))
    .filter((name) => name !== own);
  const recordPaths: string[] = [];
  for (const name of names.sort().slice(0, MOST_DESCRIPTIONS)) {
    const path = join(folder, name);
    const meta = await readMeta(path);
    if (meta !== undefined && isMigrationRecords(meta) && belongTogether(trace, meta)) recordPaths.push(path);
  }
  return { traceClock: clockOf(trace), recordPaths };
}

/**
 * Whether two recordings are of the same boot of a machine and of overlapping times. Where a description does not tell the boot,
 * what it tells of the machine must agree.
 */
export function belongTogether(a: RecordingMeta, b: RecordingMeta): boolean {
  return isSameBoot(a.machine, b.machine) && doOverlap(a.times, b.times);
}

function isSameBoot(a: RecordingMeta['machine'], b: RecordingMeta['machine']): boolean {
  const [bootA, bootB] = [a.bootId ?? null, b.bootId ?? null];
  if (bootA !== null && bootB !== null) return bootA === bootB;
  const facts = ['name', 'hostname', 'kernelRelease', 'kernelVersion', 'cpusOnline', 'memoryBytes'] as const;
  return facts.every((fact) => a[fact] === b[fact]);
}

/** Both times are of our own clock: the machine's does not come into it. */
function doOverlap(a: RecordingMeta['times'], b: RecordingMeta['times']): boolean {
  return Date.parse(a.start) < Date.parse(b.end) && Date.parse(b.start) < Date.parse(a.end);
}

function isMigrationRecords({ collector }: RecordingMeta): boolean {
  return collector.collector === 'bpftrace' && collector['program'] === 'can_migrate_task';
}

function clockOf({ collector }: RecordingMeta): string | null {
  const { clock } = collector;
  return collector.collector === 'tracefs' && typeof clock === 'string' ? clock : null;
}

async function readMeta(recordingPath: string): Promise<RecordingMeta | undefined> {
  return readRecordingMeta(metaPathOf(recordingPath)).catch(() => undefined);
}
