/** `measured.json`: what a deployed model costs, as it was measured. Plain data, checked when it is read. */
import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { writeFileAtomically } from '../../../base/atomicFile.js';
import { Failure, messageOf } from '../../../base/errors.js';
import { DEPLOYED_MODES, DEPLOYED_WAYS } from '../../../protocol/deployment.js';
import { DEPLOYED_COUNTS, deployedModelSchema } from '../../../protocol/deploymentSchemas.js';
import { LATENCY_PROBES, SEEN } from './probes.js';

export const MEASURED_FORMAT = 'kernel-oracle measured deployment';
export const MEASURED_FILE = 'measured.json';
const MAX_FILE_BYTES = 16 * 1024 * 1024;

const text = v.pipe(v.string(), v.maxLength(4000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const mode = v.picklist(DEPLOYED_MODES);
const probe = v.picklist(LATENCY_PROBES);

/** `DeployedCounts`: of the calls of a repeat, or of several. */
const countsSchema = v.object(DEPLOYED_COUNTS);

const figures = { n: count, medianNs: amount, p99Ns: amount, meanNs: amount };

const repeatSchema = v.object({
  mode,
  probe,
  phase: v.picklist(['warm-up', 'measured']),
  /** Repeats of one block were measured near each other. */
  block: count,
  /** ISO 8601, by our clock. */
  startedAt: text,
  /** Why it has no figures; null: it has. */
  failure: v.nullable(text),
  figures: v.nullable(v.object(figures)),
  /** Entries of the tracer, or calls, that were lost. */
  lost: count,
  counts: v.nullable(countsSchema),
  /** What hung on the function beside the probe, as the kernel lists it. */
  hooks: text,
  remarks: v.pipe(v.array(text), v.maxLength(50)),
});

/** A mode under a probe, all measured repeats together. */
const resultSchema = v.object({
  mode,
  probe,
  /** Of latencies, beside this one. */
  file: text,
  repeats: count,
  lost: count,
  ...figures,
  /** To `off` under the same probe; null for `off` itself, or where that was not measured. */
  ratio: v.nullable(
    v.object({
      ofMedians: amount,
      interval: v.nullable(v.object({ low: amount, high: amount })),
    }),
  ),
  /** How much of the model's time lies between the moments that this probe takes, and why. */
  sees: v.picklist(SEEN),
  sight: text,
});

const share = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1)));

/** Over all repeats of a mode, whichever probe. */
const inKernelSchema = v.object({
  mode,
  counts: countsSchema,
  /** `DeployedAgreement` of these counts; null: the kernel does not tell what the experiment is about, or no record which it is. */
  agreement: v.nullable(
    v.object({
      positive: text,
      positives: count,
      negatives: count,
      accuracy: share,
      /** Of who always says what is more frequent. */
      baseline: share,
      balancedAccuracy: share,
      recall: share,
      precision: share,
    }),
  ),
  /** What the model's hook took for each call that it was asked of, by the kernel's own clock; null: it was asked of none. */
  modelNsPerCall: v.nullable(amount),
});

const measuredSchema = v.object({
  format: v.literal(MEASURED_FORMAT),
  version: v.literal(1),
  generator: text,
  createdAt: text,
  state: v.picklist(['stopped', 'complete']),
  machine: v.object({
    name: text,
    kernel: text,
    cpuModel: v.nullable(text),
    cpus: v.nullable(count),
    /** As `systemd-detect-virt` says: `none`, `kvm`, `qemu`; null: it is not there. */
    virtualisation: v.nullable(text),
    clockSource: v.nullable(text),
  }),
  deployed: v.object({
    way: v.picklist(DEPLOYED_WAYS),
    attachment: v.nullable(v.picklist(['ftrace', 'kretprobe'])),
    model: v.nullable(deployedModelSchema),
    modelBytes: count,
    stateBytes: count,
    forcedBy: v.picklist(['task', 'counter', 'nothing']),
  }),
  workload: text,
  seconds: amount,
  repeatsAskedFor: count,
  warmUps: count,
  seed: count,
  tools: v.record(text, text),
  repeats: v.pipe(v.array(repeatSchema), v.maxLength(10_000)),
  results: v.pipe(v.array(resultSchema), v.maxLength(20)),
  inKernel: v.pipe(v.array(inKernelSchema), v.maxLength(10)),
  remarks: v.pipe(v.array(text), v.maxLength(200)),
});

export type Measured = v.InferOutput<typeof measuredSchema>;
export type MeasuredRepeat = v.InferOutput<typeof repeatSchema>;
export type MeasuredResult = v.InferOutput<typeof resultSchema>;
export type MeasuredInKernel = v.InferOutput<typeof inKernelSchema>;
export type MeasuredMachine = Measured['machine'];

/** Failures: `bad-input`, naming the place in the document. @param path for messages */
export function parseMeasured(source: string, path: string): Measured {
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch (error) {
    throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const parsed = v.safeParse(measuredSchema, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure(
    'bad-input',
    `${path} is not what "deploy measure" writes: ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
  );
}

/** Failures: `file-not-found`, `too-large`, `read-failed`, `bad-input`. */
export async function readMeasured(path: string): Promise<Measured> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      throw new Failure('too-large', `${path} is larger than any that "deploy measure" writes.`);
    }
    return parseMeasured(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** There whole or not at all. Failures: `write-failed`. */
export function writeMeasured(path: string, measured: Measured): Promise<void> {
  return writeFileAtomically(path, [`${JSON.stringify(measured, null, 1)}\n`]);
}
