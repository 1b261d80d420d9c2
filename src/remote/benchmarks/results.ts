import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';

/** The results file: every field is described in README.md of this folder. */

export const RESULTS_FORMAT = 'kernel-oracle benchmark results';
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const text = v.pipe(v.string(), v.maxLength(4000));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite());
const orNull = <T extends v.GenericSchema>(schema: T) => v.optional(v.nullable(schema), null);

const metricSchema = v.object({
  name,
  title: v.optional(text, ''),
  unit: v.optional(v.pipe(v.string(), v.maxLength(40)), ''),
  better: v.picklist(['lower', 'higher', 'neither']),
});

const benchmarkSchema = v.object({
  name,
  title: v.optional(text, ''),
  command: v.optional(text, ''),
  timeLimitMs: orNull(amount),
  /** Name of the metric on which the verdict rests. */
  primary: name,
  metrics: v.pipe(v.array(metricSchema), v.minLength(1), v.maxLength(200)),
});

const factsSchema = v.object({
  kernelVersion: text,
  architecture: text,
  cpuModel: text,
  cpus: orNull(count),
  memoryKb: orNull(count),
  distribution: text,
});

const subjectSchema = v.object({
  id: name,
  label: name,
  machine: v.optional(text, ''),
  /** `uname -r` */
  kernel: v.optional(text, ''),
  variant: orNull(text),
  facts: orNull(factsSchema),
});

const stateSchema = v.object({
  kernel: text,
  bootId: text,
  uptimeS: orNull(amount),
  loadAverage: v.pipe(v.array(amount), v.maxLength(3)),
  governors: v.pipe(v.array(text), v.maxLength(64)),
  /** Mean over the CPUs that tell. */
  frequencyKhz: orNull(amount),
  /** Of the hottest zone. */
  temperatureC: orNull(amount),
  /** Core throttling events since boot, all CPUs together. */
  throttleCount: orNull(count),
  memoryAvailableKb: orNull(count),
});

const timerSchema = v.object({
  /** What took the run time: `date` (to the nanosecond) or `uptime` (to 10 ms). */
  clock: v.picklist(['date', 'uptime']),
  resolutionS: amount,
  /** What an empty command took by the same means just before. */
  overheadS: orNull(amount),
});

const repeatSchema = v.object({
  subject: name,
  benchmark: name,
  phase: v.optional(v.picklist(['warm-up', 'measured']), 'measured'),
  block: v.optional(count, 0),
  /** Counts the starts of the programme: 1, and one more each time it was resumed. */
  session: v.optional(count, 1),
  startedAt: orNull(text),
  failure: orNull(text),
  exitCode: orNull(v.pipe(v.number(), v.integer())),
  values: v.record(name, amount),
  timer: orNull(timerSchema),
  before: orNull(stateSchema),
  after: orNull(stateSchema),
  remarks: v.optional(v.pipe(v.array(text), v.maxLength(50)), []),
});

const distributionSchema = v.object({
  subject: name,
  benchmark: name,
  metric: name,
  count,
  mean: amount,
  /** Bin i is from edges[i] to edges[i + 1]. */
  edges: v.pipe(v.array(amount), v.maxLength(4097)),
  counts: v.pipe(v.array(count), v.maxLength(4096)),
  source: v.optional(text, ''),
});

const resultsSchema = v.object({
  format: v.literal(RESULTS_FORMAT),
  version: v.literal(1),
  generator: v.optional(text, ''),
  createdAt: v.optional(text, ''),
  updatedAt: v.optional(text, ''),
  state: v.optional(v.picklist(['running', 'stopped', 'complete']), 'complete'),
  suite: v.object({
    name,
    digest: v.optional(text, ''),
    seed: v.optional(count, 0),
    repeats: v.optional(count, 0),
    warmUps: v.optional(count, 0),
  }),
  benchmarks: v.pipe(v.array(benchmarkSchema), v.maxLength(1000)),
  subjects: v.pipe(v.array(subjectSchema), v.minLength(1), v.maxLength(1000)),
  repeats: v.pipe(v.array(repeatSchema), v.maxLength(200_000)),
  distributions: v.optional(v.pipe(v.array(distributionSchema), v.maxLength(5000)), []),
});

