import { join } from 'node:path';
import type { CollectorSettings } from '../collect/collection.js';
import { SeededRandom } from '../../base/seededRandom.js';
import type { CollectionPlan, PlanCollector, PlanWorkload } from './plan.js';

/** One recording that a plan asks for. */
export interface PlanCell {
  readonly machine: string;
  readonly collector: PlanCollector;
  readonly workload: PlanWorkload;
  /** From 1. */
  readonly run: number;
  /** The recording. */
  readonly path: string;
}

/**
 * What has to be recorded on one machine, in the order in which it is: all collectors of a workload, then the next, then
 * the next run. Shuffled orders differ between machines and are the same for a seed and a machine's name.
 * @param day `2026-02-03`, for the placeholder {date}
 */
export function cellsOf(plan: CollectionPlan, machine: string, day: string): readonly PlanCell[] {
  const cells: PlanCell[] = [];
  for (let run = 1; run <= plan.runs; run += 1) {
    for (const workload of plan.workloads) {
      for (const collector of plan.collectors) {
        const path = recordingPath(plan, { machine, collector, workload, run }, day);
        cells.push({ machine, collector, workload, run, path });
      }
    }
  }
  return plan.order === 'listed' ? cells : new SeededRandom(plan.seed ^ hashOf(machine)).shuffled(cells);
}

function recordingPath(plan: CollectionPlan, cell: Omit<PlanCell, 'path'>, day: string): string {
  const values: Readonly<Record<string, string>> = {
    machine: cell.machine,
    collector: cell.collector.name,
    workload: cell.workload.command.name,
    category: cell.workload.category,
    run: String(cell.run),
    date: day,
  };
  const path = plan.output.replaceAll(/\{(\w+)\}/g, (_all, name: string) => fileNamePart(values[name]!));
  return join(plan.folder, `${path}.${extensionOf(cell.collector.settings)}`);
}

/** What stands for a name in a path: `user@host:22` as `user@host%3A22`, so that no two names become one. */
export function fileNamePart(text: string): string {
  const encoded = [...new TextEncoder().encode(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.@+=,-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return encoded.join('').replace(/^\./, '%2E');
}

/** The ending by which KernelOracle and its editor know the format. */
export function extensionOf(settings: CollectorSettings): string {
  switch (settings.collector) {
    case 'tracefs':
      return settings.format === 'text' ? 'ftrace' : 'trace.dat';
    case 'perf':
      return 'perf.data';
    case 'perf-map':
      return 'sched-map.txt';
    case 'bpftrace':
      return `${settings.program}.csv`;
  }
}

/** FNV-1a, 32 bits: enough to tell machines' orders apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
