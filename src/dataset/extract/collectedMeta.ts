/**
 * `NAME.meta.json` beside a recording, as the collectors write it: of its fields, those that a data set needs. The full
 * description belongs to whoever collects; here any later version that keeps these fields is as good.
 */
import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { messageOf } from '../../base/errors.js';

const MAX_META_BYTES = 4 * 1024 * 1024;

const schema = v.object({
  format: v.literal('kernel-oracle-recording'),
  recording: v.object({ sha256: v.string() }),
  category: v.pipe(v.string(), v.minLength(1)),
  run: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  workload: v.nullable(v.object({ name: v.string() })),
  machine: v.optional(v.object({ name: v.string() })),
  collector: v.optional(v.object({ migrationCostNs: v.optional(v.nullable(v.number())) })),
});

export interface CollectedMeta {
  readonly category: string;
  readonly workload: string;
  readonly run: number;
  readonly machine: string | null;
  /** Of the scheduler, where the collector noted it. */
  readonly migrationCostNs: number | null;
  /** Of the recording when it was made. */
  readonly sha256: string;
}

/** The description beside a recording; undefined when there is none, and as text why it cannot be used. */
export async function readCollectedMeta(recordingPath: string): Promise<CollectedMeta | string | undefined> {
  const path = `${recordingPath}.meta.json`;
  try {
    const { size } = await stat(path);
    if (size > MAX_META_BYTES) return `${path} is ${size} bytes long and was not read`;
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
    if (!parsed.success) {
      const [issue] = parsed.issues;
      return `${path} was not used: ${v.getDotPath(issue) ?? 'the content'}: ${issue.message}`;
    }
    const { category, run, workload, machine, collector, recording } = parsed.output;
    return {
      category,
      run,
      workload: workload?.name ?? category,
      machine: machine?.name ?? null,
      migrationCostNs: collector?.migrationCostNs ?? null,
      sha256: recording.sha256,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return `${path} was not used: ${messageOf(error)}`;
  }
}