export type BenchmarkResults = v.InferOutput<typeof resultsSchema>;
export type BenchmarkRecord = v.InferOutput<typeof benchmarkSchema>;
export type MetricRecord = v.InferOutput<typeof metricSchema>;
export type SubjectRecord = v.InferOutput<typeof subjectSchema>;
export type SubjectFacts = v.InferOutput<typeof factsSchema>;
export type RepeatRecord = v.InferOutput<typeof repeatSchema>;
export type MachineState = v.InferOutput<typeof stateSchema>;
export type TimerRecord = v.InferOutput<typeof timerSchema>;
export type Distribution = v.InferOutput<typeof distributionSchema>;

/**
 * Results from their text.
 * @param path for messages
 * Failures: `bad-input`, naming the place in the document.
 */
export function parseResults(source: string, path: string): BenchmarkResults {
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch (error) {
    throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  if (typeof document !== 'object' || document === null || !('format' in document)) {
    throw notResults(path, 'it has no "format"');
  }
  const version = 'version' in document ? document.version : undefined;
  if (document.format === RESULTS_FORMAT && typeof version === 'number' && version > 1) {
    throw new Failure(
      'bad-input',
      `${path} has version ${version} of the results format; this KernelOracle reads version 1. Update it.`,
    );
  }
  const parsed = v.safeParse(resultsSchema, document);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw notResults(path, `${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`);
  }
  checkReferences(parsed.output, path);
  return parsed.output;
}

/** Failures: `file-not-found`, `too-large`, `read-failed`, `bad-input`. */
export async function readResults(path: string): Promise<BenchmarkResults> {
  let source: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      throw new Failure(
        'too-large',
        `${path} is larger than any results file of ours (${MAX_FILE_BYTES} bytes).`,
      );
    }
    source = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return parseResults(source, path);
}

/** The file is there whole or as it was before. */
export function writeResults(path: string, results: BenchmarkResults): Promise<void> {
  return writeFileAtomically(path, [`${JSON.stringify(results, null, 1)}\n`]);
}

function notResults(path: string, why: string): Failure {
  return new Failure('bad-input', `${path} is no file of benchmark results: ${why}.`);
}

/** Names in repeats and distributions must be declared: a misspelt one would be left out without a word. */
function checkReferences(results: BenchmarkResults, path: string): void {
  const subjects = new Set(results.subjects.map(({ id }) => id));
  if (subjects.size < results.subjects.length) throw notResults(path, 'two subjects have the same id');
  const benchmarks = new Map(
    results.benchmarks.map((each) => [each.name, new Set(each.metrics.map((metric) => metric.name))]),
  );
  if (benchmarks.size < results.benchmarks.length)
    throw notResults(path, 'two benchmarks have the same name');
  for (const { name: benchmark, primary } of results.benchmarks) {
    if (benchmarks.get(benchmark)?.has(primary) !== true) {
      throw notResults(path, `the primary metric "${primary}" of "${benchmark}" is none of its metrics`);
    }
  }
  const check = (place: string, subject: string, benchmark: string, metrics: readonly string[]) => {
    const known = benchmarks.get(benchmark);
    if (!subjects.has(subject)) throw notResults(path, `${place}: there is no subject "${subject}"`);
    if (known === undefined) throw notResults(path, `${place}: there is no benchmark "${benchmark}"`);
    const unknown = metrics.find((metric) => !known.has(metric));
    if (unknown !== undefined) throw notResults(path, `${place}: "${benchmark}" has no metric "${unknown}"`);
  };
  for (const [at, { subject, benchmark, values }] of results.repeats.entries()) {
    check(`repeats.${at}`, subject, benchmark, Object.keys(values));
  }
  for (const [at, { subject, benchmark, metric, edges, counts }] of results.distributions.entries()) {
    check(`distributions.${at}`, subject, benchmark, [metric]);
    const rises = edges.every((edge, i) => i === 0 || edge > edges[i - 1]!);
    if (edges.length !== counts.length + 1 || !rises) {
      throw notResults(path, `distributions.${at}: edges must rise, and be one more than counts`);
    }
  }
}
