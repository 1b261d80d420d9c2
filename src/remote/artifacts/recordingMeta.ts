import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';

/** A file that is longer is none of ours. */
const MAX_META_BYTES = 4 * 1024 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** ISO 8601, UTC, with milliseconds: `2026-02-03T12:00:00.000Z`. */
const time = v.pipe(v.string(), v.isoTimestamp());
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const text = v.string();

const machineSchema = v.object({
  /** As the user named it: `user@host:port`, or the name in the ssh configuration. */
  name: text,
  hostname: v.nullable(text),
  kernelRelease: v.nullable(text),
  kernelVersion: v.nullable(text),
  architecture: v.nullable(text),
  /** `PRETTY_NAME` of /etc/os-release. */
  distribution: v.nullable(text),
  cpusOnline: v.nullable(count),
  cpuModel: v.nullable(text),
  /** How many of each; threads per core of the first core. */
  topology: v.nullable(
    v.object({ sockets: count, cores: count, threadsPerCore: count, numaNodes: v.nullable(count) }),
  ),
  memoryBytes: v.nullable(count),
  /** Of the kernel, new at each boot: clocks of one boot can be compared. Older descriptions do not have it. */
  bootId: v.optional(v.nullable(text)),
});

const workloadSchema = v.object({
  name: text,
  /** As it was run; a program for `sh` as its text. */
  command: text,
  /** Null: it did not end by itself. */
  exitStatus: v.nullable(count),
  /** Without SIG. */
  endedBySignal: v.nullable(text),
  timedOut: v.boolean(),
  durationMs: count,
  /** The last lines it printed, of both outputs, made printable. */
  outputTail: text,
});

const timesSchema = v.object({
  /** From when on events were recorded, and until when, by our clock. */
  start: time,
  end: time,
  /**
   * The machine's clock less ours, in milliseconds, measured by a question and its answer; it lies within ± the
   * uncertainty. Null: the machine's clock could not be read.
   */
  machineClockOffsetMs: v.nullable(v.number()),
  machineClockUncertaintyMs: v.nullable(v.number()),
});

const eventsSchema = v.object({
  count: v.nullable(count),
  /** `collector`: as they passed it, live; the recording is not read again for that. Null with `count`. */
  countedBy: v.nullable(v.literal('collector')),
  lost: v.nullable(count),
  lostByCpu: v.array(v.object({ cpu: count, lostEvents: count })),
});

/**
 * `NAME.meta.json` beside the recording `NAME`: how it came to be. README.md of this folder explains the fields and shows
 * an example. Holds no secrets: nothing of how the machine is logged in to, no environment.
 */
export const recordingMetaSchema = v.object({
  format: v.literal('kernel-oracle-recording'),
  version: v.literal(1),
  kernelOracleVersion: text,
  recording: v.object({
    fileName: text,
    sizeBytes: count,
    sha256,
    /** What crossed the connection, when the recording was made of it here; compared with the machine's own digest. */
    transfer: v.object({ sizeBytes: count, sha256 }),
  }),
  category: text,
  run: count,
  machine: machineSchema,
  /** The settings as used: `collector` and what it has. */
  collector: v.looseObject({ collector: v.picklist(['tracefs', 'perf', 'perf-map', 'bpftrace']) }),
  workload: v.nullable(workloadSchema),
  times: timesSchema,
  events: eventsSchema,
  /** Tool → version as it tells it. */
  tools: v.record(v.string(), text),
  remarks: v.array(text),
});

export type RecordingMeta = v.InferOutput<typeof recordingMetaSchema>;
export type MachineMeta = RecordingMeta['machine'];
export type WorkloadMeta = NonNullable<RecordingMeta['workload']>;

export function metaPathOf(recordingPath: string): string {
  return `${recordingPath}.meta.json`;
}

/** Written whole or not at all. Failures: `write-failed`. */
export async function writeRecordingMeta(path: string, meta: RecordingMeta): Promise<void> {
  await writeFileAtomically(path, [`${JSON.stringify(v.parse(recordingMetaSchema, meta), null, 2)}\n`]);
}

/** Failures: `file-not-found`, `read-failed`, `too-large`, `bad-input` (which names the field). */
export async function readRecordingMeta(path: string): Promise<RecordingMeta> {
  const parsed = v.safeParse(recordingMetaSchema, parseJson(path, await readText(path)));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure('bad-input', `${path}: ${v.getDotPath(issue) ?? 'the content'}: ${issue.message}`);
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_META_BYTES) {
      throw new Failure('too-large', `${path} is ${size} bytes long: no description of a recording is.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing ? `There is no ${path}.` : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function parseJson(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}
