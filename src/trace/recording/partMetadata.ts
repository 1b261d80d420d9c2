/** What each file of a recording tells of it, kept apart while the files take turns. */
import type { Capabilities, TraceMetadata } from '../model/traceMetadata.js';

/** Values of one property that are listed before the rest is only hinted at. */
const LISTED_VALUES = 4;

const ALL: Capabilities = { wakeups: true, prevState: true, priorities: true, textLines: true };

/** One file's facts. Importers write theirs into the store's metadata, so they are put there for their turn. */
export class PartMetadata {
  format = '';
  properties: ReadonlyMap<string, string> = new Map();
  capabilities: Capabilities = ALL;
  overwrittenEvents: number | undefined;
  cpuCount: number | undefined;

  restore(metadata: TraceMetadata): void {
    metadata.format = this.format;
    metadata.capabilities = this.capabilities;
    metadata.overwrittenEvents = this.overwrittenEvents;
    metadata.cpuCount = this.cpuCount;
    metadata.properties.clear();
    for (const [name, value] of this.properties) metadata.properties.set(name, value);
  }

  save(metadata: TraceMetadata): void {
    this.format = metadata.format;
    this.capabilities = metadata.capabilities;
    this.overwrittenEvents = metadata.overwrittenEvents;
    this.cpuCount = metadata.cpuCount;
    this.properties = new Map(metadata.properties);
  }
}

/**
 * The facts of all files together. What one file's format cannot hold is not known of the whole. Overwritten events
 * are the largest number told, not the sum: the files of a ring buffer's CPUs each tell that of the whole buffer.
 */
export function mergeMetadata(parts: readonly PartMetadata[], into: TraceMetadata): void {
  const read = parts.filter(({ format }) => format !== '');
  const can = (what: keyof Capabilities) => read.every(({ capabilities }) => capabilities[what]);
  into.format = [...new Set(read.map(({ format }) => format))].join(' + ');
  into.capabilities = {
    wakeups: can('wakeups'),
    prevState: can('prevState'),
    priorities: can('priorities'),
    textLines: can('textLines'),
  };
  into.overwrittenEvents = largest(read.map(({ overwrittenEvents }) => overwrittenEvents));
  into.cpuCount = largest(read.map(({ cpuCount }) => cpuCount));
  into.properties.clear();
  for (const name of new Set(read.flatMap(({ properties }) => [...properties.keys()]))) {
    const values = read.flatMap(({ properties }) => properties.get(name) ?? []);
    into.properties.set(name, listed([...new Set(values)]));
  }
}

function listed(values: readonly string[]): string {
  const more = values.length > LISTED_VALUES ? ', …' : '';
  return values.slice(0, LISTED_VALUES).join(', ') + more;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const told = values.filter((value) => value !== undefined);
  return told.length === 0 ? undefined : Math.max(...told);
}
